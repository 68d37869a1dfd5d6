"""How far it is to drive, in metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cairn.navigation.graph.graph_memory import GraphMemory


def path_lengths(graph: GraphMemory, root: int) -> NDArray[np.float64]:
    """Metres along the graph from one node to every other, shape (N,), infinite where no way is known.

    Raises CairnError when `root` is not in the map.
    """
    source, target = graph.edges.column("source"), graph.edges.column("target")
    # An explicit zero would be no edge: two nodes may look two ways from one place.
    metres = np.hypot(*(graph.poses[target, :2] - graph.poses[source, :2]).T) + 1e-3
    matrix = csr_array((metres, (source, target)), shape=(len(graph), len(graph)))
    lengths: NDArray[np.float64] = dijkstra(matrix, indices=graph.row(root))
    return lengths
