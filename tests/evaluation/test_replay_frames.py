"""A policy on the frames of a bag."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as parquet
import pytest
from example_bundles import files_of, recon_manifest
from replay_bags import COMMAND, IMAGE, INFO, STORE, TYPES, header, open_bag, twist_stamped

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_scan import scan_mcap
from cairn.episodes.provenance import Attachment
from cairn.evaluation.replay.frame_report import FrameReplay
from cairn.evaluation.replay.gate_replay import GateReplay
from cairn.evaluation.replay.perturbations import DROPPED, FROZEN, PERTURBATIONS
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.settings import GateSettings
from cairn.hardware.twist import Twist
from cairn.policies.bundle import write_bundle

SECOND = 1_000_000_000
PERIOD = SECOND // 4
CAMERA = CameraModel.pinhole(160, 120, 120.0)
GATE = b"/command_gate:\n  ros__parameters: {linear_speed: 0.05, policy_timeout: 0.3, rate: 50.0}\n"


def picture(number: int, width: int = 160, height: int = 120) -> np.ndarray:
    image = np.full((height, width, 3), (90, 120, 80), np.uint8)
    cv2.rectangle(image, (10 + 4 * number, 30), (50 + 4 * number, 90), (200, 40, 30), -1)
    cv2.circle(image, (120 - 3 * number, 50), 14, (30, 60, 220), -1)
    return image


def image_message(time: int, image: np.ndarray) -> bytes:
    height, width = image.shape[:2]
    kind = STORE.types[TYPES[IMAGE]]
    message = kind(header(time, "camera_optical"), height, width, "rgb8", 0, 3 * width, image.reshape(-1))
    return bytes(STORE.serialize_cdr(message, TYPES[IMAGE]))


def info_message(time: int, camera: CameraModel) -> bytes:
    matrix = np.array([camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1.0])
    region = STORE.types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
    fields = (matrix, np.eye(3).ravel(), np.zeros(12), 0, 0, region)
    message = STORE.types[TYPES[INFO]](
        header(time, "camera_optical"), camera.height, camera.width, "plumb_bob", np.zeros(5), *fields
    )
    return bytes(STORE.serialize_cdr(message, TYPES[INFO]))


def record(bag: Path, times: list[int], camera: CameraModel | None = CAMERA, size=(160, 120)) -> Path:
    writer = open_bag(bag, (Attachment("parameters/command_gate.yaml", GATE),))
    for number, time in enumerate(times):
        if camera is not None:
            writer.write(INFO, info_message(time, camera), time, time)
        writer.write(IMAGE, image_message(time, picture(number, *size)), time, time)
        writer.write(COMMAND, twist_stamped(time, 0.1 * number, -0.5), time, time)
    writer.close()
    return bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory) -> Path:
    times = [SECOND + number * PERIOD for number in range(12)]
    return record(tmp_path_factory.mktemp("frames") / "run", times)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    manifest = recon_manifest()
    return str(
        write_bundle(tmp_path_factory.mktemp("bundle") / "recon", manifest, files_of(manifest)).directory
    )


def opened(bag: Path, bundle: str, goal: Path | None = None, **window) -> FrameReplay:
    reader = BagReader(bag)
    return FrameReplay.open(reader, bag, TimeWindow.of(reader, **window), "", bundle, goal)


def run(replay: FrameReplay, perturb: bool = False) -> dict:
    return replay.run(perturb, lambda done, total: None)


def test_a_row_a_frame(bag, bundle, tmp_path) -> None:
    replay = opened(bag, bundle)
    result = run(replay)
    replay.write(tmp_path / "rows.parquet")
    table = parquet.read_table(tmp_path / "rows.parquet")
    rows = table.to_pylist()
    assert [row["stamp"] for row in rows] == pytest.approx([1 + 0.25 * number for number in range(12)])
    assert [row["logged_linear"] for row in rows] == pytest.approx([0.1 * number for number in range(12)])
    assert {row["logged_angular"] for row in rows} == {-0.5}
    assert {row["logged_from"] for row in rows} == {"cmd_vel"}
    assert table.schema.metadata[b"bundle"] == bundle.encode()
    policy, image = replay.policy, picture(3)
    here, goal = policy.encode(image), policy.encode(picture(11))
    seen = policy.compare(here, [goal])
    action = policy.decode(here, seen.latent_mean)
    assert rows[3]["predicted_steps"] == float(seen.steps[0])
    assert rows[3]["predicted_distance"] == float(seen.distance[0])
    assert [rows[3]["action_linear"], rows[3]["action_angular"]] == action.twist[0].tolist()
    assert all(row["latency_ms"] > 0 for row in rows)
    assert all(abs(row["gate_linear"]) <= 0.05 for row in rows)
    assert result["summary"]["frames"] == 12
    assert json.loads((tmp_path / "rows.json").read_text())["goal"] == "last frame"
    assert (tmp_path / "rows.png").read_bytes().startswith(b"\x89PNG")


def test_the_goal_may_be_a_photo(bag, bundle, tmp_path) -> None:
    photo = tmp_path / "goal.png"
    cv2.imwrite(str(photo), cv2.cvtColor(picture(2), cv2.COLOR_RGB2BGR))
    replay = opened(bag, bundle, photo)
    np.testing.assert_array_equal(replay.goal, picture(2))
    assert run(replay)["goal"] == str(photo)


def test_perturbations_are_measured_and_repeat_themselves(bag, bundle, tmp_path) -> None:
    replay = opened(bag, bundle)
    first = run(replay, perturb=True)["perturbed"]
    assert list(first["perturbations"]) == [*PERTURBATIONS, DROPPED, FROZEN]
    assert first["frames"] == 12
    assert first["perturbations"]["rolled 5 degrees"]["distance"]["p95"] > 0
    for changes in first["perturbations"].values():
        for change in changes.values():
            assert 0 <= change["median"] <= change["p95"]
    assert run(opened(bag, bundle), perturb=True)["perturbed"] == first
    written = replay.write(tmp_path)
    assert written[-1].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_perturbation_changes_the_picture_and_depends_on_its_seed_alone(name) -> None:
    image = picture(0)
    before = image.copy()
    once, again = (PERTURBATIONS[name](image, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(once, again)
    assert once.dtype == np.uint8
    if name == "half resolution":
        assert once.shape == (60, 80, 3)
    else:
        assert once.shape == image.shape
        assert np.abs(once.astype(int) - image).mean() > 1


def test_the_gate_limits_refuses_and_times_out() -> None:
    gate = GateReplay(GateSettings(policy_timeout=0.3, linear_speed=0.5, linear_acceleration=20.0))
    assert gate.offer(Twist(0.4, 0.0), 1.0, 1.25).verdict == "passed"
    limited = gate.offer(Twist(0.9, 0.0), 1.25, 1.5)
    assert (limited.verdict, limited.reason, limited.commanded.linear) == ("limited", "linear limit", 0.5)
    refused = gate.offer(Twist(float("nan"), 0.0), 1.5, 1.75)
    assert (refused.verdict, refused.reason) == ("refused", "not finite")
    assert refused.commanded == Twist()
    backward = gate.offer(Twist(0.1, 0.0), 1.0, 1.75)
    assert (backward.verdict, backward.reason) == ("refused", "stamp too old")


def test_time_that_goes_back_is_counted_and_refused_by_the_gate(bundle, tmp_path) -> None:
    bag = record(tmp_path / "back", [2 * SECOND, 2 * SECOND + PERIOD])
    writer = open_bag(tmp_path / "mixed")
    reader = BagReader(bag)
    for message in reader.messages():
        writer.write(message.topic.name, message.data, message.log_time, message.log_time)
    late = 3 * SECOND
    writer.write(IMAGE, image_message(2 * SECOND, picture(5)), late, late)
    writer.close()
    replay = opened(tmp_path / "mixed", bundle)
    assert run(replay)["summary"]["stamps_back"] == 1
    assert replay.rows[-1].gate_verdict == "refused"


def test_a_cut_bag_is_used_up_to_the_cut(bag, bundle, tmp_path) -> None:
    source = next(bag.glob("*.mcap"))
    chunks = scan_mcap(source).chunks
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(source.read_bytes()[: chunks[len(chunks) // 2].index.chunk_start_offset + 40])
    replay = opened(cut, bundle)
    assert 1 <= run(replay)["summary"]["frames"] < 12
    assert "the bag is cut: replayed up to the cut" in replay.notes


def test_a_bag_without_images_or_intrinsics_is_refused(bundle, tmp_path) -> None:
    writer = open_bag(tmp_path / "blind", topics={COMMAND: TYPES[COMMAND]})
    writer.write(COMMAND, twist_stamped(SECOND, 0.0, 0.0), SECOND, SECOND)
    writer.close()
    with pytest.raises(CairnError, match="expected a topic sensors/camera/image in the bag; it has /cmd_vel"):
        opened(tmp_path / "blind", bundle)
    bag = record(tmp_path / "unknown", [SECOND], camera=None)
    with pytest.raises(CairnError, match="needs the intrinsics of the bag's, but the bag has no camera info"):
        opened(bag, "recon")


def test_an_empty_part_is_refused(bundle, tmp_path) -> None:
    times = [SECOND, 9 * SECOND]
    bag = record(tmp_path / "gap", times)
    with pytest.raises(CairnError, match=r"\(2\.0 s\) holds no image on .*: the episode is empty"):
        opened(bag, bundle, start=3.0, duration=2.0)


def test_images_that_are_not_the_camera_s_are_refused(bundle, tmp_path) -> None:
    bag = record(tmp_path / "other", [SECOND], CameraModel.pinhole(320, 240, 100.0))
    with pytest.raises(CairnError, match="images are 160x120, but its camera info says 320x240"):
        opened(bag, bundle)


def test_a_bundle_for_another_camera_is_refused_or_noted(bundle, tmp_path) -> None:
    narrow = CameraModel.pinhole(160, 120, 40.0)
    bag = record(tmp_path / "narrow", [SECOND], narrow)
    with pytest.raises(CairnError, match=r"trained with the camera .* the bag's has 40: choose a bundle"):
        opened(bag, bundle)
    [note] = opened(bag, "recon").notes
    assert note == "the bundle looks 120 degrees wide, the bag's camera 40: the rest is black"


def test_other_bundles_and_photos_are_refused(bag, bundle, tmp_path) -> None:
    with pytest.raises(CairnError, match="must be the directory of a bundle"):
        opened(bag, str(tmp_path / "nothing"))
    with pytest.raises(CairnError, match="must be a file, but there is none"):
        opened(bag, bundle, tmp_path / "nothing.png")
