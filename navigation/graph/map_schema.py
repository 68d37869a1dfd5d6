"""What the arrays of a map must satisfy together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.edge import EdgeKind


def check_arrays(
    nodes: dict[str, NDArray[Any]],
    edges: dict[str, NDArray[Any]],
    embeddings: dict[str, NDArray[Any]],
    thumbnail_lengths: NDArray[np.int64],
    thumbnail_bytes: int,
    next_id: int,
) -> None:
    """Raise CairnError, naming the first offender, unless a memory with these arrays would be consistent."""
    ids = nodes["ids"]
    if len(ids) and not (ids[0] >= 0 and (np.diff(ids) > 0).all() and ids[-1] < next_id):
        raise CairnError(f"node ids must ascend from 0 and stay below next_id {next_id}")
    for name in ("poses", "variances", "stamps", "last_visits"):
        _finite(nodes[name], f"node {name}", ids)
    if (nodes["variances"] < 0).any() or (nodes["visits"] < 0).any():
        raise CairnError("node variances and visits must not be negative")
    for name, array in embeddings.items():
        _finite(array, f"embedding {name}", ids)
    if (thumbnail_lengths < 0).any() or int(thumbnail_lengths.sum()) != thumbnail_bytes:
        raise CairnError(
            f"thumbnail lengths add up to {thumbnail_lengths.sum()}, there are {thumbnail_bytes} bytes"
        )
    _check_edges(edges, ids)


def _check_edges(edges: dict[str, NDArray[Any]], ids: NDArray[np.int64]) -> None:
    source, target = edges["source"], edges["target"]
    for end in (source, target):
        if len(end) and not (end.min() >= 0 and end.max() < len(ids)):
            raise CairnError(f"edges must join nodes of rows 0 to {len(ids) - 1}")
    if (source == target).any():
        raise CairnError(f"node {ids[source[np.argmax(source == target)]]} has an edge to itself")
    if len(np.unique(source.astype(np.int64) << 32 | target)) != len(source):
        raise CairnError("an ordered pair of nodes has two edges")
    for name in ("steps", "mean_time", "failure_level", "relative_variance"):
        values = edges[name].reshape(len(source), edges[name].size // max(len(source), 1))
        bad = ~(np.isfinite(values) & (values >= 0)).all(axis=1)
        if bad.any():
            row = int(np.argmax(bad))
            raise CairnError(
                f"edge {ids[source[row]]} -> {ids[target[row]]} has {name} {values[row].tolist()}; "
                "expected finite, non-negative numbers"
            )
    known = np.isfinite(edges["relative_pose"])
    if not (known.all(axis=1) | np.isnan(edges["relative_pose"]).all(axis=1)).all():
        raise CairnError("an edge's relative pose must be finite, or NaN throughout where unmeasured")
    if not (edges["relative_variance"][known.all(axis=1)] > 0).all():
        raise CairnError("a measured relative pose needs positive variances")
    if (edges["kind"] > max(EdgeKind)).any():
        raise CairnError(f"edge kinds are 0 to {max(EdgeKind)}, got {edges['kind'].max()}")
    last = edges["last_failure"]
    if (
        (edges["traversals"] < 0).any()
        or (edges["failures"] < 0).any()
        or (np.isnan(last) | (last == np.inf)).any()
    ):
        raise CairnError("edge traversals and failures must not be negative, last_failure must not be NaN")


def _finite(array: NDArray[Any], name: str, ids: NDArray[np.int64]) -> None:
    bad = ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    if bad.any():
        raise CairnError(f"{name} of node {ids[int(np.argmax(bad))]} is not finite")
