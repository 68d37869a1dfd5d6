"""`cairn bench bridge-windows`: what a policy learns from few demonstrations, on those held out."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_LABELS = {
    "model": "policy",
    "mean": "mean action",
    "copy_last": "last action",
    "persistence": "last, shrunk",
}


def command(
    data: Annotated[
        Path, typer.Argument(help="Demonstrations of Bridge Data: RLDS, out.npy or raw folders.")
    ],
    folds: Annotated[int, typer.Option(help="Each demonstration is held out by one of so many.")] = 5,
    repeats: Annotated[int, typer.Option(help="How often they are dealt anew.")] = 1,
    steps: Annotated[int, typer.Option(help="Of training, each fold.")] = 600,
    last_action: Annotated[
        bool,
        typer.Option("--last-action/--picture-alone", help="Whether the action before is an input, too."),
    ] = True,
    seed: Annotated[int, typer.Option(help="Of folds, weights and batches.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    work: Annotated[Path, typer.Option(help="Directory of decoded frames.")] = Path("runs/bridge-windows"),
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the whole report here.")] = None,
) -> None:
    """Errors of predicted actions on held-out demonstrations, by cross-validation.

    A small policy learns all folds but one and is judged by that one, beside always predicting the mean and
    copying the action before.  A step counts where there is one before it.  Intervals are of resampled
    demonstrations.

    Example: cairn bench bridge-windows demos/bridge_rlds --json windows.json
    """
    from cairn.evaluation.bridge_windows import bridge_windows, window_settings
    from cairn.evaluation.whole_file import write_whole
    from cairn.policies.training.device import use_threads

    use_threads(jobs)
    settings = window_settings(last_action, steps, seed, folds, repeats)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        task = progress.add_task("training and judging folds", total=None)
        report = bridge_windows(
            data, work, settings, lambda done, total: progress.update(task, completed=done, total=total)
        )
    if json_file:
        write_whole(json_file, json.dumps(report, indent=1, allow_nan=False) + "\n")
    Console().print(_table(report))
    for problem in report["problems"]:
        Console(stderr=True).print(f"left out: {problem}", style="yellow", markup=False)


def _table(report: dict[str, Any]) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        title=f"{report['demonstrations']} held-out demonstrations; root mean squares in standard deviations",
    )
    for column in ("", "all", "95 %", "moves", "turns", "gripper", "ratio", "95 %"):
        table.add_column(column, justify="left" if not column else "right", no_wrap=True)
    for method, entry in report["methods"].items():
        beaten = report["model_beats"].get(method)
        table.add_row(
            _LABELS[method],
            f"{entry['error']:.3f}",
            "{:.2f}-{:.2f}".format(*entry["interval"]),
            *(f"{entry[part]:.3f}" for part in ("translation", "rotation", "gripper")),
            f"{beaten['ratio']:.3f}" if beaten and beaten["ratio"] is not None else "",
            "{:.2f}-{:.2f}".format(*beaten["interval"]) if beaten and beaten["ratio"] is not None else "",
        )
    return table
