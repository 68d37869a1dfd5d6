"""Where to look next: places and headings that no remembered view covers, and where the known ground ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, radians

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cairn.navigation.pose import wrap_angles
from cairn.navigation.seen_ground import SeenGround
from cairn.navigation.segment import crosses_any
from cairn.policies.sectors import sector_bearings, sectors_at

_HEADINGS = np.arange(8) * (pi / 4) - pi
_CELL = 1.5
_HALF_HULL = 0.4
_BESIDE = 2.0  # [m] from a candidate to the end of seen ground
_DEAREST = 4.0  # exponent: fifty times as dear at most, so that costs stay finite and ordered by nearness


@dataclass(frozen=True)
class ViewpointSettings:
    """What a view covers and what looking costs.

    Attributes:
        reach: metres within which a view of the same heading shows the same place; the recogniser's reach.
        heading: radians, likewise.
        look_ahead: metres from a node, along predicted free directions, at which candidates are proposed.
        margin: metres of predicted free way that must remain beyond a candidate.
        least_gain: of eight headings, how many must be uncovered to make a place worth a visit.
        turn_rate: rad/s of a look around.
        speed: m/s of the way to a candidate.
        goal_within: metres to drive from the start within which the goal is expected; 0: anywhere.
        fade: metres beyond that over which a place becomes e times as dear.
    """

    reach: float = 9.0
    heading: float = radians(65)
    look_ahead: tuple[float, ...] = (1.5, 3.0, 6.0, 9.0)
    margin: float = 0.7
    least_gain: int = 2
    turn_rate: float = 1.0
    speed: float = 0.9
    goal_within: float = 60.0
    fade: float = 5.0


@dataclass(frozen=True)
class Viewpoint:
    """A place worth a visit.

    Attributes:
        x, y: in `map` [m].
        node: id of the node from which it was proposed; routes lead there first.
        gain: headings that nothing covers there, 0 to 8.
        frontier: whether ground that was never seen lies beside it.
        cost: seconds to get there and look around, dearer where the goal is not expected.
    """

    x: float
    y: float
    node: int
    gain: int
    frontier: bool
    cost: float


@dataclass(frozen=True)
class Views:
    """What the graph remembers, N nodes.

    Attributes:
        ids: shape (N,).
        poses: shape (N, 3) in `map`.
        ranges: shape (N, S), metres left to right over `horizontal_fov` degrees.
    """

    ids: NDArray[np.int64]
    poses: NDArray[np.float64]
    ranges: NDArray[np.float32]
    horizontal_fov: float


def rank_viewpoints(
    views: Views,
    seconds: NDArray[np.float64],
    metres: NDArray[np.float64],
    settings: ViewpointSettings,
    avoid: NDArray[np.float64],
    looked: NDArray[np.float64],
    barriers: NDArray[np.float64],
) -> list[Viewpoint]:
    """Candidates by cost, the cheapest first; at most twenty.

    The nearest first leaves no pockets behind to come back for, as the gain a second does.

    Args:
        seconds: to each node from here, shape (N,), infinite where no way is known.
        metres: to drive to each node from the start of the search, shape (N,).
        avoid: places that failed lately, (F, 2); nothing within 2 m of them is proposed.
        looked: places where the robot has looked around, (L, 2); nothing within 1.5 m of them is.
        barriers: ends of what cannot be seen, (B, 2, 2); nothing behind them is.
    """
    points, sources, cost = _candidates(views, seconds, settings)
    if len(barriers):
        keep = ~crosses_any(views.poses[sources, :2], points, barriers)
        points, sources, cost = points[keep], sources[keep], cost[keep]
    for places, radius in ((avoid, 2.0), (looked, 1.5)):
        if len(places) and len(points):
            keep = cKDTree(places).query(points)[0] > radius
            points, sources, cost = points[keep], sources[keep], cost[keep]
    if len(points) == 0:
        return []
    points, sources, cost = _thin(points, sources, cost)
    gain = (~_coverage(points, views, settings)).sum(1)
    frontier = _at_frontier(points, views)
    cost = cost + gain * (pi / 4) / settings.turn_rate
    if settings.goal_within > 0:
        away = metres[sources] + np.hypot(*(points - views.poses[sources, :2]).T)
        cost *= np.exp(np.minimum(np.maximum(away - settings.goal_within, 0) / settings.fade, _DEAREST))
    cost[(gain < settings.least_gain) & ~frontier] = np.inf
    return [
        Viewpoint(
            float(points[i, 0]),
            float(points[i, 1]),
            int(views.ids[sources[i]]),
            int(gain[i]),
            bool(frontier[i]),
            float(cost[i]),
        )
        for i in np.argsort(cost, kind="stable")[:20]
        if np.isfinite(cost[i])
    ]


def uncovered_headings(
    place: tuple[float, float], views: Views, settings: ViewpointSettings
) -> NDArray[np.float64]:
    """Headings in `map` [rad] that no node covers at `place`."""
    covered = _coverage(np.array([place]), views, settings)[0]
    return np.asarray(_HEADINGS[~covered])


def _candidates(
    views: Views, seconds: NDArray[np.float64], settings: ViewpointSettings
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points ahead of nodes, and the nodes' own places; with source rows and seconds to get there."""
    poses, sectors = views.poses, views.ranges.shape[1]
    angles = sector_bearings(sectors, views.horizontal_fov)
    sector_width = np.radians(views.horizontal_fov) / sectors
    known = np.flatnonzero(np.isfinite(seconds))
    points, sources, there = [poses[known, :2]], [known], [seconds[known]]
    for distance in settings.look_ahead:
        # As many sectors must be free as the hull spans at that distance: a gap is seen from afar as one ray.
        span = min(5, int(np.ceil(np.arcsin(_HALF_HULL / distance) / sector_width)))
        padded = np.pad(views.ranges[known], ((0, 0), (span, span)), mode="edge")
        free = np.min([padded[:, k : k + sectors] for k in range(2 * span + 1)], axis=0)
        rows, columns = np.nonzero(free[:, ::2] > distance + settings.margin)
        rows, columns = known[rows], 2 * columns
        direction = poses[rows, 2] + angles[columns]
        points.append(poses[rows, :2] + distance * np.stack([np.cos(direction), np.sin(direction)], -1))
        sources.append(rows)
        there.append(seconds[rows] + distance / settings.speed)
    return np.concatenate(points), np.concatenate(sources), np.concatenate(there)


