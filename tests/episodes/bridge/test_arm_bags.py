"""Demonstrations become bags and LeRobot data sets and come back, field by field."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet as pq
import pytest
from bridge_samples import SampleTrajectory, jpeg, opened, real_data
from rosbags.highlevel import AnyReader
from scipy.spatial.transform import Rotation

from cairn.episodes.bag_error import BagError
from cairn.episodes.bridge.arm_bag_messages import DEFINITIONS
from cairn.episodes.bridge.arm_bag_writer import ArmBagWriter
from cairn.episodes.bridge.bridge_conversion import BridgeConversionOptions, convert_bridge
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo
from cairn.episodes.bridge.lerobot_writer import ACTION_NAMES, STATE_NAMES, BridgeLerobotWriter
from cairn.episodes.message_definitions import MessageDefinitions
from cairn.episodes.picture import Picture
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError

TASK = "put the carrot on the plate"


def demonstration(name="carrot", actions=6, cameras=(0, 2), joints=True, stamps=True):
    """As a WidowX gives it: small steps, uneven stamps, and the joints' own account."""
    rng = np.random.default_rng(len(name) + actions)
    steps = []
    for t in range(actions + 1):
        state = np.r_[0.3, 0.0, 0.15, 0.1, -0.2, 0.3, 0.9] + rng.normal(0, 0.02, 7)
        action = np.r_[rng.uniform(-0.05, 0.05, 3), rng.uniform(-0.25, 0.25, 3), t % 2]
        extras = {
            "qpos": widowx_250s().neutral + rng.normal(0, 0.05, 6),
            "qvel": rng.normal(size=6),
            "joint_effort": rng.normal(size=6),
        }
        steps.append(
            BridgeStep(
                {camera: Picture.compressed(jpeg(rng)) for camera in cameras},
                state,
                action if t < actions else None,
                1634567.25 + 0.19 * t + 0.01 * (t % 3) if stamps else None,
                extras=extras if joints else {},
            )
        )
    return SampleTrajectory(BridgeInfo(name, Path("here"), cameras, (TASK,)), steps)


def written(writer, trajectory):
    steps = writer.write(trajectory)
    writer.close()
    assert steps == len(list(trajectory.steps())) - 1
    return writer.left_out


def same_pose(one, other, tolerance):
    np.testing.assert_allclose(one[:3], other[:3], atol=tolerance)
    turned = Rotation.from_euler("xyz", one[3:6]).inv() * Rotation.from_euler("xyz", other[3:6])
    assert turned.magnitude() < tolerance
    assert one[6] == pytest.approx(other[6], abs=max(tolerance, 1e-6))


def compare(before, after, tolerance=1e-7, pictures=True, last=True):
    before, after = list(before.steps()), list(after.steps())
    assert len(after) == len(before) if last else len(before) - 1
    for one, other in zip(before, after, strict=False):
        same_pose(one.state, other.state, tolerance)
        assert (one.action is None) == (other.action is None)
        if one.action is not None:
            same_pose(one.action, other.action, tolerance)
        if one.stamp is not None:
            assert other.stamp == pytest.approx(one.stamp, abs=1e-6)
        assert one.pictures.keys() == other.pictures.keys()
        if pictures:
            assert all(other.pictures[camera].jpeg == one.pictures[camera].jpeg for camera in one.pictures)


def test_a_bag_keeps_all_that_it_can_hold(tmp_path):
    wanted = demonstration()
    assert written(ArmBagWriter(tmp_path), wanted) == {}
    (found,) = opened(tmp_path)
    compare(wanted, found)
    assert found.info.language == (TASK,)
    assert found.info.cameras == (0, 2)
    for one, other in zip(wanted.steps(), found.steps(), strict=True):
        for name in ("qpos", "qvel", "joint_effort"):
            np.testing.assert_array_equal(one.extras[name], other.extras[name])
    assert found.left_out == {}


@pytest.mark.parametrize("through", ["raw", "numpy", "rlds", "lerobot"])
def test_from_a_bag_to_every_format_and_back_to_a_bag(tmp_path, through):
    wanted = demonstration(cameras=(0, 1))
    bags, middle, back = tmp_path / "bags", tmp_path / "middle", tmp_path / "back"
    bags.mkdir()
    written(ArmBagWriter(bags), wanted)
    for source, output, kind in ((bags, middle, through), (middle, back, "bag")):
        report = convert_bridge([source], output, BridgeConversionOptions(kind))
        assert report.problems == []
    (found,) = opened(back)
    assert found.info.language == (TASK,)
    # Where a format has no observation after the last action, the last step becomes that.
    before, after = list(wanted.steps()), list(found.steps())
    short = through in ("rlds", "lerobot")
    assert len(after) == len(before) - short
    for one, other in zip(before, after, strict=False):
        same_pose(one.state, other.state, 1e-6)
        if other.action is not None:
            same_pose(one.action, other.action, 1e-6)
        if through != "rlds":
            assert other.stamp == pytest.approx(one.stamp, abs=1e-6)
    if through == "raw":
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one.extras["qpos"], other.extras["qpos"])
            assert one.pictures[1].jpeg == other.pictures[1].jpeg


