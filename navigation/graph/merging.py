"""Joining two maps of one encoder."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.place_index import place_distance
from cairn.navigation.graph.pose_graph import optimise
from cairn.navigation.pose import Pose, compose, inverse, wrap_angles

_AGREE = 3.0
"""Metres, a turn counted as in `place_index`, between where two maps put one view."""
_PAIRS = 300


@dataclass(frozen=True)
class CrossMatch:
    """One view in two maps: node ids, similarity of the descriptors and the second as seen from the first."""

    first: int
    second: int
    similarity: float
    relative_pose: Pose = field(default_factory=Pose)
    variance: tuple[float, float] = (1.0, 0.06)


def find_cross_matches(
    first: GraphMemory, second: GraphMemory, minimum_similarity: float = 0.9
) -> list[CrossMatch]:
    """Views that are each other's most similar in the other map *and* agree about where the maps lie.

    Returns the largest set of matches that one rigid transform explains, the most similar first.
    Raises CairnError for maps of different encoders.
    """
    _check_encoders(first, second)
    pairs: list[CrossMatch] = []
    for node in second.ids.tolist():
        descriptor = second.node(node).embedding.descriptor
        ids, similarity = first.most_similar(descriptor, 1)
        if len(ids) == 0 or similarity[0] < minimum_similarity:
            continue
        back, _ = second.most_similar(first.node(int(ids[0])).embedding.descriptor, 1)
        if int(back[0]) == node:
            pairs.append(CrossMatch(int(ids[0]), node, float(similarity[0])))
    pairs.sort(key=lambda match: -match.similarity)
    if not pairs:
        return []
    inliers = _consensus(*_poses(first, second, pairs))[1]
    return [match for match, inlier in zip(pairs, inliers, strict=True) if inlier]


def merge(first: GraphMemory, second: GraphMemory, matches: Sequence[CrossMatch]) -> GraphMemory:
    """A new map with the nodes of both: ids of `first` stay, those of `second` follow after them.

    The second map is laid over the first by `matches`, joined to it by a loop closure each way for every
    match, and the poses of all are optimised.

    Raises CairnError for different encoders, no match, or an empty map.
    """
    _check_encoders(first, second)
    if not matches:
        raise CairnError(
            f"no view of the second map ({len(second)} nodes) was recognised in the first "
            f"({len(first)} nodes); two maps are merged by at least one common view"
        )
    transform, inliers = _consensus(*_poses(first, second, matches))
    merged, new_id = _side_by_side(first, second, transform)
    for match, inlier in zip(matches, inliers, strict=True):
        if not inlier:
            continue
        a, b = match.first, new_id[match.second]
        relative = match.relative_pose
        steps = max(1.0, relative.distance * merged.rate)
        merged.add_edge(a, b, steps, EdgeKind.LOOP_CLOSURE, relative, match.variance)
        merged.add_edge(b, a, steps, EdgeKind.LOOP_CLOSURE, relative.inverse, match.variance)
    optimise(merged)
    return merged


def _side_by_side(
    first: GraphMemory, second: GraphMemory, transform: NDArray[np.float64]
) -> tuple[GraphMemory, dict[int, int]]:
    """Both maps in one memory, not yet joined, and the new id of each node of the second."""
    a, b = first.snapshot(), second.snapshot()
    b.columns["poses"][:] = compose(transform, b.columns["poses"])
    moved = b.columns["ids"] + a.next_id
    new_id = dict(zip(b.columns["ids"].tolist(), moved.tolist(), strict=True))
    b.columns["ids"][:] = moved
    for end in ("source", "target"):
        b.edges[end][:] += len(first)
    merged = GraphMemory(first.fingerprint, first.rate)
    merged.restore(
        {name: np.concatenate((a.columns[name], b.columns[name])) for name in a.columns},
        {name: np.concatenate((*a.embeddings[name], *b.embeddings[name])) for name in a.embeddings},
        {name: np.concatenate((a.edges[name], b.edges[name])) for name in a.edges},
        (a.calibration[0] + b.calibration[0], a.calibration[1] + b.calibration[1]),
        a.next_id + b.next_id,
        itertools.chain(a.jpegs(), b.jpegs()),
    )
    return merged, new_id


def _poses(
    first: GraphMemory, second: GraphMemory, matches: Sequence[CrossMatch]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the two maps put each match's second view, both (M, 3)."""
    seen = np.array([match.relative_pose for match in matches], np.float64)
    a = np.array([first.pose(match.first) for match in matches], np.float64)
    b = np.array([second.pose(match.second) for match in matches], np.float64)
    return compose(a, seen), b


def _consensus(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The transform `T_first_second` that most matches agree with, and which do, shape (M,).

    Hypotheses come from single matches, and from pairs far apart, whose direction tells the rotation better
    than a heading can.
    """
    singles = compose(a, inverse(b))
    i, j = np.triu_indices(len(a), 1)
    far = np.flatnonzero(np.hypot(*(b[i, :2] - b[j, :2]).T) > 5.0)
    far = np.random.default_rng(0).permutation(far)[:_PAIRS]
    i, j = i[far], j[far]
    direction = [np.arctan2(p[j, 1] - p[i, 1], p[j, 0] - p[i, 0]) for p in (a, b)]
    turn = wrap_angles(direction[0] - direction[1])
    rotated = compose(np.stack((np.zeros_like(turn), np.zeros_like(turn), turn), axis=1), b[i])
    pairs = np.concatenate((a[i, :2] - rotated[:, :2], turn[:, None]), axis=1)
    hypotheses = np.concatenate((singles, pairs))
    agree = place_distance(a[None], compose(hypotheses[:, None], b[None])) < _AGREE
    best = int(np.argmax(agree.sum(axis=1)))
    inliers = agree[best]
    refined = _align(a[inliers], b[inliers], hypotheses[best])
    return refined, inliers


def _align(a: NDArray[np.float64], b: NDArray[np.float64], guess: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least-squares rigid transform between positions (Umeyama, 1991); the guess where they don't tell."""
    mean_a, mean_b = a[:, :2].mean(axis=0), b[:, :2].mean(axis=0)
    p, q = a[:, :2] - mean_a, b[:, :2] - mean_b
    if np.sqrt((q**2).sum(axis=1).mean()) < 2.0:
        return guess
    yaw = np.arctan2((q[:, 0] * p[:, 1] - q[:, 1] * p[:, 0]).sum(), (q * p).sum())
    c, s = np.cos(yaw), np.sin(yaw)
    x, y = mean_a - np.array(((c, -s), (s, c))) @ mean_b
    return np.array((x, y, yaw))


def _check_encoders(first: GraphMemory, second: GraphMemory) -> None:
    if first.fingerprint != second.fingerprint:
        raise CairnError(
            f"the maps were made by encoders {first.fingerprint[:12]} and {second.fingerprint[:12]}: "
            "only maps of one encoder can be merged"
        )
    if len(first) == 0 or len(second) == 0:
        raise CairnError(f"both maps need nodes, got {len(first)} and {len(second)}")
