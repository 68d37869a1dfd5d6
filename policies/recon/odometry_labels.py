"""What two views of one recorded drive have to do with each other, as far as odometry can tell."""

from __future__ import annotations

from math import radians

import numpy as np
from numpy.typing import NDArray

from cairn.policies.recon.pair_labels import PairLabels, label_pairs

_SHORT = 20.0
"""Metres of path over which wheel odometry is believed: it drifts by some percent of the way."""


def label_drive(
    poses: NDArray[np.float32],
    path: NDArray[np.float64],
    session: NDArray[np.int16],
    lidar: NDArray[np.float32],
    bearings: NDArray[np.float64],
    limit: float,
    horizontal_fov: float,
    rate: float,
) -> PairLabels:
    """Label all ordered pairs of N frames of one drive; arguments as of `label_pairs`, and:

    Args:
        poses: by odometry.
        path: (N,) metres driven up to each frame.
        session: (N,) uninterrupted stretches of the recording; nothing is known across them, for odometry
            may have begun anew.
        lidar: (N, L) [m], NaN in frames without a scan.

    Bearing, yaw, distance and steps are NaN where more than 20 m were driven between the two, or the
    recording was interrupted.  Within such a short stretch, frames with lidar are matched by what their
    scans hit.  Without, the goal's place is in view where its viewpoint lies ahead at most 8 m away, with
    a heading that differs by less than 45 degrees, and was driven to almost straight, so that nothing stands
    between.  A view is out of sight when it lies far away in path and pose and looks the opposite way.
    Everything else is undecided.
    """
    scanned = np.all(np.isfinite(lidar), axis=1)
    known = np.where(scanned[:, None], lidar, limit).astype(np.float32)
    labels = label_pairs(poses, known, bearings, limit, horizontal_fov, rate)
    way = np.abs(path[None] - path[:, None])
    together = session[None] == session[:, None]
    short = together & (way <= _SHORT)
    distance, turned = labels.distance, np.abs(labels.yaw)
    ahead = (np.abs(labels.bearing) < radians(horizontal_fov) * 0.35) & (distance < 8.0)
    straight = distance > 0.8 * way
    beside = (distance < 1.0) & (way < 4.0)
    match = np.full(distance.shape, -1, np.int8)
    match[short & (turned < radians(45)) & ((ahead & straight) | beside)] = 1
    # What odometry says of far places is off by a tenth of the way at most.
    match[together & (way > 30.0) & (distance > 15.0 + 0.1 * way) & (turned > radians(120))] = 0
    both = short & scanned[None] & scanned[:, None]
    match[both] = labels.match[both]

    def where_short(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.where(short, values, np.float32(np.nan))

    return PairLabels(
        match,
        where_short(labels.bearing),
        where_short(labels.yaw),
        where_short(distance),
        where_short(labels.steps),
        np.where(both, labels.covisible, np.float32(np.nan)),
    )
