"""Shortest paths over the graph memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cairn.navigation.graph.graph_memory import GraphMemory

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
    """Dijkstra with costs in seconds over a sparse matrix that is kept between calls.

    New edges are inserted into the kept matrix (a copy of two columns, no sort); removals rebuild it.
    """

    def __init__(self, graph: GraphMemory) -> None:
        self._graph = graph
        self._indptr = np.zeros(1, np.int32)
        self._indices = np.zeros(0, np.int32)
        self._edge_rows = np.zeros(0, np.int32)
        self._version = -1
        self._count = 0

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
        row = self._graph.row(root)
        matrix = self._matrix(stamp)
        if toward_root:
            matrix = matrix.T.tocsr()
        costs, predecessors = dijkstra(matrix, directed=True, indices=row, return_predecessors=True)
        ids = self._graph.ids.copy()
        for array in (ids, costs, predecessors):
            array.setflags(write=False)
        return DistanceTree(root, ids, costs, toward_root, predecessors)

    def _matrix(self, stamp: float) -> csr_array:
        """Row = source, column = target, value = expected seconds."""
        edges, nodes = self._graph.edges, len(self._graph)
        if edges.version != self._version:
            self._indptr = np.zeros(1, np.int32)
            self._indices = self._edge_rows = np.zeros(0, np.int32)
            self._version, self._count = edges.version, 0
        grown = nodes + 1 - len(self._indptr)
        if grown:
            self._indptr = np.concatenate((self._indptr, np.full(grown, self._indptr[-1])))
        if self._count < len(edges):
            self._insert(edges.column("source"), edges.column("target"), nodes)
            self._count = len(edges)
        costs = edges.costs(stamp)[self._edge_rows]
        return csr_array((costs, self._indices, self._indptr), shape=(nodes, nodes))

    def _insert(self, source: NDArray[np.int32], target: NDArray[np.int32], nodes: int) -> None:
        new = np.arange(self._count, len(source), dtype=np.int32)
        new = new[np.argsort(source[new], kind="stable")]
        at = self._indptr[source[new] + 1]
        self._indices = np.insert(self._indices, at, target[new])
        self._edge_rows = np.insert(self._edge_rows, at, new)
        added = np.bincount(source[new], minlength=nodes)
        self._indptr[1:] += np.cumsum(added).astype(np.int32)
