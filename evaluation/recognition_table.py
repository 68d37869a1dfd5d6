"""The reach of the recogniser as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import pi, radians
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from cairn.evaluation.bootstrap import interval_of
from cairn.evaluation.recognition_benchmark import RecognitionRecord
from cairn.evaluation.recognition_views import DISTANCES, HEADINGS

ALIGNED = 45.0  # [degrees]


def recognition_table(records: Sequence[RecognitionRecord], threshold: float) -> dict[str, Any]:
    """Shares of views recognised at `threshold`, with 95 % intervals over worlds.

    `reach` has one row a cell of distance and heading difference; `aligned` merges the headings within 45
    degrees, as the targets are stated; `false_positives` are of views that the goal's place is hidden from.
    """
    ordered = sorted(records, key=lambda record: record.seed)
    cells = [
        {
            "distance_m": [near, far],
            "heading_deg": [low, high],
            **_share(ordered, threshold, near, far, radians(low), radians(high)),
        }
        for near, far in pairwise(DISTANCES)
        for low, high in pairwise(HEADINGS)
    ]
    aligned = [
        {"distance_m": [near, far], **_share(ordered, threshold, near, far, 0.0, radians(ALIGNED))}
        for near, far in pairwise(DISTANCES)
    ]
    hidden = [record.hidden for record in ordered]
    return {
        "threshold": threshold,
        "worlds": len(ordered),
        "seeds": [record.seed for record in ordered],
        "aligned": aligned,
        "reach": cells,
        "false_positives": _share_where(ordered, hidden, threshold),
    }


def _share(
    records: Sequence[RecognitionRecord], threshold: float, near: float, far: float, low: float, high: float
) -> dict[str, Any]:
    """Of views with the goal's place in view, `near <= distance < far`, `low <= heading < high`."""
    high = high if high < pi - 1e-9 else np.inf
    chosen = [
        r.in_view & (r.distance >= near) & (r.distance < far) & (r.heading >= low) & (r.heading < high)
        for r in records
    ]
    return _share_where(records, chosen, threshold)


def _share_where(
    records: Sequence[RecognitionRecord], chosen: Sequence[NDArray[np.bool_]], threshold: float
) -> dict[str, Any]:
    hits = np.array(
        [(record.match[mask] >= threshold).sum() for record, mask in zip(records, chosen, strict=True)]
    )
    counts = np.array([mask.sum() for mask in chosen])
    total = int(counts.sum())
    if not total:
        return {"n": 0, "share": None, "interval": None}

    def share(drawn: NDArray[np.intp]) -> float:
        seen = counts[drawn].sum()
        return float(hits[drawn].sum() / seen) if seen else float("nan")

    return {"n": total, "share": float(hits.sum() / total), "interval": list(interval_of(share, len(counts)))}


def rich_table(table: dict[str, Any]) -> Table:
    """Shares by distance and heading, as the terminal shows them."""
    worlds, threshold = table["worlds"], table["threshold"]
    title = f"Goal photo recognised, {worlds} worlds, threshold {threshold:.3f}"
    shown = Table(title=title, title_justify="left")
    shown.add_column("distance [m]")
    shown.add_column(f"within {ALIGNED:.0f}°", justify="right")
    for low, high in pairwise(HEADINGS):
        shown.add_column(f"{low:g}-{high:g}°", justify="right")
    for band, merged in zip(pairwise(DISTANCES), table["aligned"], strict=True):
        cells = [cell for cell in table["reach"] if tuple(cell["distance_m"]) == band]
        shown.add_row(
            f"{band[0]:g}-{band[1]:g}", _with_interval(merged), *(_share_text(cell) for cell in cells)
        )
    shown.add_section()
    wrong = table["false_positives"]
    share = "no view" if wrong["share"] is None else f"{wrong['share']:.3%} of {wrong['n']:,}"
    shown.add_row("hidden", share)
    return shown


def _share_text(cell: dict[str, Any]) -> str:
    return "" if cell["share"] is None else f"{cell['share']:.2f}"


def _with_interval(cell: dict[str, Any]) -> str:
    if cell["share"] is None:
        return ""
    low, high = cell["interval"]
    return f"{cell['share']:.2f} [{low:.2f}, {high:.2f}]"
