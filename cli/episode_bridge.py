"""`cairn episodes bridge`: demonstrations of arms in the formats of Bridge Data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cairn.cli import episode_bridge_generate
from cairn.cli.episode_tables import AsJson, simple_table

if TYPE_CHECKING:
    from cairn.episodes.bridge.bridge_step import BridgeStep
    from cairn.episodes.bridge.bridge_trajectory import BridgeOpener, BridgeTrajectory

INCOMPLETE_EXIT = 1
"""Something was read, but not all."""

app = typer.Typer(help="Show and convert demonstrations in the formats of Bridge Data.", no_args_is_help=True)
app.command("generate")(episode_bridge_generate.command)


@app.command()
def show(
    path: Annotated[
        Path, typer.Argument(help="A TFDS data set, out.npy, a raw directory, a bag or a LeRobot data set.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Directory for a sheet of each demonstration (PNG).")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show so many demonstrations at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List demonstrations: steps, cameras, language; with --output also draw each.

    A sheet shows eight moments of each camera and the actions: movement and turn a step, gripper.

        cairn episodes bridge show data/bridge_dataset/1.0.0

        cairn episodes bridge show data/raw/toykitchen2/put_carrot_on_plate --limit 3 --output sheets

    Exit status: 0 done, 1 a demonstration could not be read, 2 none could.
    """
    from cairn.hardware.errors import CairnError

    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    for opener in _openers(path, problems):
        if len(rows) == limit:
            break
        try:
            trajectory = opener()
            steps = list(trajectory.steps())
            row = _row(trajectory, steps)
            if output is not None:
                sheet = output / f"{len(rows):03d}-{trajectory.info.name}.png"
                _draw(trajectory, steps, sheet)
                row["sheet"] = str(sheet)
        except CairnError as error:
            problems.append(str(error))
            continue
        rows.append(row)
    if not rows:
        raise CairnError("; ".join(problems) or f"{path} holds no demonstration")
    if as_json:
        typer.echo(json.dumps({"demonstrations": rows, "problems": problems}))
    else:
        _print(rows, problems, limit)
    if problems:
        raise typer.Exit(INCOMPLETE_EXIT)


@app.command()
def convert(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="TFDS or LeRobot data sets, out.npy files, raw directories, bags, or folders of these."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The data set's directory, a new one.")],
    to: Annotated[str, typer.Option(help="Format to write: raw, numpy, rlds, lerobot or bag.")],
    val_share: Annotated[
        float, typer.Option(help="numpy, rlds: share for validation, where a source has no split.")
    ] = 0.1,
    jpeg_quality: Annotated[int, typer.Option(help="Of images that were not stored as JPEG.")] = 95,
    as_json: AsJson = False,
) -> None:
    """Convert demonstrations between the formats of Bridge Data, bags and LeRobot, and say what was left out.

    The output appears whole or not at all.  A demonstration that is damaged is left out.  Of a bag come the
    episodes that were kept and not labelled a failure, at 5 Hz.

        cairn episodes bridge convert data/raw/toykitchen2 --to rlds -o data/toykitchen2_rlds

        cairn episodes bridge convert data/bridge_dataset/1.0.0 --to numpy -o data/numpy

        cairn episodes bridge convert bags --to lerobot -o data/carrots

    Exit status: 0 done, 1 done but something could not be read, 2 nothing was converted.
    """
    from cairn.episodes.bridge.bridge_conversion import BridgeConversionOptions, convert_bridge

    with _counter() as report_written:
        report = convert_bridge(
            sources, output, BridgeConversionOptions(to, jpeg_quality, val_share), report_written
        )
    if as_json:
        typer.echo(json.dumps({"output": str(output), **report.as_json()}))
    else:
        typer.echo(f"{output}: {len(report.written)} demonstrations, {report.steps} steps")
        for what, count in report.left_out.most_common():
            typer.echo(f"  left out of {count}: {what}")
        for problem in report.problems:
            typer.echo(f"cairn: {problem}", err=True)
    if report.problems:
        raise typer.Exit(INCOMPLETE_EXIT)


def _row(trajectory: BridgeTrajectory, steps: list[BridgeStep]) -> dict[str, Any]:
    info = trajectory.info
    return {
        "name": info.name,
        "language": list(info.language),
        "split": info.split,
        "cameras": list(info.cameras),
        "steps": len(steps),
        "left_out": dict(trajectory.left_out),
    }


def _openers(path: Path, problems: list[str]) -> Iterator[BridgeOpener]:
    """Of all demonstrations; files that are damaged go into `problems`."""
    from cairn.episodes.bridge.open_bridge import bridge_sources
    from cairn.hardware.errors import CairnError

    for source in bridge_sources(path):
        try:
            yield from source()
        except CairnError as error:
            problems.append(str(error))


def _draw(trajectory: BridgeTrajectory, steps: list[BridgeStep], path: Path) -> None:
    from cairn.evaluation.figures.demonstration_sheet import demonstration_sheet
    from cairn.evaluation.figures.png import png
    from cairn.hardware.errors import CairnError

    picture = png(demonstration_sheet(trajectory.info, steps))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    except OSError as error:
        raise CairnError(f"{path} can't be written: {error.strerror}") from error


def _print(rows: list[dict[str, Any]], problems: list[str], limit: int) -> None:
    from rich.console import Console

    table = simple_table("demonstration", "language", "cameras", "steps", figures=2)
    for row in rows:
        cameras = " ".join(map(str, row["cameras"])) or "-"
        table.add_row(row["name"], "; ".join(row["language"]) or "-", cameras, str(row["steps"]))
    Console().print(table)
    if len(rows) == limit:
        typer.echo(f"  the first {limit}; see --limit")
    for row in rows:
        if "sheet" in row:
            typer.echo(f"written: {row['sheet']}")
    for problem in problems:
        typer.echo(f"cairn: {problem}", err=True)


@contextmanager
def _counter() -> Iterator[Callable[[int], None]]:
    """Demonstrations so far, on standard error and only where somebody looks."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} demonstrations"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda written: progress.update(task, completed=written)
