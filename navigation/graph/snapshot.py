"""A graph memory at one moment, safe to read from another thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.thumbnail_store import ThumbnailStore


@dataclass(frozen=True)
class GraphSnapshot:
    """What a map file holds.

    Attributes:
        fingerprint: of the encoder.
        rate: control steps per second.
        columns: copies of the node columns, see `graph_memory.NODE_COLUMNS`.
        embeddings: blocks of `descriptors`, `tokens` and `ranges` that no longer change.
        edges: copies of the edge columns, see `EdgeTable.schema`.
        calibration: seconds and predicted steps of all traversals.
        next_id: the id of the next node.
        thumbnails, spans: the store, and offset and length in it of each node's, shape (N, 2).
    """

    fingerprint: str
    rate: float
    columns: dict[str, NDArray[Any]]
    embeddings: dict[str, list[NDArray[Any]]]
    edges: dict[str, NDArray[Any]]
    calibration: tuple[float, float]
    next_id: int
    thumbnails: ThumbnailStore
    spans: NDArray[np.int64]

    def jpegs(self) -> Iterator[bytes]:
        """Thumbnails in node order, empty where there is none."""
        return (self.thumbnails.read(offset, length) for offset, length in self.spans.tolist())
