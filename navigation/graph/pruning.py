"""Keeping a map small: nodes that show nearly the same are united."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.spacing import NodeSpacing
from cairn.navigation.pose import between, compose, wrap_angles

_GROWTH = 1.25
_ROUNDS = 16


def prune(graph: GraphMemory, maximum: int, spacing: NodeSpacing | None = None) -> int:
    """Unite neighbouring nodes until at most `maximum` are left; returns how many went.

    A node is absorbed by one it has an edge with (a wall may separate places that are merely near), if that
    one shows all that both stood for to within a distance and a heading.  Edges are handed over, so what was
    connected stays connected.  The distance starts at `spacing.distance` and grows until enough went; the
    heading grows with it up to 90 degrees, so that opposite views are never united.  More nodes than
    `maximum` remain when edges allow no more.

    Raises CairnError unless `maximum` is positive.
    """
    if maximum < 1:
        raise CairnError(f"a map is pruned to at least one node, got {maximum}")
    spacing = spacing or NodeSpacing()
    before = len(graph)
    # The poses of all original views that a node stands for: their cover bounds what pruning forgets.
    stands_for = {int(node): graph.poses[row : row + 1].copy() for row, node in enumerate(graph.ids)}
    for round_ in range(_ROUNDS):
        if len(graph) <= maximum:
            break
        scale = _GROWTH**round_
        distance, heading = spacing.distance * scale, min(spacing.heading * scale, pi / 2)
        while len(graph) > maximum:
            representative = _pairing(graph, stands_for, distance, heading, len(graph) - maximum)
            absorbed = np.flatnonzero(representative != np.arange(len(graph)))
            if len(absorbed) == 0:
                break
            _absorb(graph, representative)
    return before - len(graph)


def _pairing(
    graph: GraphMemory,
    stands_for: dict[int, NDArray[np.float64]],
    distance: float,
    heading: float,
    at_most: int,
) -> NDArray[np.intp]:
    """Row of the node that takes over each row, shape (N,); updates `stands_for`."""
    source, target = graph.edges.column("source"), graph.edges.column("target")
    poses, ids, visits = graph.poses, graph.ids, graph.visits
    apart = np.hypot(*(poses[source, :2] - poses[target, :2]).T)
    near = np.flatnonzero(apart < distance)
    representative = np.arange(len(graph))
    taken = np.zeros(len(graph), bool)
    done = 0
    for edge in near[np.argsort(apart[near], kind="stable")].tolist():
        a, b = int(source[edge]), int(target[edge])
        if taken[a] or taken[b]:
            continue
        # The place more often visited stays, else the older one: routes through it have been proven.
        keep, go = (a, b) if (visits[a], -a) >= (visits[b], -b) else (b, a)
        views = np.concatenate((stands_for[int(ids[keep])], stands_for[int(ids[go])]))
        offset = views - poses[keep]
        covered = (np.hypot(offset[:, 0], offset[:, 1]) < distance) & (
            np.abs(wrap_angles(offset[:, 2])) < heading
        )
        if not covered.all():
            continue
        stands_for[int(ids[keep])] = views
        del stands_for[int(ids[go])]
        representative[go] = keep
        taken[a] = taken[b] = True
        done += 1
        if done == at_most:
            break
    return representative


def _absorb(graph: GraphMemory, representative: NDArray[np.intp]) -> None:
    """Hand edges and visits of absorbed nodes to those that take over, then remove them."""
    edges = {name: graph.edges.column(name).copy() for name in graph.edges.schema()}
    poses = graph.poses
    for end, sign in (("source", -1), ("target", 1)):
        old, new = poses[edges[end]], poses[representative[edges[end]]]
        shift = between(new, old) if sign < 0 else between(old, new)
        measured = edges["relative_pose"].astype(np.float64)
        edges["relative_pose"] = compose(shift, measured) if sign < 0 else compose(measured, shift)
        moved = np.hypot(shift[:, 0], shift[:, 1])
        edges["steps"] += (moved * _steps_per_metre(graph)).astype(np.float32)
        edges["relative_variance"] += (0.01 * moved[:, None]).astype(np.float32)
        edges[end] = representative[edges[end]].astype(np.int32)
    graph.replace_edges(_united(edges))
    gone = np.flatnonzero(representative != np.arange(len(graph)))
    for row in gone.tolist():
        keeper = int(graph.ids[representative[row]])
        graph.record_visit(keeper, float(graph.last_visits[row]), int(graph.visits[row]))
    graph.remove_nodes(graph.ids[gone].tolist())


def _united(edges: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Without loops, and one edge an ordered pair: the best evidence, with the counts of all."""
    proper = edges["source"] != edges["target"]
    edges = {name: column[proper] for name, column in edges.items()}
    key = edges["source"].astype(np.int64) << 32 | edges["target"].astype(np.int64)
    best_first = np.lexsort((edges["steps"], -edges["kind"].astype(np.int64), key))
    edges = {name: column[best_first] for name, column in edges.items()}
    first = np.flatnonzero(np.diff(key[best_first], prepend=-1))
    united = {name: column[first] for name, column in edges.items()}
    if len(first):
        for name in ("traversals", "failures"):
            united[name] = np.add.reduceat(edges[name], first)
        for name in ("failure_level", "last_failure"):
            united[name] = np.maximum.reduceat(edges[name], first)
    return united


def _steps_per_metre(graph: GraphMemory) -> float:
    source, target = graph.edges.column("source"), graph.edges.column("target")
    driven = graph.edges.column("kind") == EdgeKind.TRAVERSED
    metres = np.hypot(*(graph.poses[source, :2] - graph.poses[target, :2]).T)[driven].sum()
    steps = graph.edges.column("steps")[driven].sum()
    return float(steps / metres) if metres > 0 else graph.rate
