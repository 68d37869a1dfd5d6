"""Stations from a folder of images with poses, or from a bag with joint states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.board.diagnosis import diagnose
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.hand_eye.pose_table import FILE, read_poses
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.image_source import NamedImage, images_in
from cairn.episodes.bag_reader import BagReader
from cairn.hardware.camera_model import CameraModel

_STILL = 0.004  # [rad] that any joint may seem to move while it stands: two or three steps of an encoder
_SETTLED = 0.3  # [s] before and after an image in which no joint may move
_APART = 0.05  # [rad] between two stations, in any joint
_JOINT_STATE = "sensor_msgs/msg/JointState"
_WORST = 2.0  # [pixels] of a board that fits no pose


@dataclass(frozen=True, eq=False)
class StationSet:
    """Stations, their images by name, and by image why it was not used."""

    stations: tuple[Station, ...]
    pictures: dict[str, NDArray[np.uint8]]
    unused: dict[str, str]


def stations_in_folder(folder: Path, detector: BoardDetector, camera: CameraModel) -> StationSet:
    """Images of a folder with the hand's poses in its `poses.csv`.

    Raises CalibrationError for a bad table, images that aren't there, and a board that is not the one said.
    """
    poses = read_poses(folder)
    images = {image.name: image for image in images_in(folder)}
    if lacking := [name for name in poses if name not in images]:
        raise CalibrationError(f"{folder / FILE} names images that are not there: {', '.join(lacking[:5])}")
    return _stations([(images[name], pose) for name, pose in poses.items()], detector, camera)


def stations_in_bag(
    bag: Path,
    detector: BoardDetector,
    camera: CameraModel,
    topic: str,
    joint_names: Sequence[str],
    forward: Callable[[Sequence[float]], NDArray[np.float64]],
) -> StationSet:
    """Images of a bag that were taken while the arm stood still, one for each pose of the arm.

    Args:
        bag: with images and joint states.
        detector: of the board.
        camera: its intrinsics.
        topic: of the images; may be "" where there is only one.
        joint_names: of the arm, in the order that `forward` takes.
        forward: from joint positions [rad] to the hand's pose (4, 4).

    Raises CalibrationError when the bag lacks either, BagError for a bad bag.
    """
    times, positions = _joints(BagReader(bag), joint_names)
    chosen: list[tuple[NamedImage, NDArray[np.float64]]] = []
    last: NDArray[np.float64] | None = None
    for image in images_in(bag, topic):
        assert image.stamp is not None
        around = np.abs(times - image.stamp) <= _SETTLED
        covered = times[0] + _SETTLED <= image.stamp <= times[-1] - _SETTLED
        if around.sum() < 3 or not covered:
            continue
        near = positions[around]
        if np.ptp(near, axis=0).max() > _STILL:
            continue
        stand = np.median(near, axis=0)
        if last is not None and np.abs(stand - last).max() < _APART:
            continue
        last = stand
        chosen.append((image, forward(stand.tolist())))
    if not chosen:
        raise CalibrationError(f"{bag}: in no image did the arm stand still for {2 * _SETTLED:g} s")
    return _stations(chosen, detector, camera)


def _joints(reader: BagReader, names: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    topics = [name for name, (topic, _) in reader.topics.items() if topic.type == _JOINT_STATE]
    times, positions = [], []
    for message in reader.messages(topics) if topics else ():
        content: Any = reader.decode(message)
        index = {name: place for place, name in enumerate(content.name)}
        if all(name in index for name in names):
            stamp = content.header.stamp.sec + content.header.stamp.nanosec * 1e-9
            times.append(stamp or message.log_time * 1e-9)
            positions.append([float(content.position[index[name]]) for name in names])
    if len(times) < 10:
        raise CalibrationError(f"the bag must have joint states of {', '.join(names)}, got {len(times)}")
    return np.array(times), np.array(positions)


def _stations(
    pairs: Sequence[tuple[NamedImage, NDArray[np.float64]]], detector: BoardDetector, camera: CameraModel
) -> StationSet:
    if detector.board.kind == "chessboard":
        raise CalibrationError(
            "a plain chessboard looks the same after half a turn: this needs a charuco or an aprilgrid"
        )
    stations, pictures, unused = [], {}, {}
    for image, hand in pairs:
        detection = detector.detect(image.pixels)
        if detection is None:
            unused[image.name] = "no board found"
            continue
        pose = board_pose(camera, detection)
        if pose.rms > _WORST:
            unused[image.name] = f"the board fits no pose: points are off by {pose.rms:.1f} pixels"
            continue
        stations.append(Station(image.name, hand, pose))
        pictures[image.name] = image.pixels
    if len(unused) > len(stations):
        told = diagnose(detector.board, [image.pixels for image, _ in pairs[:6]])
        if told:
            raise CalibrationError(told)
        raise CalibrationError(
            f"the board {detector.board} is usable in {len(stations)} of {len(pairs)} images: "
            f"{next(iter(unused.values()))}"
        )
    return StationSet(tuple(stations), pictures, unused)
