"""Edges as a sparse matrix that follows a growing graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cairn.navigation.graph.edge_table import EdgeTable


class SparseRows:
    """Compressed rows of one end of all edges, kept between calls.

    New edges are inserted into what is kept (a copy of two columns, no sort); only removals rebuild it.
    """

    def __init__(self, row: str, column: str) -> None:
        self._names = row, column
        self._version, self._count = -1, 0
        self._starts = np.zeros(1, np.int32)
        self._columns = self._edges = np.zeros(0, np.int32)

    def matrix(self, edges: EdgeTable, nodes: int, stamp: float) -> csr_array:
        """Shape (nodes, nodes), values the expected seconds of each edge at `stamp` [s]."""
        if edges.version != self._version:
            self._version, self._count = edges.version, 0
            self._starts = np.zeros(1, np.int32)
            self._columns = self._edges = np.zeros(0, np.int32)
        grown = nodes + 1 - len(self._starts)
        if grown:
            self._starts = np.concatenate((self._starts, np.full(grown, self._starts[-1], np.int32)))
        if self._count < len(edges):
            row, column = self._names
            self._insert(edges.column(row), edges.column(column), nodes)
            self._count = len(edges)
        costs = edges.costs(stamp)[self._edges]
        return csr_array((costs, self._columns, self._starts), shape=(nodes, nodes))

    def _insert(self, row: NDArray[np.int32], column: NDArray[np.int32], nodes: int) -> None:
        new = np.arange(self._count, len(row), dtype=np.int32)
        new = new[np.argsort(row[new], kind="stable")]
        at = self._starts[row[new] + 1]
        self._columns = np.insert(self._columns, at, column[new])
        self._edges = np.insert(self._edges, at, new)
        self._starts[1:] += np.cumsum(np.bincount(row[new], minlength=nodes)).astype(np.int32)
