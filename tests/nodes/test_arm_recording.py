"""What the launch file of the arm starts records demonstrations in a kitchen, which become training data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from scipy.spatial.transform import Rotation

from cairn.episodes.bridge.bridge_conversion import BridgeConversionOptions, convert_bridge
from cairn.episodes.bridge.open_bridge import bridge_sources
from cairn.hardware.arm.bridge_pose import pose_of_state

pytestmark = pytest.mark.timeout(400)
SCRIPT = """
steps:
  - {wait_for: recorder, within: 120}
  - {wait_for: gate, within: 120}
  - {wait_for: arm, within: 120}
  - {episode: start, task: reach out to the left}
  - {for: 2.0, linear: [0.3, 0.6, 0], angular: [0, 0, 0.5], opening: 0}
  - {for: 1.0, linear: [0, 0, 0.6], opening: 1}
  - {release: 0.4}
  - {episode: success}
  - {episode: keep}
  - {episode: start, task: a failure}
  - {for: 1.0, linear: [0, -0.5, 0]}
  - {episode: failure}
  - {episode: keep}
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arm")
    (folder / "reach.yaml").write_text(SCRIPT)
    arguments = {
        "domain": "oak_table",
        "task": "put_carrot_on_plate",
        "seed": "3",
        "gamepad": "no such pad",
        "script": folder / "reach.yaml",
        "bags": folder,
        "bag": "reach",
    }
    given = [f"{name}:={value}" for name, value in arguments.items()]
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("cairn"), "launch", "arm", *given),
            *("--exit-when", "scripted_operator", "--grace", "20"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder / "reach"


def test_the_bag_has_all_that_a_run_is_judged_by(bag: Path) -> None:
    with AnyReader([bag]) as reader:
        counts: dict[str, int] = {}
        for connection in reader.connections:
            counts[connection.topic] = counts.get(connection.topic, 0) + connection.msgcount
    for topic in (
        "/arm/state",
        "/joint_states",
        "/arm/command",
        "/arm_gate/status",
        "/arm_gate/teleop",
        "/arm_teleop/operator",
        "/arm_teleop/status",
        "/sensors/camera/image/compressed",
        "/sensors/camera/camera_info",
        "/simulation/instruction",
        "/simulation/task_done",
        "/episode/event",
    ):
        assert counts.get(topic), f"{topic} is not in {counts}"


def test_the_kept_episode_becomes_a_demonstration(bag: Path, tmp_path: Path) -> None:
    (opener,) = [opener for source in bridge_sources(bag) for opener in source()]
    demonstration = opener()
    assert demonstration.info.language == ("reach out to the left",)
    steps = list(demonstration.steps())
    assert len(steps) >= 15
    assert steps[0].pictures[0].size == (320, 240)
    gaps = np.diff([step.stamp for step in steps])
    assert np.median(gaps) == pytest.approx(0.2, abs=0.03)
    moved = steps[-1].state - steps[0].state
    assert moved[1] > 0.1
    assert moved[2] > 0.03
    actions = np.array([step.action for step in steps[:-1]])
    # The contract: no faster than .25 m/s and 1.25 rad/s, as many seconds as lie between the pictures.
    assert (np.linalg.norm(actions[:, :3], axis=1) <= 0.25 * gaps + 0.02).all()
    assert (np.linalg.norm(actions[:, 3:6], axis=1) <= 1.25 * gaps + 0.1).all()
    assert {0.0, 1.0} <= set(actions[:, 6])
    # All actions one after the other lead from the first target to the last, and the hand follows.
    start, _ = pose_of_state(steps[0].extras["desired_state"])
    end, _ = pose_of_state(steps[-1].extras["desired_state"])
    turned = start[:3, :3]
    for action in actions:
        turned = Rotation.from_euler("xyz", action[3:6]).as_matrix() @ turned
    np.testing.assert_allclose(start[:3, 3] + actions[:, :3].sum(0), end[:3, 3], atol=1e-6)
    np.testing.assert_allclose(turned, end[:3, :3], atol=1e-6)
    reached, _ = pose_of_state(steps[-1].state)
    assert np.linalg.norm(reached[:3, 3] - end[:3, 3]) < 0.02

    for kind in ("rlds", "raw", "lerobot"):
        report = convert_bridge([bag], tmp_path / kind, BridgeConversionOptions(kind))
        assert report.problems == []
        assert list(report.written.values()) == [len(steps) - 1], kind
