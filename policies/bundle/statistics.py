"""The statistics that normalise a policy's actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.manifest import Manifest

Statistics = Mapping[str, NDArray[np.float64]]


def parse_statistics(content: bytes, manifest: Manifest) -> Statistics:
    """Named vectors from JSON, checked against what the manifest's normalisations need.

    Raises:
        BundleError: no JSON object of lists of finite numbers; an entry that an action refers to is missing,
            of another length than the action, or not invertible.
    """
    source = manifest.statistics
    try:
        document = json.loads(content, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{source} is no valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise BundleError(f"{source} must hold an object of lists, got {type(document).__name__}")
    statistics = {name: _vector(f"{source}: {name!r}", values) for name, values in document.items()}
    for action in manifest.actions:
        if action.normalisation is None:
            continue
        offset, scale = (
            _entry(statistics, name, action.width, str(source))
            for name in (action.normalisation.offset, action.normalisation.scale)
        )
        z_score = action.normalisation.kind == "z_score"
        if not (scale > 0 if z_score else scale > offset).all():
            rule = "positive" if z_score else f"above {action.normalisation.offset!r}"
            raise BundleError(
                f"{source}: {action.normalisation.scale!r} must be {rule}, got {scale.tolist()}"
            )
    return statistics


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError(f"a key occurs twice among {sorted(name for name, _ in pairs)}")
    return document


def _vector(what: str, values: object) -> NDArray[np.float64]:
    numeric = isinstance(values, list) and all(type(value) in (int, float) for value in values)
    if not numeric or not values:
        raise BundleError(f"{what} must be a non-empty list of numbers")
    vector = np.array(values, np.float64)
    if not np.isfinite(vector).all():
        raise BundleError(f"{what} must be finite, got {values}")
    vector.setflags(write=False)
    return vector


def _entry(statistics: Statistics, name: str, width: int, source: str) -> NDArray[np.float64]:
    if name not in statistics:
        raise BundleError(f"{source} lacks {name!r}; it has {sorted(statistics)}")
    if statistics[name].shape != (width,):
        raise BundleError(f"{source}: {name!r} must hold {width} numbers, got {statistics[name].size}")
    return statistics[name]
