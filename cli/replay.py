"""`cairn replay`: publish a bag again, drive its commands in simulation, or show its frames to a policy."""

from __future__ import annotations

from enum import Enum
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cairn.hardware.errors import CairnError

if TYPE_CHECKING:
    from cairn.evaluation.replay.command_replay import CommandReplay


class Mode(str, Enum):
    """What to do with the bag."""

    TOPICS = "topics"
    COMMANDS = "commands"
    FRAMES = "frames"


def command(
    bag: Annotated[Path, typer.Argument(help="A bag's directory, or one .mcap file.")],
    mode: Annotated[
        Mode,
        typer.Option(
            "--as",
            help="topics: publish it again.  commands: drive its commands in simulation, and judge.  "
            "frames: run a policy on its images.",
        ),
    ] = Mode.TOPICS,
    start: Annotated[float, typer.Option(min=0.0, help="Begin so many seconds into it.")] = 0.0,
    duration: Annotated[float, typer.Option(min=0.001, help="Seconds of it; all by default.")] = inf,
    episode: Annotated[str, typer.Option(help="One of its episodes alone.")] = "",
    namespace: Annotated[str, typer.Option(help="The robot's, where the bag has several.")] = "",
    output: Annotated[Path | None, typer.Option(help="Directory for the report.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    rate: Annotated[float, typer.Option(min=0.01, max=100.0, help="topics: times as fast.")] = 1.0,
    loop: Annotated[bool, typer.Option("--loop", help="topics: again and again.")] = False,
    topic: Annotated[
        list[str] | None, typer.Option(help="topics: only these names or patterns (* and ?).")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="topics: not these names or patterns.")] = None,
    remap: Annotated[
        list[str] | None, typer.Option(help="topics: old:=new, of a topic or of a whole namespace.")
    ] = None,
    publish_commands: Annotated[
        list[str] | None,
        typer.Option(help="topics: also this topic, by its name, although it can move hardware."),
    ] = None,
    pause: Annotated[bool, typer.Option("--pause", help="topics: wait for the space key.")] = False,
    robot: Annotated[str, typer.Option(help="commands: sim_jackal, the only one so far.")] = "sim_jackal",
    world: Annotated[
        str, typer.Option(help="commands: a kind, an MJCF file or `open`; by default the bag's own.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, max=2999, help="commands: of --world.")] = 0,
    conditions: Annotated[str, typer.Option(help="commands: of --world.")] = "varied",
    tolerance_distance: Annotated[
        float, typer.Option(help="commands: position error allowed, as a share of the distance travelled.")
    ] = 0.02,
    tolerance_heading: Annotated[float, typer.Option(help="commands: degrees allowed.")] = 3.0,
    tolerance_lag: Annotated[float, typer.Option(help="commands: ms of difference allowed.")] = 100.0,
    tolerance_gain: Annotated[float, typer.Option(help="commands: difference allowed, as a share.")] = 0.1,
    policy: Annotated[
        str, typer.Option(help="frames: policy bundle, a directory or a shipped name.")
    ] = "recon",
    goal: Annotated[Path | None, typer.Option(help="frames: goal photo; by default the last frame.")] = None,
    perturb: Annotated[
        bool, typer.Option("--perturb", help="frames: also with disturbed images, and how much it matters.")
    ] = False,
    every: Annotated[int, typer.Option(min=1, help="frames: only every so many-th.")] = 1,
) -> None:
    """Replay a bag.  A cut bag is replayed up to the cut.

    Publish it again twice as fast, with /clock; what could move hardware is left out:

        cairn replay bags/run --rate 2.0 --topic "sensors/*" --remap /j100:=/replayed

    Drive its commands through the simulated robot, in the world it was recorded in.  Exit status 0 when
    the robot does the same within tolerance, 1 when not:

        cairn replay bags/run --as commands --robot sim_jackal --output replayed

    See what a policy says of its images, and what rain or a shifted camera would change:

        cairn replay bags/run --as frames --policy recon --goal photo.png --perturb --output rows.parquet
    """
    from cairn.episodes.bag_reader import BagReader
    from cairn.evaluation.replay.time_window import TimeWindow

    reader = BagReader(bag)
    window = TimeWindow.of(reader, start, duration, episode)
    if mode is Mode.TOPICS:
        parameters = {
            "bag": str(bag.resolve()),
            "rate": rate,
            "begin": window.start,
            "end": window.end,
            "loop": loop,
            "paused": pause,
            "topics": topic or ["*"],
            "exclude": exclude or [],
            "remap": remap or [],
            "publish_commands": publish_commands or [],
            "report": str(output.resolve() / "playback.json") if output else "",
        }
        _play({name: value for name, value in parameters.items() if value not in ("", [])}, namespace)
    elif mode is Mode.COMMANDS:
        from cairn.evaluation.replay.drive_verdict import Tolerances

        if robot != "sim_jackal":
            raise CairnError(f"--robot must be sim_jackal, got {robot!r}: commands drive no real robot")
        tolerances = Tolerances(tolerance_distance, tolerance_heading, tolerance_lag, tolerance_gain)
        chosen = (world, seed, conditions) if world else None
        _drive(reader, bag, window, tolerances, chosen, namespace, output, as_json)
    else:
        _show_frames(reader, bag, window, namespace, policy, goal, perturb, every, output, as_json)


def _play(parameters: dict[str, Any], namespace: str) -> None:
    """Become the player's process, so that signals, keys and exit status are its own."""
    import json
    import os
    import sys

    from cairn.launch.environment import node_environment

    arguments = ["--ros-args"]
    for name, value in parameters.items():
        arguments += ["-p", f"{name}:={json.dumps(value)}"]
    if namespace:
        arguments += ["-r", f"__ns:=/{namespace.strip('/')}"]
    interpreter = [sys.executable, "-m", "cairn.nodes.bag_player_node", *arguments]
    os.execve(sys.executable, interpreter, node_environment(os.environ))


def _drive(
    reader: Any,
    bag: Path,
    window: Any,
    tolerances: Any,
    world: tuple[str, int, str] | None,
    namespace: str,
    output: Path | None,
    as_json: bool,
) -> None:
    import json

    from rich.console import Console

    from cairn.evaluation.replay.command_replay import replay_commands
    from cairn.evaluation.replay.drive_report import as_json as plain
    from cairn.evaluation.replay.drive_report import write_drive_report
    from cairn.evaluation.replay.recorded_world import RecordedWorld

    chosen = RecordedWorld(*world) if world else None
    with _progress("replaying") as advance:
        replay = replay_commands(reader, bag, window, tolerances, chosen, namespace, advance)
    if output:
        page = write_drive_report(replay, output)
    if as_json:
        typer.echo(json.dumps(plain(replay), allow_nan=False))
    else:
        console = Console()
        _print_verdict(console, replay)
        if output:
            console.print(f"report: {page}", highlight=False)
    raise typer.Exit(0 if replay.verdict.passed else 1)


def _print_verdict(console: Any, replay: CommandReplay) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    verdict = replay.verdict
    travelled = sum(float(drive.distance[-1]) for drive, _ in replay.drives)
    console.print(
        f"{replay.world}: {travelled:.1f} m in {verdict.time[-1]:.1f} s; position off by at most "
        f"{verdict.position_error.max():.3f} m ({100 * verdict.worst_share:.2f} % of the distance), heading "
        f"by at most {verdict.heading_error.max():.2f} degrees",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=SIMPLE_HEAD)
    for header in ("answer", "lag [ms]", "simulated", "gain", "simulated", "sign"):
        table.add_column(header, justify="left" if header == "answer" else "right")
    for name, axis in verdict.axes.items():
        lags = [answer.lag for answer in (axis.recorded, axis.simulated)]
        gains = [answer.gain for answer in (axis.recorded, axis.simulated)]
        table.add_row(
            name,
            *("-" if lag is None else f"{1e3 * lag:.1f}" for lag in lags),
            *("-" if gain is None else f"{gain:.3f}" for gain in gains),
            "opposite" if axis.is_reversed else "as commanded",
        )
    console.print(table)
    for note in verdict.notes:
        console.print(note, highlight=False, soft_wrap=True)
    for finding in verdict.findings:
        console.print(f"[red]{finding}[/]", highlight=False, soft_wrap=True)
    console.print("[green]passed[/]" if verdict.passed else "[red]failed[/]")


def _progress(what: str) -> Any:
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    @contextmanager
    def shown() -> Any:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    return shown()


def _show_frames(
    reader: Any,
    bag: Path,
    window: Any,
    namespace: str,
    bundle: str,
    goal: Path | None,
    perturb: bool,
    every: int,
    output: Path | None,
    as_json: bool,
) -> None:
    import json

    from rich.console import Console

    from cairn.evaluation.replay.frame_report import FrameReplay

    replay = FrameReplay.open(reader, bag, window, namespace, bundle, goal, every)
    with _progress("asking the policy") as advance:
        result = replay.run(perturb, advance)
    written = replay.write(output) if output else []
    if as_json:
        typer.echo(json.dumps(result, allow_nan=False))
        return
    console = Console()
    for table in replay.tables():
        console.print(table)
    for note in replay.notes:
        console.print(note, highlight=False, soft_wrap=True)
    for path in written:
        console.print(f"written: {path}", highlight=False, soft_wrap=True)
