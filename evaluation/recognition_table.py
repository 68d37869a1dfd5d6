"""The reach of the recogniser as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import radians
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from cairn.evaluation.bootstrap import interval_of
from cairn.evaluation.recognition_benchmark import RecognitionRecord
from cairn.evaluation.recognition_views import DISTANCES, HEADINGS
from cairn.hardware.errors import CairnError

ALIGNED = 45.0  # [degrees]

_Values = NDArray[np.int64]


def recognition_table(records: Sequence[RecognitionRecord], threshold: float) -> dict[str, Any]:
    """Shares of views recognised at `threshold`, with 95 % intervals over worlds.

    `reach` has one row a cell of distance and heading difference; `aligned` merges the headings within 45
    degrees, as the targets are stated; `false_positives` are of views that the goal's place is hidden from.
    """
    ordered = sorted(records, key=lambda record: record.seed)
    return {"threshold": threshold, **_averages(ordered, [_recognised(r, threshold) for r in ordered])}


def recognition_difference(
    after: Sequence[RecognitionRecord], threshold: float,
    before: Sequence[RecognitionRecord], threshold_before: float,
) -> dict[str, Any]:  # fmt: skip
    """What one bundle recognises more of than another, paired: the same views, the same worlds redrawn.

    As `recognition_table`, with differences of shares.  Raises CairnError when the views are others.
    """
    new, old = (sorted(records, key=lambda record: record.seed) for records in (after, before))
    if [r.seed for r in new] != [r.seed for r in old] or not all(map(_shows_the_same, new, old)):
        raise CairnError("a paired difference needs records of the same views")
    gained = [
        _recognised(n, threshold) - _recognised(o, threshold_before) for n, o in zip(new, old, strict=True)
    ]
    return _averages(new, gained)


def _shows_the_same(one: RecognitionRecord, other: RecognitionRecord) -> bool:
    return np.array_equal(one.distance, other.distance) and np.array_equal(one.heading, other.heading)


def _recognised(record: RecognitionRecord, threshold: float) -> _Values:
    """One for each pair that counts as recognised, else zero."""
    return (record.match >= threshold).astype(np.int64)


def _averages(records: Sequence[RecognitionRecord], values: Sequence[_Values]) -> dict[str, Any]:
    """Of one value a pair, by distance and heading."""
    bands, headings = list(pairwise(DISTANCES)), list(pairwise(HEADINGS))

    def seen(near: float, far: float, low: float, high: float) -> dict[str, Any]:
        return _average(values, [_seen(record, near, far, low, high) for record in records])

    return {
        "worlds": len(records),
        "seeds": [record.seed for record in records],
        "aligned": [{"distance_m": list(band), **seen(*band, 0.0, ALIGNED)} for band in bands],
        "reach": [
            {"distance_m": list(band), "heading_deg": list(heading), **seen(*band, *heading)}
            for band in bands
            for heading in headings
        ],
        "false_positives": _average(values, [record.hidden for record in records]),
    }


def _seen(record: RecognitionRecord, near: float, far: float, low: float, high: float) -> NDArray[np.bool_]:
    """Which have the goal's place in view, metres `near` to `far` away, `low` to `high` degrees turned."""
    limit = radians(high) if high < HEADINGS[-1] else np.inf
    turned = (record.heading >= radians(low)) & (record.heading < limit)
    return record.in_view & (record.distance >= near) & (record.distance < far) & turned


def _average(values: Sequence[_Values], chosen: Sequence[NDArray[np.bool_]]) -> dict[str, Any]:
    """Over the chosen pairs of all worlds, with an interval over worlds."""
    sums = np.array([value[mask].sum() for value, mask in zip(values, chosen, strict=True)])
    counts = np.array([mask.sum() for mask in chosen])
    total = int(counts.sum())
    if not total:
        return {"n": 0, "share": None, "interval": None}

    def share(drawn: NDArray[np.intp]) -> float:
        seen = counts[drawn].sum()
        return float(sums[drawn].sum() / seen) if seen else float("nan")

    return {"n": total, "share": float(sums.sum() / total), "interval": list(interval_of(share, len(counts)))}


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


def rich_difference(before: dict[str, Any], after: dict[str, Any], difference: dict[str, Any]) -> Table:
    """Two bundles side by side, within 45 degrees, as the terminal shows them."""
    shown = Table(title=f"The same views, {difference['worlds']} worlds", title_justify="left")
    shown.add_column("distance [m]")
    for name in ("before", "after", "difference"):
        shown.add_column(name, justify="right")
    rows = zip(pairwise(DISTANCES), before["aligned"], after["aligned"], difference["aligned"], strict=True)
    for (near, far), old, new, gained in rows:
        shown.add_row(
            f"{near:g}-{far:g}", _with_interval(old), _with_interval(new), _with_interval(gained, "+")
        )
    shown.add_section()
    old, new, gained = (table["false_positives"] for table in (before, after, difference))
    form = ".3%"
    shown.add_row(
        "hidden", *(_with_interval(cell, sign, form) for cell, sign in ((old, ""), (new, ""), (gained, "+")))
    )
    return shown


def _share_text(cell: dict[str, Any]) -> str:
    return "" if cell["share"] is None else f"{cell['share']:.2f}"


def _with_interval(cell: dict[str, Any], sign: str = "", form: str = ".2f") -> str:
    if cell["share"] is None:
        return ""
    share, low, high = (format(value, sign + form) for value in (cell["share"], *cell["interval"]))
    return f"{share} [{low}, {high}]"
