"""Search of remembered descriptors by inner product."""

from __future__ import annotations

import threading

import hnswlib
import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.block_array import ROWS, BlockArray

EXACT_LIMIT = 100_000
"""Above this many nodes an exact search takes more than a few milliseconds a query."""
_BATCH = 64
"""Rows added by the builder between looks at whether it is still wanted."""
_CATCH_UP = 64
"""Rows added to a finished index a query: bounds the time of one step."""


class NearestNeighbours:
    """The rows most similar to a descriptor: exact up to `exact_limit` rows, HNSW above.

    The HNSW index (Malkov and Yashunin, 2018) is built in a background thread; queries stay exact until it
    is ready, and rows it does not hold yet are always searched exactly.
    """

    def __init__(self, exact_limit: int = EXACT_LIMIT) -> None:
        self._exact_limit = exact_limit
        self._index: hnswlib.Index | None = None
        self._indexed = 0
        self._builder: threading.Thread | None = None
        self._generation = 0

    @property
    def is_approximate(self) -> bool:
        return self._index is not None

    def forget(self) -> None:
        """Rows were renumbered: start again."""
        self._index, self._indexed, self._builder = None, 0, None
        self._generation += 1

    def wait(self, timeout: float) -> bool:
        """Wait for a build under way; True when there is none any more."""
        builder = self._builder
        if builder is not None:
            builder.join(timeout)
        return builder is None or not builder.is_alive()

    def query(
        self, descriptors: BlockArray, descriptor: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Up to k rows and their inner products, both shape (<= k,), most similar first."""
        total = len(descriptors)
        if total == 0 or k < 1:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        if total > self._exact_limit and self._index is None and self._builder is None:
            self._build(descriptors)
        index = self._index
        if index is None:
            return _exact(descriptors, descriptor, min(k, total), 0)
        self._catch_up(index, descriptors)
        labels, distances = index.knn_query(descriptor, k=min(k, self._indexed), num_threads=1)
        rows, similarity = labels[0].astype(np.intp), 1.0 - distances[0]
        if self._indexed < total:
            more_rows, more = _exact(descriptors, descriptor, min(k, total - self._indexed), self._indexed)
            rows, similarity = np.concatenate((rows, more_rows)), np.concatenate((similarity, more))
        order = np.argsort(-similarity, kind="stable")[:k]
        return rows[order], similarity[order].astype(np.float32)

    def _catch_up(self, index: hnswlib.Index, descriptors: BlockArray) -> None:
        rows = np.arange(self._indexed, min(len(descriptors), self._indexed + _CATCH_UP))
        if len(rows) == 0:
            return
        if rows[-1] >= index.get_max_elements():
            index.resize_index(2 * index.get_max_elements())
        index.add_items(descriptors.gather(rows), rows, num_threads=1)
        self._indexed += len(rows)

    def _build(self, descriptors: BlockArray) -> None:
        generation = self._generation
        blocks = list(descriptors.blocks())
        size = descriptors.row_shape[0]

        def build() -> None:
            index = hnswlib.Index(space="ip", dim=size)
            index.init_index(max_elements=2 * ROWS * len(blocks), ef_construction=100, M=16)
            done = 0
            for block in blocks:
                for start in range(0, len(block), _BATCH):
                    if generation != self._generation or not threading.main_thread().is_alive():
                        return
                    rows = block[start : start + _BATCH]
                    index.add_items(rows, np.arange(done, done + len(rows)), num_threads=1)
                    done += len(rows)
            index.set_ef(64)
            if generation == self._generation:
                self._indexed = done
                self._index = index

        # Not a daemon: an interpreter that ends under running C++ code aborts.  It ends with the main thread.
        self._builder = threading.Thread(target=build, name="hnsw-build")
        self._builder.start()


def _exact(
    descriptors: BlockArray, descriptor: NDArray[np.float32], k: int, start: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    first = start // ROWS
    blocks = list(descriptors.blocks())[first:]
    scores = np.concatenate([block @ descriptor for block in blocks])[start - first * ROWS :]
    top = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
    top = top[np.argsort(-scores[top], kind="stable")]
    return top + start, scores[top]
