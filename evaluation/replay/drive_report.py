"""The judgement of a command replay as JSON, as a picture and as a page."""

from __future__ import annotations

import base64
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from cairn.evaluation.replay.command_replay import CommandReplay
from cairn.evaluation.replay.drive_figure import drive_figure
from cairn.evaluation.replay.drive_verdict import AxisVerdict
from cairn.evaluation.replay.picture import png, write_picture
from cairn.evaluation.whole_file import write_whole

_ROWS = 400  # at most, of each series


def as_json(replay: CommandReplay) -> dict[str, Any]:
    """Everything judged; errors thinned to a few hundred rows."""
    verdict = replay.verdict
    rows = np.unique(np.linspace(0, len(verdict.time) - 1, _ROWS).round().astype(int))
    series = {
        "time_s": verdict.time,
        "distance_m": verdict.distance,
        "position_error_m": verdict.position_error,
        "heading_error_deg": verdict.heading_error,
    }
    return {
        "bag": str(replay.bag),
        "world": replay.world,
        "passed": verdict.passed,
        "findings": list(verdict.findings),
        "notes": list(verdict.notes),
        "tolerances": dict(vars(verdict.tolerances)),
        "distance_m": round(sum(float(drive.distance[-1]) for drive, _ in replay.drives), 3),
        "seconds": round(float(verdict.time[-1]), 3),
        "worst_position_error_m": round(float(verdict.position_error.max()), 4),
        "worst_position_error_percent": round(100 * verdict.worst_share, 3),
        "worst_heading_error_deg": round(float(verdict.heading_error.max()), 3),
        "collisions": sum(simulated.collisions for _, simulated in replay.drives),
        "axes": {name: _axis(axis) for name, axis in verdict.axes.items()},
        "errors": {
            name: [round(float(value), 4) for value in values[rows]] for name, values in series.items()
        },
    }


def _axis(axis: AxisVerdict) -> dict[str, Any]:
    answers = {
        name: {
            "lag_ms": None if answer.lag is None else round(1e3 * answer.lag, 2),
            "gain": None if answer.gain is None else round(answer.gain, 4),
            "correlation": round(answer.correlation, 4),
        }
        for name, answer in (("recorded", axis.recorded), ("simulated", axis.simulated))
    }
    lag, gain = axis.lag_ms, axis.gain
    return answers | {
        "lag_difference_ms": None if lag is None else round(lag, 2),
        "gain_ratio": None if gain is None else round(gain, 4),
        "reversed": axis.is_reversed,
    }


def write_drive_report(replay: CommandReplay, folder: Path) -> Path:
    """Write replay.json, replay.png and replay.html; returns the page.  Raises CairnError."""
    result, picture = as_json(replay), png(drive_figure(replay))
    write_whole(folder / "replay.json", json.dumps(result, indent=1, allow_nan=False) + "\n")
    write_picture(folder / "replay.png", picture)
    source = resources.files("cairn.evaluation.replay").joinpath("drive_report.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(source).render(
        result=result, picture="data:image/png;base64," + base64.b64encode(picture).decode()
    )
    write_whole(folder / "replay.html", page)
    return folder / "replay.html"
