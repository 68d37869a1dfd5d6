"""Where to take an arm so that its hand-eye transform becomes known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.calibration_error import CalibrationError
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.kinematics import ArmKinematics

_SAMPLES = 6000
_REACH = 0.5  # of each joint's range on either side of where it starts
_LEVER = 0.4  # [m] of the hand's way that is worth a radian of turning


def suggest_poses(
    kinematics: ArmKinematics,
    workspace: Workspace,
    start: tuple[float, ...],
    visible: Callable[[NDArray[np.float64]], bool],
    count: int = 25,
    seed: int = 0,
) -> list[tuple[float, ...]]:
    """Joint positions [rad] that turn the hand as differently as may be, ordered for short ways between them.

    Every pose keeps the whole hand in the workspace and the joints a tenth of their range away from their
    limits.  The first is `start`.

    Args:
        kinematics: of the arm.
        workspace: the box that the hand must stay in.
        start: a pose from which the board is in view.
        visible: whether the board can be expected in view with the hand at a pose (4, 4).
        count: how many are wanted.
        seed: of the draw.

    Raises CalibrationError when fewer than `count` are to be had.
    """
    random = np.random.default_rng(seed)
    joints = kinematics.arm.joints
    lower, upper = (np.array([getattr(joint, side) for joint in joints]) for side in ("lower", "upper"))
    room = 0.1 * (upper - lower)
    offsets = random.normal(0, _REACH / 2, (_SAMPLES, len(joints)))
    offsets *= random.uniform(0.2, 1.6, (_SAMPLES, 1))
    drawn = np.clip(np.array(start) + offsets, lower + room, upper - room)
    chosen, marks = [], []
    for positions in drawn:
        pose = kinematics.pose(positions.tolist())
        if workspace.holds(pose) and visible(pose):
            chosen.append(positions)
            marks.append(_mark(pose, kinematics.pose(start)))
    if len(chosen) < count:
        raise CalibrationError(
            f"expected {count} poses within the workspace from which the board is in view, found "
            f"{len(chosen)}: start where the board is in the middle of the image, or widen the workspace"
        )
    picked = _farthest_first(np.array(marks), count)
    return _short_way(np.array(start), np.array(chosen)[picked])


def _mark(pose: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = Rotation.from_matrix(start[:3, :3].T @ pose[:3, :3]).as_rotvec()
    return np.concatenate([turn, (pose[:3, 3] - start[:3, 3]) / _LEVER])


def _farthest_first(marks: NDArray[np.float64], count: int) -> list[int]:
    picked = [int(np.argmin(np.linalg.norm(marks, axis=1)))]
    nearest = np.linalg.norm(marks - marks[picked[0]], axis=1)
    while len(picked) < count:
        picked.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, np.linalg.norm(marks - marks[picked[-1]], axis=1))
    return picked


def _short_way(start: NDArray[np.float64], stops: NDArray[np.float64]) -> list[tuple[float, ...]]:
    left, way, here = list(range(len(stops))), [], start
    while left:
        nearest = min(left, key=lambda stop: float(np.abs(stops[stop] - here).max()))
        left.remove(nearest)
        here = stops[nearest]
        way.append(tuple(float(value) for value in here))
    return way
