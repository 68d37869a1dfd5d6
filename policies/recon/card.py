"""The model card of a RECON bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from cairn.policies.recon.collapse import signs_of_collapse
from cairn.policies.recon.recorded_drive import RecordedDrive

_ROWS = (
    ("KL, nats", "kl", "{:.2f}"),
    ("active latent dimensions (KL > 0.1)", "active_dimensions", "{:.0f}"),
    ("spread of prior samples: turn rate, rad/s", "prior_turn_spread", "{:.2f}"),
    ("spread of prior samples: bearing, rad", "prior_bearing_spread", "{:.2f}"),
    ("drivable share of prior samples", "prior_drivable", "{:.2f}"),
    ("temporal distance: median error, control steps", "steps_error", "{:.1f}"),
    ("temporal distance: bias, control steps", "steps_bias", "{:+.1f}"),
    ("bearing of the goal: median error, degrees", "bearing_error", "{:.1f}"),
    ("heading of the goal: median error, degrees", "yaw_error", "{:.1f}"),
    ("distance of the goal: median error, m", "distance_error", "{:.2f}"),
    ("free range: median error of its logarithm", "range_log_error", "{:.2f}"),
    ("recognition: area under the ROC curve", "auc", "{:.4f}"),
    ("recognised within 45 degrees, 0-3 m", "recall_0_3", "{:.2f}"),
    ("recognised within 45 degrees, 3-8 m", "recall_3_8", "{:.2f}"),
    ("recognised within 45 degrees, 8-12 m", "recall_8_12", "{:.2f}"),
)


_SIMULATED = "worlds (tuning seeds, never trained on)"
_RECORDED = "recordings (trajectories never trained on)"


def model_card(
    metrics: Mapping[str, float],
    data: Sequence[str],
    command: str,
    minutes: float,
    recordings: str = "",
    simulated: bool = True,
) -> str:
    """Markdown from the diagnostics of held-out worlds.

    Args:
        recordings: the part on recordings that `recordings_section` makes, empty where none was used.
        simulated: whether `metrics` are of simulated worlds; else they are of recordings.
    """
    origin = (
        "Trained on the recordings listed below: trust it\n"
        "on the robot, the camera and the kind of place that they show"
        if recordings
        else "Trained on simulated outdoor worlds only; on a real robot it must be fine-tuned on\n"
        "that robot's own recordings before it is trusted"
    )
    table = _table(metrics)
    collapse = "".join(f"- {sign}\n" for sign in signs_of_collapse(metrics)) or "None.\n"
    sources = "\n".join(f"- {entry}" for entry in data)
    return f"""# RECON latent goal model

**What it is for.** Driving a Clearpath Jackal with a wide forward camera to the place of a photo: how many
control steps away the goal is, whether it is in view, where its viewpoint lies, what to do next, and how far
each direction is free. {origin}, and it drives behind the command gate like any other policy.

**What it is not for.** People, animals and moving vehicles were never in its data. It does not see drops.

## Data
{sources}

## How to reproduce it
```
{command}
```
About {minutes:.0f} minutes of training on two CPU cores, after the collection.

## Held-out {_SIMULATED if simulated else _RECORDED}
{table}

The recognition figures are per view at the threshold that lets one in a thousand views of another place
through, where the goal's place is in view; no view is compared with itself.

## Signs of posterior collapse
{collapse}{recordings}"""


def recordings_section(
    training: Sequence[RecordedDrive],
    held_out: Sequence[RecordedDrive],
    unused: Sequence[RecordedDrive],
    metrics: Mapping[str, float] | None,
) -> str:
    """Markdown: which recordings were used, and how the model does on those held out, unless the card's own
    table says it."""
    rows = "\n".join(
        f"| {_cell(drive.source.name)} | {_cell(drive.name)} | {drive.frames} | {drive.scanned} "
        f"| {drive.dropped} | {part} |"
        for part, drives in (("training", training), ("held out", held_out), ("nothing", unused))
        for drive in drives
    )
    judged = "" if metrics is None else f"\n## Held-out {_RECORDED}\n{_table(metrics)}\n"
    return f"""
## Recordings
| source | trajectory | frames | with lidar | left out | used for |
|---|---|---|---|---|---|
{rows}

Split by trajectory. Labels of frames without lidar come from odometry over short stretches; what it leaves
undecided is not counted.
{judged}"""


def _table(metrics: Mapping[str, float]) -> str:
    """What is not known has no row."""
    rows = (
        f"| {label} | {form.format(metrics[key])} |"
        for label, key, form in _ROWS
        if key in metrics and isfinite(metrics[key])
    )
    return "\n".join(["| measure | value |", "|---|---|", *rows])


def _cell(text: str) -> str:
    """A recorded name that can't break out of its cell."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
