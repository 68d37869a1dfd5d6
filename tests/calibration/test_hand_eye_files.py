from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from rendered_boards import PINHOLE
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from typer.testing import CliRunner

from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import camera_info_document, write_yaml
from cairn.calibration.hand_eye.pose_suggestion import suggest_poses
from cairn.calibration.hand_eye.pose_table import write_poses
from cairn.calibration.hand_eye.rotation_spread import rotation_spread
from cairn.calibration.hand_eye.station_reading import stations_in_bag
from cairn.calibration.transform_file import read_transform
from cairn.cli.calibrate import app
from cairn.evaluation.calibration.benchmark.arm_case import arm_stations, kinematics
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.kinematics import pose_error
from cairn.hardware.arm.widowx_250s import HULL, JOINTS, widowx_250s
from cairn.hardware.errors import CairnError

_STORE = get_typestore(Stores.ROS2_JAZZY)


@pytest.fixture(scope="module")
def shots():
    pictures: dict[str, np.ndarray] = {}
    stations, eye, board = arm_stations(np.random.default_rng(5), PINHOLE, PINHOLE, False, 5, pictures)
    return stations, eye, board, pictures


def _folder(path: Path, shots, count: int) -> None:
    stations, _, _, pictures = shots
    for station in stations[:count]:
        cv2.imwrite(str(path / station.name), pictures[station.name])
    write_poses(path, {station.name: station.hand for station in stations[:count]})
    write_yaml(path / "lens.yaml", camera_info_document(PINHOLE, "side"))


def test_a_folder_becomes_a_transform_and_a_report(tmp_path: Path, shots) -> None:
    _, eye, board, _ = shots
    _folder(tmp_path, shots, 20)
    page, target = tmp_path / "page.html", tmp_path / "side.tf.yaml"
    words = ["hand-eye", str(tmp_path), "--camera", "side", "--mount", "to-hand", "--board", str(board)]
    words += ["--intrinsics", str(tmp_path / "lens.yaml"), "--output", str(target), "--report", str(page)]
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    told = json.loads(done.stdout)
    assert done.exit_code == 0, told["problems"]
    kept = read_transform(target)
    assert (kept.parent, kept.child) == ("base_link", "side_optical")
    off, turned = pose_error(kept.pose, eye)
    assert 1000 * off < told["error_mm"] < 4
    assert np.degrees(turned) < told["error_deg"] < 0.4
    assert kept.details["solvers"].keys() >= {"Tsai-Lenz", "Daniilidis"}
    assert page.read_text().count("data:image/png;base64,") == 3


def test_too_few_poses_are_not_saved(tmp_path: Path, shots) -> None:
    _folder(tmp_path, shots, 9)
    target = tmp_path / "side.tf.yaml"
    words = ["hand-eye", str(tmp_path), "--camera", "side", "--mount", "to-hand", "--board", str(shots[2])]
    words += ["--intrinsics", str(tmp_path / "lens.yaml"), "--output", str(target)]
    done = CliRunner().invoke(app, [*words, "--report", str(tmp_path / "page.html")], catch_exceptions=False)
    assert done.exit_code == 1
    assert "refused: 9 good poses, expected at least 15" in done.stdout
    assert not target.exists()
    assert (tmp_path / "page.html").exists()


def test_a_camera_without_intrinsics_is_told_what_to_do(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path))
    words = ["hand-eye", str(tmp_path), "--camera", "side", "--mount", "to-hand"]
    with pytest.raises(CairnError, match="run `cairn calibrate intrinsics --camera side` first"):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_a_chessboard_is_refused(tmp_path: Path, shots) -> None:
    _folder(tmp_path, shots, 3)
    words = ["hand-eye", str(tmp_path), "--camera", "side", "--mount", "to-hand"]
    words += ["--board", "chessboard:6x5:0.03", "--intrinsics", str(tmp_path / "lens.yaml")]
    with pytest.raises(CalibrationError, match="a plain chessboard looks the same after half a turn"):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_of_a_bag_the_images_of_a_still_arm_are_taken(tmp_path: Path, shots) -> None:
    stations, _, board, pictures = shots
    stops = [np.array(widowx_250s().neutral) + 0.1 * index for index in range(3)]
    bag = _bag(tmp_path / "bag", stops, [pictures[station.name] for station in stations[:3]])
    found = stations_in_bag(bag, BoardDetector(board), PINHOLE, "", JOINTS, kinematics().pose)
    # Of three stops with several images each, one is taken; none on the way.
    assert len(found.stations) == 3
    for station, stop in zip(found.stations, stops, strict=True):
        assert pose_error(station.hand, kinematics().pose(stop.tolist()))[0] < 1e-6


def test_suggested_poses_turn_the_hand_and_stay_in_the_workspace() -> None:
    workspace = Workspace((0.1, -0.25, 0.03), (0.45, 0.25, 0.4), np.array(HULL))

    def in_front(hand: np.ndarray) -> bool:
        return bool(hand[0, 0] > 0.5)

    start = (0.0, -0.4, 0.4, 0.0, 0.2, 0.0)
    chosen = suggest_poses(kinematics(), workspace, start, in_front, 16)
    hands = [kinematics().pose(positions) for positions in chosen]
    assert len(chosen) == 16
    assert all(workspace.holds(hand) and in_front(hand) for hand in hands)
    assert rotation_spread(hands)[1] > 40
    for positions in chosen:
        widowx_250s().check(positions)
    with pytest.raises(CalibrationError, match="expected 16 poses within the workspace"):
        suggest_poses(kinematics(), workspace, start, lambda hand: False, 16)


def _bag(path: Path, stops: list[np.ndarray], images: list[np.ndarray]) -> Path:
    """Joint states at 50 Hz, images at 5 Hz; a second of standing, then one of moving on."""
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        joints = writer.add_connection("/joint_states", "sensor_msgs/msg/JointState", typestore=_STORE)
        camera = writer.add_connection("/camera/image", "sensor_msgs/msg/Image", typestore=_STORE)
        corners = [time for index in range(len(stops)) for time in (3.0 * index, 3.0 * index + 2.0)]
        ways = np.repeat(np.array(stops), 2, axis=0)
        for tick in range(round(50 * corners[-1]) + 1):
            time = tick / 50
            stand = np.array([np.interp(time, corners, ways[:, joint]) for joint in range(len(JOINTS))])
            state = _STORE.types["sensor_msgs/msg/JointState"](
                _header(time), list(JOINTS), stand, np.zeros(0), np.zeros(0)
            )
            _write(writer, joints, time, state)
            if tick % 10 == 0:
                pixels = images[min(int(time / 3.0), len(images) - 1)]
                height, width, _ = pixels.shape
                image = _STORE.types["sensor_msgs/msg/Image"](
                    _header(time), height, width, "rgb8", 0, 3 * width, pixels.reshape(-1)
                )
                _write(writer, camera, time, image)
    return path


def _header(time: float):
    whole = int(time)
    stamp = _STORE.types["builtin_interfaces/msg/Time"](1_700_000_000 + whole, round((time - whole) * 1e9))
    return _STORE.types["std_msgs/msg/Header"](stamp, "camera_optical")


def _write(writer: Writer, connection, time: float, message) -> None:
    data = _STORE.serialize_cdr(message, connection.msgtype)
    writer.write(connection, round((1_700_000_000 + time) * 1e9), data)