def test_an_independent_reader_reads_the_bag(tmp_path):
    wanted = demonstration(joints=False, stamps=False)
    left_out = written(ArmBagWriter(tmp_path), wanted)
    assert left_out == {"stamps, for the source has none: steps are 0.2 s apart": 1}
    with AnyReader([tmp_path / "carrot"]) as reader:
        topics = {name: topic.msgtype for name, topic in reader.topics.items()}
        assert topics == {
            "/arm/state": "cairn_interfaces/msg/ArmState",
            "/arm/hand_pose": "geometry_msgs/msg/PoseStamped",
            "/arm_gate/status": "cairn_interfaces/msg/ArmGateStatus",
            "/arm_gate/teleop": "cairn_interfaces/msg/HandStep",
            "/sensors/camera/image/compressed": "sensor_msgs/msg/CompressedImage",
            "/sensors/camera_2/image/compressed": "sensor_msgs/msg/CompressedImage",
        }
        steps = [
            reader.deserialize(raw, connection.msgtype)
            for connection, _, raw in reader.messages()
            if connection.topic == "/arm_gate/teleop"
        ]
    actions = [step.action for step in wanted.steps() if step.action is not None]
    assert len(steps) == len(actions)
    assert steps[2].translation.z == actions[2][2]
    assert steps[2].rotation.y == actions[2][4]


def test_what_is_embedded_of_our_messages_is_what_is_installed():
    def layout(text):
        lines = (line.split("#")[0].split() for line in text.splitlines())
        return [line for line in lines if line]

    for name, definition in DEFINITIONS.items():
        installed = MessageDefinitions().find(name).split("=" * 80)[0]
        assert layout(definition) == layout(installed), name


def test_lerobot_is_read_by_others(tmp_path):
    wanted = demonstration()
    left_out = written(BridgeLerobotWriter(tmp_path), wanted)
    assert left_out["observation after the last action"] == 1
    info = json.loads((tmp_path / "meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["robot_type"]) == ("v3.0", 5, "widowx")
    assert info["features"]["observation.state"]["names"] == list(STATE_NAMES)
    assert info["features"]["action"]["names"] == list(ACTION_NAMES)
    rows = pq.read_table(tmp_path / "data/chunk-000/file-000.parquet").to_pylist()
    steps = [step for step in wanted.steps() if step.action is not None]
    assert len(rows) == len(steps) == info["total_frames"]
    for row, step in zip(rows, steps, strict=True):
        np.testing.assert_allclose(row["observation.state"], step.state, atol=1e-6)
        np.testing.assert_allclose(row["action"], step.action, atol=1e-6)
    for camera in (0, 2):
        video = tmp_path / f"videos/observation.images.image_{camera}/chunk-000/file-000.mp4"
        with av.open(str(video)) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(frames) == len(steps)
        off = np.abs(frames[3].astype(int) - steps[3].pictures[camera].pixels().astype(int)).mean()
        assert off < 12
    (found,) = opened(tmp_path)
    again = list(found.steps())
    assert [step.stamp for step in again] == [step.stamp for step in steps]
    assert found.info.language == (TASK,)


def test_the_real_demonstrations_survive_bags_and_lerobot(tmp_path):
    real = opened(real_data())
    for kind in ("bag", "lerobot"):
        report = convert_bridge([real_data()], tmp_path / kind, BridgeConversionOptions(kind))
        assert len(report.written) == len(real)
        assert report.problems == []
    bags = {trajectory.info.name.removesuffix("_000"): trajectory for trajectory in opened(tmp_path / "bag")}
    for trajectory in real:
        before, after = list(trajectory.steps()), list(bags[trajectory.info.name].steps())
        assert len(after) == len(before)
        for one, other in zip(before, after, strict=True):
            same_pose(one.state, other.state, 1e-5)
            if other.action is not None:
                same_pose(one.action, other.action, 1e-5)
                assert other.pictures[0].jpeg == one.pictures[0].jpeg
    total = sum(len(list(trajectory.steps())) for trajectory in opened(tmp_path / "lerobot"))
    assert total == sum(len(list(trajectory.steps())) for trajectory in real)


def test_what_can_not_be_is_named(tmp_path):
    crooked = demonstration("crooked")
    steps = list(crooked.steps())
    stamps = [step.stamp for step in steps]
    object.__setattr__(steps[3], "stamp", stamps[1])
    with pytest.raises(CairnError, match="stamps of a demonstration must grow"):
        ArmBagWriter(tmp_path / "out").write(SampleTrajectory(crooked.info, steps))
    assert not (tmp_path / "out" / "crooked").exists()
    lerobot = BridgeLerobotWriter(tmp_path)
    lerobot.write(demonstration())
    with pytest.raises(CairnError, match="of a LeRobot data set has the same cameras"):
        lerobot.write(demonstration("other", cameras=(0,)))
    lerobot.abandon()


def test_a_gap_in_the_pictures_is_damage(tmp_path):
    whole = demonstration("gap", actions=20)
    steps = list(whole.steps())
    for step in steps[10:]:
        object.__setattr__(step, "stamp", step.stamp + 3.0)
    written(ArmBagWriter(tmp_path), SampleTrajectory(whole.info, steps))
    (found,) = opened(tmp_path)
    with pytest.raises(BagError, match="no picture for"):
        list(found.steps())
