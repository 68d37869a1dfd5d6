"""The graph memory as dots and lines, few enough to send and to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory

MOST = 2000
"""Places, and lines of each kind: more would be slow to send and could not be told apart."""


@dataclass(frozen=True)
class GraphOutline:
    """Places and the ways between them, in `map` [m].

    Attributes:
        places: shape (N, 2).
        driven: ends of the ways that were driven, shape (D, 2, 2).
        seen: ends of the ways that were only seen, shape (S, 2, 2).
    """

    places: NDArray[np.float64]
    driven: NDArray[np.float64]
    seen: NDArray[np.float64]


def outline_of(graph: GraphMemory, most: int = MOST) -> GraphOutline:
    """What there is to draw: both directions of a way are one line; of too many an even share is left out."""
    places = graph.poses[:, :2]
    source, target = (graph.edges.column(name).astype(np.int64) for name in ("source", "target"))
    # A way that was driven in either direction was driven: such rows come first, and the first one counts.
    order = np.argsort(graph.edges.column("kind") != EdgeKind.TRAVERSED, kind="stable")
    ways = (np.minimum(source, target) << 32 | np.maximum(source, target))[order]
    rows = order[np.sort(np.unique(ways, return_index=True)[1])]
    ends = np.stack([source[rows], target[rows]], axis=1)
    driven = graph.edges.column("kind")[rows] == EdgeKind.TRAVERSED
    return GraphOutline(
        places[:: _stride(len(places), most)].copy(),
        places[ends[driven][:: _stride(int(driven.sum()), most)]],
        places[ends[~driven][:: _stride(int((~driven).sum()), most)]],
    )


def _stride(count: int, most: int) -> int:
    return max(1, -(-count // most))
