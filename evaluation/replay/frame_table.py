"""Rows of a frame replay as Parquet, and what they come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from cairn.evaluation.replay.frame_replay import FrameRow
from cairn.hardware.errors import CairnError

_TYPES = {"int": pa.int64(), "str": pa.string(), "float": pa.float64(), "float | None": pa.float64()}


def write_rows(rows: list[FrameRow], path: Path, facts: dict[str, str]) -> None:
    """One row a frame; `facts` such as bag and bundle go to the schema's metadata.

    Raises CairnError when it can't be written.
    """
    schema = pa.schema(
        [pa.field(field.name, _TYPES[str(field.type)]) for field in fields(FrameRow)],
        metadata={key: value.encode() for key, value in facts.items()},
    )
    table = pa.Table.from_pylist([dict(vars(row)) for row in rows], schema=schema)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise CairnError(f"{path} can't be written: {error}") from error


def summary(rows: list[FrameRow]) -> dict[str, Any]:
    """Figures over all frames."""
    stamps = np.array([row.stamp for row in rows])
    latency = np.percentile([row.latency_ms for row in rows], [50, 99])
    result: dict[str, Any] = {
        "frames": len(rows),
        "seconds": round(float(stamps[-1] - stamps[0]), 3),
        "stamps_back": int((np.diff(stamps) < 0).sum()),
        "latency_ms": {"p50": round(float(latency[0]), 2), "p99": round(float(latency[1]), 2)},
        "gate": dict(Counter(row.gate_verdict for row in rows)),
        "predicted_distance_m": _spread([row.predicted_distance for row in rows]),
        "match_probability": _spread([row.match_probability for row in rows]),
    }
    for name in ("linear", "angular"):
        pairs = [
            (getattr(row, f"action_{name}"), getattr(row, f"logged_{name}"))
            for row in rows
            if getattr(row, f"logged_{name}") is not None
        ]
        result[f"{name}_against_logged"] = (
            {
                "frames": len(pairs),
                "median_difference": _median([abs(ours - theirs) for ours, theirs in pairs]),
            }
            if pairs
            else None
        )
        result[f"action_{name}"] = _spread([getattr(row, f"action_{name}") for row in rows])
    return result


def _spread(values: list[float]) -> dict[str, float]:
    low, middle, high = np.percentile(values, [5, 50, 95])
    return {"p5": round(float(low), 4), "p50": round(float(middle), 4), "p95": round(float(high), 4)}


def _median(values: list[float]) -> float:
    return round(float(np.median(values)), 4)