def _thin(
    points: NDArray[np.float64], sources: NDArray[np.int64], seconds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """The cheapest candidate of each grid cell."""
    order = np.argsort(seconds, kind="stable")
    cells = np.floor(points[order] / _CELL).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    keep = order[first]
    return points[keep], sources[keep], seconds[keep]


def _at_frontier(points: NDArray[np.float64], views: Views) -> NDArray[np.bool_]:
    """Which of the points are the nearest to some place where the seen ground ends."""
    ends = SeenGround(views.poses, views.ranges, views.horizontal_fov).frontier()
    chosen = np.zeros(len(points), bool)
    if len(ends):
        away, nearest = cKDTree(points).query(ends, distance_upper_bound=_BESIDE)
        chosen[nearest[np.isfinite(away)]] = True
    return chosen


def _coverage(points: NDArray[np.float64], views: Views, settings: ViewpointSettings) -> NDArray[np.bool_]:
    """Whether some node shows the place in each of eight headings, shape (points, 8)."""
    covered = np.zeros((len(points), len(_HEADINGS)), bool)
    poses, ranges = views.poses, views.ranges
    half = np.radians(views.horizontal_fov) / 2
    pairs = cKDTree(points).sparse_distance_matrix(
        cKDTree(poses[:, :2]), settings.reach, output_type="coo_matrix"
    )
    rows, nodes, distance = pairs.row, pairs.col, pairs.data
    offset = points[rows] - poses[nodes, :2]
    bearing = wrap_angles(np.arctan2(offset[:, 1], offset[:, 0]) - poses[nodes, 2])
    sector = sectors_at(bearing, ranges.shape[1], views.horizontal_fov)
    in_field = np.abs(bearing) < half
    # Ahead of a view its own ranges say whether the place is in sight; beside and behind it only
    # nearness makes that likely.
    sees = np.where(in_field, ranges[nodes, sector] > distance - 0.5, distance < 0.6 * settings.reach)
    rows, nodes = rows[sees], nodes[sees]
    turned = np.abs(wrap_angles(poses[nodes, 2][:, None] - _HEADINGS[None]))
    which, heading = np.nonzero(turned < settings.heading)
    covered[rows[which], heading] = True
    return covered
