"""The model card of a Bridge bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cairn.policies.bridge.settings import ModelSettings
from cairn.policies.bridge.training_plan import TrainingPlan

_METHODS = (
    ("model", "this policy"),
    ("mean", "always the mean action"),
    ("copy_last", "whatever was done in the step before"),
)
_MODELS = {
    "small": "a compact convolutional encoder with keypoints, conditioned on the task by FiLM",
    "v1": "ResNet-34, spatial softmax and task id, as in Bridge Data (Ebert et al. 2021)",
    "v2": "ResNet-34 with the goal image stacked on the observation, as in BridgeData V2 (Walke et al. 2023)",
}
_SHOWN_PROBLEMS = 20


def model_card(
    plan: TrainingPlan,
    model: ModelSettings,
    data: Sequence[str],
    metrics: Mapping[str, float],
    held_out: int,
    minutes: float,
    problems: Sequence[str],
) -> str:
    """Markdown.

    Args:
        data: one line a data set.
        metrics: of `held_out_metrics`.
        held_out: demonstrations that they are of.
        problems: what could not be read.
    """
    sources = "\n".join(f"- {line}" for line in data)
    tasks = "\n".join(f"- {_plain(task)}" for task in model.tasks)
    told = (
        f"One of these tasks:\n{tasks}" if model.tasks else "An image of how it should look when it is done."
    )
    lost = "\n".join(f"- {_plain(problem)}" for problem in problems[:_SHOWN_PROBLEMS])
    lost += f"\n- and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
    remarks = [
        "Actions are learnt as the demonstrators commanded them."
        if plan.relabelling == "recorded"
        else "Actions are learnt as the differences between reached states, the gripper open or closed.",
        f"{model.horizon} steps are predicted at once, of which {plan.execute} are meant to be carried out.",
        "Steps are meant to end when the motion has."
        if plan.blocking
        else "Steps are meant to last .2 s each.",
    ]
    if model.last_action:
        remarks.append(
            "The action before is an input, too: good for forecasts of what a demonstrator does, doubtful "
            "for acting, for such a policy tends to go on with whatever it did."
        )
    said = "\n".join(f"- {remark}" for remark in remarks)
    return f"""# Bridge policy, {model.kind}

**What it is for.** Moving a WidowX arm as demonstrators did, from one image over the shoulder. It is
{_MODELS[model.kind]}.
Trust it in kitchens, with objects and from camera poses like those in its data. It acts behind the arm's
gate, like any other policy.

**What it is not for.** People's hands in the workspace, and whatever is not below.

## What it is told
{told}

## Data
{sources}
{f"{chr(10)}Left out, because it could not be read:{chr(10)}{lost}{chr(10)}" if lost else ""}
## The contract
Δx, Δy, Δz [m] and Δroll, Δpitch, Δyaw [rad] about the axes of `base_link`, added to the previous target, and
the gripper (1 open); at most .05 m and .25 rad a step, five steps a second.
{said}

## How to reproduce it
```
{plan.command}
```
{minutes:.1f} minutes of training.

## Held-out demonstrations
{_table(metrics, held_out)}
"""


def _table(metrics: Mapping[str, float], held_out: int) -> str:
    if "model_error" not in metrics:
        return "None had two steps to judge by."
    rows = [
        f"| {label} | {metrics[f'{method}_error']:.3f} | {1e3 * metrics[f'{method}_translation']:.1f} "
        f"| {57.29578 * metrics[f'{method}_rotation']:.2f} | {metrics[f'{method}_gripper']:.3f} |"
        for method, label in _METHODS
    ]
    head = [
        f"Root mean squares over {held_out} demonstrations that training never saw, of steps that follow "
        "another:",
        "",
        "| | standard deviations | translation, mm | rotation, degrees | gripper |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _plain(text: str) -> str:
    """What came from outside and can't break out of its line."""
    return (
        " ".join(text.split())
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("`", "'")
        .replace("<", "&lt;")
    )
