"""What a map holds, in numbers."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory


def summarise(graph: GraphMemory) -> dict[str, str | int | float]:
    """Counts, extent [m], duration [s] and bytes in memory; `parts` are sets of nodes with ways both ways."""
    edges = graph.edges
    source, target = edges.column("source"), edges.column("target")
    links = coo_array((np.ones(len(edges)), (source, target)), shape=(len(graph), len(graph)))
    parts = connected_components(links, directed=True, connection="strong")[0] if len(graph) else 0
    extent = np.ptp(graph.poses[:, :2], axis=0) if len(graph) else np.zeros(2)
    duration = float(graph.last_visits.max() - graph.stamps.min()) if len(graph) else 0.0
    kinds = {f"{kind.name.lower()}_edges": int((edges.column("kind") == kind).sum()) for kind in EdgeKind}
    return {
        "fingerprint": graph.fingerprint,
        "rate": graph.rate,
        "nodes": len(graph),
        "edges": len(edges),
        **kinds,
        "failed_edges": int((edges.column("failures") > 0).sum()),
        "parts": int(parts),
        "visits": int(graph.visits.sum()),
        "width": float(extent[0]),
        "height": float(extent[1]),
        "duration": duration,
        "seconds_per_step": edges.seconds_per_step,
        "thumbnails": sum(1 for node in graph.ids.tolist() if graph.thumbnail(node)),
        "bytes_in_memory": graph.nbytes,
    }
