"""Where to look next: places and headings that no remembered view covers."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, radians

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cairn.navigation.pose import wrap_angles

_HEADINGS = np.arange(8) * (pi / 4) - pi
_CELL = 1.5
_HALF_HULL = 0.4


@dataclass(frozen=True)
class ViewpointSettings:
    """What a view covers and what looking costs.

    Attributes:
        reach: metres within which a view of the same heading shows the same place; the recogniser's reach.
        heading: radians, likewise.
        look_ahead: metres from a node, along predicted free directions, at which candidates are proposed.
        margin: metres of predicted free way that must remain beyond a candidate.
        turn_rate: rad/s of a look around.
        overhead: seconds added to every cost, so that tiny gains next door do not win.
    """

    reach: float = 9.0
    heading: float = radians(65)
    look_ahead: tuple[float, ...] = (1.5, 3.0, 6.0, 9.0)
    margin: float = 0.7
    turn_rate: float = 1.0
    overhead: float = 3.0


@dataclass(frozen=True)
class Viewpoint:
    """A place worth a visit.

    Attributes:
        x, y: in `map` [m].
        node: id of the node from which it was proposed; routes lead there first.
        gain: headings that nothing covers there, 0 to 8.
        score: gain a second.
    """

    x: float
    y: float
    node: int
    gain: int
    score: float


def rank_viewpoints(
    ids: NDArray[np.int64],
    poses: NDArray[np.float64],
    ranges: NDArray[np.float32],
    costs: NDArray[np.float64],
    horizontal_fov: float,
    settings: ViewpointSettings,
    avoid: NDArray[np.float64],
    looked: NDArray[np.float64],
    speed: float = 0.9,
) -> list[Viewpoint]:
    """Candidates by gain a second, best first; at most twenty.

    Args:
        ids, poses, ranges: of all nodes: (N,), (N, 3) in `map`, (N, S) metres left to right.
        costs: seconds to each node from here, (N,), infinite where no way is known.
        horizontal_fov: of `ranges`, degrees.
        avoid: places that failed lately, (F, 2); nothing within 2 m of them is proposed.
        looked: places where the robot has looked around, (L, 2); nothing within 1.5 m of them is.
    """
    points, sources, costs_there = _candidates(poses, ranges, costs, horizontal_fov, settings, speed)
    for places, radius in ((avoid, 2.0), (looked, 1.5)):
        if len(places) and len(points):
            keep = cKDTree(places).query(points)[0] > radius
            points, sources, costs_there = points[keep], sources[keep], costs_there[keep]
    if len(points) == 0:
        return []
    points, sources, costs_there = _thin(points, sources, costs_there)
    uncovered = ~_coverage(points, poses, ranges, horizontal_fov, settings)
    gain = uncovered.sum(1)
    seconds = costs_there + gain * (pi / 4) / settings.turn_rate + settings.overhead
    score = gain / seconds
    order = np.argsort(-score, kind="stable")[:20]
    return [
        Viewpoint(
            float(points[i, 0]), float(points[i, 1]), int(ids[sources[i]]), int(gain[i]), float(score[i])
        )
        for i in order
        if gain[i] > 0
    ]


def uncovered_headings(
    place: tuple[float, float],
    poses: NDArray[np.float64],
    ranges: NDArray[np.float32],
    horizontal_fov: float,
    settings: ViewpointSettings,
) -> NDArray[np.float64]:
    """Headings in `map` [rad] that no node covers at `place`."""
    covered = _coverage(np.array([place]), poses, ranges, horizontal_fov, settings)[0]
    return np.asarray(_HEADINGS[~covered])


def _candidates(
    poses: NDArray[np.float64],
    ranges: NDArray[np.float32],
    costs: NDArray[np.float64],
    horizontal_fov: float,
    settings: ViewpointSettings,
    speed: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points ahead of nodes, and the nodes' own places; with source rows and seconds to get there."""
    sectors = ranges.shape[1]
    sector_width = np.radians(horizontal_fov) / sectors
    angles = np.radians(horizontal_fov) / 2 - (np.arange(sectors) + 0.5) * sector_width
    known = np.flatnonzero(np.isfinite(costs))
    points, sources, seconds = [poses[known, :2]], [known], [costs[known]]
    for distance in settings.look_ahead:
        # As many sectors must be free as the hull spans at that distance: a gap is seen from afar as one ray.
        span = min(5, int(np.ceil(np.arcsin(_HALF_HULL / distance) / sector_width)))
        padded = np.pad(ranges[known], ((0, 0), (span, span)), mode="edge")
        free = np.min([padded[:, k : k + sectors] for k in range(2 * span + 1)], axis=0)
        rows, columns = np.nonzero(free[:, ::2] > distance + settings.margin)
        rows, columns = known[rows], 2 * columns
        direction = poses[rows, 2] + angles[columns]
        points.append(poses[rows, :2] + distance * np.stack([np.cos(direction), np.sin(direction)], -1))
        sources.append(rows)
        seconds.append(costs[rows] + distance / speed)
    return np.concatenate(points), np.concatenate(sources), np.concatenate(seconds)


def _thin(
    points: NDArray[np.float64], sources: NDArray[np.int64], seconds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """The cheapest candidate of each grid cell."""
    order = np.argsort(seconds, kind="stable")
    cells = np.floor(points[order] / _CELL).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    keep = order[first]
    return points[keep], sources[keep], seconds[keep]


def _coverage(
    points: NDArray[np.float64],
    poses: NDArray[np.float64],
    ranges: NDArray[np.float32],
    horizontal_fov: float,
    settings: ViewpointSettings,
) -> NDArray[np.bool_]:
    """Whether some node shows the place in each of eight headings, shape (points, 8)."""
    covered = np.zeros((len(points), len(_HEADINGS)), bool)
    half = np.radians(horizontal_fov) / 2
    pairs = cKDTree(points).sparse_distance_matrix(
        cKDTree(poses[:, :2]), settings.reach, output_type="coo_matrix"
    )
    rows, nodes, distance = pairs.row, pairs.col, pairs.data
    offset = points[rows] - poses[nodes, :2]
    bearing = wrap_angles(np.arctan2(offset[:, 1], offset[:, 0]) - poses[nodes, 2])
    sector = np.clip(((half - bearing) / (2 * half) * ranges.shape[1]).astype(int), 0, ranges.shape[1] - 1)
    in_field = np.abs(bearing) < half
    # Ahead of a view its own ranges say whether the place is in sight; beside and behind it only
    # nearness makes that likely.
    sees = np.where(in_field, ranges[nodes, sector] > distance - 0.5, distance < 0.6 * settings.reach)
    rows, nodes = rows[sees], nodes[sees]
    turned = np.abs(wrap_angles(poses[nodes, 2][:, None] - _HEADINGS[None]))
    which, heading = np.nonzero(turned < settings.heading)
    covered[rows[which], heading] = True
    return covered
