"""What two recorded views have to do with each other, from poses and lidar alone."""

from __future__ import annotations

from math import pi, radians
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Typical speeds of the collection, for the time that a stretch without a recording would take.
_CRUISE, _TURN_RATE = 0.8, 0.8


class PairLabels(NamedTuple):
    """For every ordered pair (observation i, goal j) of N frames; each array (N, N) unless said otherwise.

    Attributes:
        match: 1 the goal's place is in view, 0 it is not, -1 undecided (left out of training).
        bearing, yaw: of the goal's viewpoint in the observation's `base_link` [rad].
        distance: metres between the viewpoints.
        steps: control steps a direct drive would take, turns included.
        covisible: share of what the goal sees that the observation sees too.
    """

    match: NDArray[np.int8]
    bearing: NDArray[np.float32]
    yaw: NDArray[np.float32]
    distance: NDArray[np.float32]
    steps: NDArray[np.float32]
    covisible: NDArray[np.float32]


def label_pairs(
    poses: NDArray[np.float32],
    lidar: NDArray[np.float32],
    bearings: NDArray[np.float64],
    limit: float,
    horizontal_fov: float,
    rate: float,
) -> PairLabels:
    """Label all ordered pairs of frames from one world.

    A goal's place is in view when at least a third of the surfaces that the goal's lidar hit inside the
    camera's field of view are hit by the observation's lidar too, at most 15 m away.

    Args:
        poses: (N, 3) x, y [m], yaw [rad] in a common frame.
        lidar: (N, L) ranges [m] capped at `limit`.
        bearings: (L,) of the beams [rad], equally spaced over the full circle from -pi.
        horizontal_fov: of the camera, degrees.
        rate: control steps a second.
    """
    half = radians(horizontal_fov) / 2
    beams = len(bearings)
    delta = poses[None, :, :2] - poses[:, None, :2]
    distance = np.hypot(delta[..., 0], delta[..., 1])
    bearing = _wrap(np.arctan2(delta[..., 1], delta[..., 0]) - poses[:, None, 2])
    yaw = _wrap(poses[None, :, 2] - poses[:, None, 2])

    seen = (np.abs(bearings)[None] < half) & (lidar < limit * 0.99)
    angle = poses[:, 2:3] + bearings[None]
    points = poses[:, None, :2] + lidar[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    inside = np.abs(bearings) < half
    points, seen = points[:, inside], seen[:, inside]
    offset = points[None] - poses[:, None, None, :2]
    reach = np.hypot(offset[..., 0], offset[..., 1])
    direction = _wrap(np.arctan2(offset[..., 1], offset[..., 0]) - poses[:, None, None, 2])
    index = np.floor((direction + pi) / (2 * pi) * beams).astype(np.int64) % beams
    rows = np.arange(len(poses))[:, None, None]
    near = np.stack([lidar[rows, (index + shift) % beams] for shift in (-1, 0, 1)]).max(0)
    visible = (np.abs(direction) < half) & (reach < near + 0.5 + 0.05 * reach) & seen[None]
    hits = seen.sum(1)[None]
    covisible = visible.sum(2) / np.maximum(hits, 1)

    clear = lidar[
        np.arange(len(poses))[:, None], np.floor((bearing + pi) / (2 * pi) * beams).astype(np.int64) % beams
    ]
    sight = (distance < clear - 0.2) | (distance < 1.0)
    beside = (distance < 2.0) & (np.abs(yaw) < radians(60)) & sight
    match = np.full(distance.shape, -1, np.int8)
    enough = hits >= 8
    match[(covisible < 0.05) & (distance > 4.0) & enough] = 0
    match[(np.abs(yaw) > radians(120)) & (distance > 1.0) & (covisible < 0.1)] = 0
    match[distance > 30.0] = 0
    match[((covisible > 0.34) & enough & (distance < 15.0) & (np.abs(yaw) < radians(80))) | beside] = 1
    turn = np.where(distance > 1.0, np.abs(bearing), 0) + 0.5 * np.abs(yaw)
    steps = rate * (distance / _CRUISE + turn / _TURN_RATE)
    return PairLabels(
        match,
        bearing.astype(np.float32),
        yaw.astype(np.float32),
        distance.astype(np.float32),
        steps.astype(np.float32),
        covisible.astype(np.float32),
    )


def _wrap(angle: NDArray[np.floating]) -> NDArray[np.floating]:
    return (angle + pi) % (2 * pi) - pi
