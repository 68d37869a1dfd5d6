"""Shortest paths over the graph memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.sparse_rows import SparseRows

_FRESH = 1.0
"""Seconds for which fading failures change no cost worth a new search."""
_NONE = -9999
"""scipy.sparse.csgraph's mark for "no predecessor"."""


@dataclass(frozen=True)
class Route:
    """The cheapest way found: node ids from start to target, both included, and expected seconds.

    An unreachable target gives no nodes and an infinite cost.
    """

    nodes: tuple[int, ...]
    cost: float

    @property
    def is_reachable(self) -> bool:
        return isfinite(self.cost)


@dataclass(frozen=True)
class DistanceTree:
    """Expected seconds between one root and every node, and the way along.

    Attributes:
        root: node id.
        ids, costs: shape (N,), aligned; inf where there is no way.
        toward_root: True when the costs are of driving *to* the root, False when *from* it.
    """

    root: int
    ids: NDArray[np.int64]
    costs: NDArray[np.float64]
    toward_root: bool
    _predecessors: NDArray[np.int32]

    def route(self, node: int) -> Route:
        """Between the root and `node`, in driving order."""
        row = int(np.searchsorted(self.ids, node))
        if row == len(self.ids) or self.ids[row] != node or not isfinite(self.costs[row]):
            return Route((), inf)
        cost, chain = float(self.costs[row]), [row]
        while (row := int(self._predecessors[row])) != _NONE:
            chain.append(row)
        nodes = [int(self.ids[i]) for i in chain]
        return Route(tuple(nodes if self.toward_root else nodes[::-1]), cost)


class Planner:
    """Dijkstra with costs in seconds over sparse matrices that are kept between calls.

    While nothing changed, a tree computed less than `_FRESH` seconds ago is handed out again.
    """

    def __init__(self, graph: GraphMemory) -> None:
        self._graph = graph
        self._from = SparseRows("source", "target")
        self._to = SparseRows("target", "source")
        self._last: tuple[tuple[object, ...], float, DistanceTree] | None = None

    def shortest_path(self, source: int | Mapping[int, float], target: int, stamp: float) -> Route:
        """From a node, or from the likeliest node of a belief {node: probability} that can reach the target.

        Args:
            stamp: now [s]: failures fade.

        Raises CairnError when the target, or a node given as the source, is not in the map.
        """
        tree = self.tree_to(target, stamp)
        if isinstance(source, Mapping):
            for node in sorted(source, key=lambda n: -source[n]):
                if (route := tree.route(node)).is_reachable:
                    return route
            return Route((), inf)
        self._graph.row(source)
        return tree.route(source)

    def tree_from(self, root: int, stamp: float) -> DistanceTree:
        """Costs [s] from one node to all."""
        return self._tree(root, stamp, toward_root=False)

    def tree_to(self, root: int, stamp: float) -> DistanceTree:
        """Costs [s] from all nodes to one."""
        return self._tree(root, stamp, toward_root=True)

    def _tree(self, root: int, stamp: float, toward_root: bool) -> DistanceTree:
        edges, row = self._graph.edges, self._graph.row(root)
        key = (root, toward_root, len(self._graph), len(edges), edges.version, edges.evidence)
        if self._last is not None and self._last[0] == key and abs(stamp - self._last[1]) < _FRESH:
            return self._last[2]
        matrix = (self._to if toward_root else self._from).matrix(edges, len(self._graph), stamp)
        costs, predecessors = dijkstra(matrix, directed=True, indices=row, return_predecessors=True)
        ids = self._graph.ids.copy()
        for array in (ids, costs, predecessors):
            array.setflags(write=False)
        tree = DistanceTree(root, ids, costs, toward_root, predecessors)
        self._last = key, stamp, tree
        return tree
