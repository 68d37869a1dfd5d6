"""From rows to the figures of a benchmark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation import scoring
from cairn.evaluation.bootstrap import interval_of, interval_of_mean, interval_of_paired_ratio, ratio_of_means
from cairn.evaluation.explore_settings import ExploreSettings
from cairn.evaluation.path_driver import CRUISE_SPEED
from cairn.evaluation.row_file import Row

REACHED, FALSE = "reached", "false declaration"

_COMPARED_WITH = ("random_walk", "no_graph", "random", "recon", "oracle")


def report(rows: Sequence[Row], settings: ExploreSettings) -> dict[str, Any]:
    """`methods`, `comparisons`, `worlds`: plain values, NaN as None.

    Worlds where a method could not be run (`error`) count for no method, so that all have the same worlds;
    they are listed under `left_out`, and why under `errors`.
    """
    failed = [row for row in rows if "error" in row]
    left_out = sorted({row["seed"] for row in failed})
    used = [row for row in rows if row["seed"] not in left_out]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    by_method = {name: [row for row in used if row["method"] == name] for name in methods}
    plain: dict[str, Any] = _plain(
        {
            "settings": settings.as_json(),
            "left_out": left_out,
            "errors": sorted({f"{row['method']} in world {row['seed']}: {row['error']}" for row in failed}),
            "methods": {name: _figures(by_method[name], settings) for name in methods if by_method[name]},
            "comparisons": _comparisons(by_method, settings),
            "worlds": list(rows),
        }
    )
    return plain


def _figures(rows: Sequence[Row], settings: ExploreSettings) -> dict[str, Any]:
    """Discovery over all worlds; the later visits over those worlds where the goal had been found."""
    success = _flags(rows, "discovery", REACHED)
    times = scoring.capped_times(success, _values(rows, "discovery", "seconds"), settings.budget)
    shortest = np.array([row["shortest_m"] for row in rows])
    per_world = {
        "success": success.astype(float),
        "false_declarations": _flags(rows, "discovery", FALSE).astype(float),
        "discovery_time_s": times,
        "discovery_spl": scoring.path_efficiencies(success, _values(rows, "discovery", "driven_m"), shortest),
    }
    figures: dict[str, Any] = {"n": len(rows)}
    per_world_later = _later_figures(rows, settings)
    for name, values in (per_world | per_world_later).items():
        figures[name] = float(values.mean()) if values.size else math.nan
    figures["n_second_visit"] = sum(1 for row in rows if row.get("second_visit"))
    figures["n_changed_visit"] = sum(1 for row in rows if row.get("changed_visit"))
    figures["cold_start"] = _cold_starts(rows)
    hits, metres = _driving(rows)
    figures["collisions_per_km"] = scoring.collisions_per_kilometre(hits, metres)
    intervals = {n: interval_of_mean(v) for n, v in (per_world | per_world_later).items()}
    intervals["collisions_per_km"] = interval_of(
        lambda drawn: scoring.collisions_per_kilometre(hits[drawn], metres[drawn]), len(rows)
    )
    return figures | {"intervals": intervals}


def _cold_starts(rows: Sequence[Row]) -> dict[str, float] | None:
    """Share of worlds by verdict."""
    verdicts = [row["cold_start"]["verdict"] for row in rows if row.get("cold_start")]
    if not verdicts:
        return None
    shares = {verdict: verdicts.count(verdict) / len(verdicts) for verdict in ("correct", "lost", "wrong")}
    return {"n": len(verdicts), **shares}


def _later_figures(rows: Sequence[Row], settings: ExploreSettings) -> dict[str, NDArray[np.float64]]:
    """One value a world: SPL and SCT are those of the second visit, as RECON reports them."""
    back = [row for row in rows if row.get("second_visit")]
    success = _flags(back, "second_visit", REACHED)
    seconds = _values(back, "second_visit", "seconds")
    shortest = np.array([row["shortest_m"] for row in back])
    fastest = shortest / CRUISE_SPEED
    changed = [row for row in rows if row.get("changed_visit")]
    return {
        "return_success": success.astype(float),
        "return_time_s": scoring.capped_times(success, seconds, settings.return_budget),
        "return_time_ratio": (seconds / fastest)[success],
        "sct": scoring.time_efficiencies(success, seconds, fastest),
        "spl": scoring.path_efficiencies(success, _values(back, "second_visit", "driven_m"), shortest),
        "changed_return_success": _flags(changed, "changed_visit", REACHED).astype(float),
    }


def _comparisons(by_method: dict[str, list[Row]], settings: ExploreSettings) -> list[dict[str, Any]]:
    """How many times longer each baseline takes to find the goal than `cairn`, over the same worlds."""
    found = []
    for name in _COMPARED_WITH:
        ours = {row["seed"]: row for row in by_method.get("cairn", [])}
        theirs = {row["seed"]: row for row in by_method.get(name, [])}
        seeds = sorted(ours.keys() & theirs.keys())
        if seeds:
            slow = _discovery_times([theirs[seed] for seed in seeds], settings)
            quick = _discovery_times([ours[seed] for seed in seeds], settings)
            found.append(
                {
                    "method": "cairn",
                    "baseline": name,
                    "n": len(seeds),
                    "discovery_time_ratio": ratio_of_means(slow, quick),
                    "interval": interval_of_paired_ratio(slow, quick),
                }
            )
    return found


def _discovery_times(rows: Sequence[Row], settings: ExploreSettings) -> NDArray[np.float64]:
    success = _flags(rows, "discovery", REACHED)
    return scoring.capped_times(success, _values(rows, "discovery", "seconds"), settings.budget)


def _driving(rows: Sequence[Row]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Collisions and metres of each world, over all visits."""
    visits = [[row[v] for v in ("discovery", "second_visit", "changed_visit") if row.get(v)] for row in rows]
    hits = np.array([sum(visit["collisions"] for visit in world) for world in visits], float)
    metres = np.array([sum(visit["driven_m"] for visit in world) for world in visits], float)
    return hits, metres


def _flags(rows: Sequence[Row], visit: str, verdict: str) -> NDArray[np.bool_]:
    return np.array([row[visit]["verdict"] == verdict for row in rows], bool)


def _values(rows: Sequence[Row], visit: str, name: str) -> NDArray[np.float64]:
    return np.array([row[visit][name] for row in rows], float)


def _plain(value: Any) -> Any:
    """The same in JSON's types; JSON has no NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
