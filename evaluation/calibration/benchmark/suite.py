"""All random cameras, and what the table says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cairn.evaluation.calibration.benchmark.arm_case import arm_case
from cairn.evaluation.calibration.benchmark.lens_case import lens_case
from cairn.evaluation.calibration.benchmark.mounting_case import mounting_case
from cairn.evaluation.calibration.benchmark.time_case import time_case
from cairn.hardware.errors import CairnError

CAMERA = "camera"
"""The part in which lens, hand-eye and mounting of one random camera are calibrated one after the other."""
TIME = "time"
"""The part in which a camera turns and odometry comes with other stamps."""

GOALS = {
    "focal length [%]": 0.3,
    "reprojection [px]": 0.3,
    "mounting [mm]": 10.0,
    "mounting [deg]": 0.3,
    "hand-eye [mm]": 2.0,
    "hand-eye [deg]": 0.2,
    "time offset [ms]": 3.0,
}
COVERAGE = (0.90, 0.98)
Row = dict[str, Any]


def camera_case(seed: int) -> Row:
    """Lens, hand-eye and mounting of one random camera; what failed is said under `error`."""
    row: Row = {"method": CAMERA, "seed": seed}
    try:
        lens = lens_case(seed)
    except CairnError as error:
        return row | {"lens": {"error": str(error)}}
    row["lens"] = lens.row
    for name, case in (("hand_eye", arm_case), ("mounting", mounting_case)):
        try:
            row[name] = case(seed, lens.truth, lens.result.camera, lens.result.covariance)
        except CairnError as error:
            row[name] = {"error": str(error)}
    return row


def timing_case(seed: int) -> Row:
    """The time offset of one random drive."""
    try:
        return {"method": TIME, "seed": seed, "time": time_case(seed)}
    except CairnError as error:
        return {"method": TIME, "seed": seed, "time": {"error": str(error)}}


PARTS = {CAMERA: camera_case, TIME: timing_case}
"""What a row is made by, by its name."""


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Medians, their goals, how often the truth was within the stated interval, and the peers."""
    lens, arm, mounting, time = (
        [row[part] for row in rows if part in row and "error" not in row[part]]
        for part in ("lens", "hand_eye", "mounting", "time")
    )
    medians = {
        "focal length [%]": _median([100 * one["focal_error"] for one in lens]),
        "reprojection [px]": _median([one["held_out"] for one in lens]),
        "mounting [mm]": _median([one["mm"] for one in mounting]),
        "mounting [deg]": _median([one["deg"] for one in mounting]),
        "hand-eye [mm]": _median([one["mm"] for one in arm]),
        "hand-eye [deg]": _median([one["deg"] for one in arm]),
        "time offset [ms]": _median([one["error_ms"] for one in time]),
    }
    return {
        "cases": {"lens": len(lens), "hand_eye": len(arm), "mounting": len(mounting), "time": len(time)},
        "errors": [
            f"{part}, seed {row['seed']}: {row[part]['error']}"
            for row in rows
            for part in ("lens", "hand_eye", "mounting", "time")
            if part in row and "error" in row[part]
        ],
        "refused": {
            part: sum(bool(one["refused"]) for one in cases)
            for part, cases in (("lens", lens), ("hand_eye", arm), ("mounting", mounting))
        },
        "medians": medians,
        "goals": GOALS,
        "ninety_percent": {
            "focal length [%]": _quantile([100 * one["focal_error"] for one in lens]),
            "reprojection [px]": _quantile([one["held_out"] for one in lens]),
            "mounting [mm]": _quantile([one["mm"] for one in mounting]),
            "mounting [deg]": _quantile([one["deg"] for one in mounting]),
            "hand-eye [mm]": _quantile([one["mm"] for one in arm]),
            "hand-eye [deg]": _quantile([one["deg"] for one in arm]),
            "time offset [ms]": _quantile([one["error_ms"] for one in time]),
        },
        "covered": {
            "lens": _covered(lens),
            "mounting": _covered(mounting),
            "hand_eye": _covered(arm),
            "time": _covered(time),
        },
        "peers": _peers(lens, arm),
    }


def calibration_table(report: dict[str, Any]) -> Group:
    """For the terminal."""
    table = Table(title="Calibration against the truth", title_justify="left")
    for name in ("", "median", "goal", "9 of 10 below", "truth within interval"):
        table.add_column(name, justify="left" if not name else "right")
    parts = {"focal": "lens", "mounting": "mounting", "hand-eye": "hand_eye", "time": "time"}
    for name, median in report["medians"].items():
        if median is None:
            continue
        part = next((parts[key] for key in parts if name.startswith(key)), None)
        covered = report["covered"][part]["all"] if part else None
        table.add_row(
            name.replace("[", "\\["),
            f"{median:.3f}",
            f"{report['goals'][name]:g}",
            f"{report['ninety_percent'][name]:.3f}",
            "" if covered is None else f"{covered:.0%}",
        )
    peers = Table(title="The same data, other ways", title_justify="left")
    for name in ("", "median", "Cairn's"):
        peers.add_column(name, justify="left" if not name else "right")
    for name, (theirs, ours) in report["peers"].items():
        peers.add_row(name.replace("[", "\\["), f"{theirs:.3f}", f"{ours:.3f}")
    return Group(table, peers, *(Text(error) for error in report["errors"]))


def _covered(cases: Sequence[Row]) -> dict[str, float | None]:
    """Share of cases whose interval holds the truth, for each number and for all together."""
    names = list(cases[0]["covered"]) if cases else []
    shares: dict[str, float | None] = {
        name: float(np.mean([one["covered"][name] for one in cases])) for name in names
    }
    every = [held for one in cases for held in one["covered"].values()]
    return shares | {"all": float(np.mean(every)) if every else None}


def _peers(lens: Sequence[Row], arm: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Medians of a peer and of Cairn."""
    peers: dict[str, tuple[float, float]] = {}
    for kind in ("plumb_bob", "equidistant"):
        cases = [one for one in lens if one["model"] == kind]
        if not cases:
            continue
        shown = "pinhole" if kind == "plumb_bob" else "fisheye"
        for key, unit, scale in (("focal_error", "focal length [%]", 100), ("map_error", "rays [px]", 1)):
            theirs = float(np.median([scale * min(one["plain"][key], 1e6) for one in cases]))
            ours = float(np.median([scale * one[key] for one in cases]))
            peers[f"plain calibrateCamera, {shown}: {unit}"] = theirs, ours
    for name in arm[0]["solvers"] if arm else ():
        for unit in ("mm", "deg"):
            theirs = float(np.median([one["solvers"][name][unit] for one in arm]))
            peers[f"{name}: hand-eye [{unit}]"] = theirs, float(np.median([one[unit] for one in arm]))
    return peers


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _quantile(values: Sequence[float]) -> float | None:
    return float(np.quantile(values, 0.9)) if values else None
