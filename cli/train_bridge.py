"""`cairn train bridge`: demonstrations of an arm to a policy."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cairn.cli.interrupt import stop_on_interrupt
from cairn.hardware.errors import CairnError


def command(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Demonstrations of Bridge Data, PATH or PATH=WEIGHT: raw folders, out.npy, RLDS, or a "
            "folder of these. A step of weight 2 is drawn twice as often as one of weight 1."
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Directory of the bundle to write.")] = Path(
        "runs/bridge/bundle"
    ),
    work: Annotated[
        Path, typer.Option(help="Directory of decoded frames, checkpoint and curves (TensorBoard: events/).")
    ] = Path("runs/bridge"),
    model: Annotated[str, typer.Option(help="small, v1 (ResNet-34, task) or v2 (ResNet-34, goal image).")] = (
        "small"
    ),
    target: Annotated[
        list[str] | None,
        typer.Option(help="Demonstrations of the kitchen or task that the policy is for; may be repeated."),
    ] = None,
    target_share: Annotated[float, typer.Option(help="Share of the samples that are target data.")] = 0.3,
    steps: Annotated[int | None, typer.Option(help="Of training; 6000, 100000 or 300000 if absent.")] = None,
    batch: Annotated[int | None, typer.Option(help="Samples a step; 64, 32 or 256 if absent.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="At its height; 1.5e-3, 1e-4 or 3e-4 if absent.")
    ] = None,
    average: Annotated[
        float | None, typer.Option(help="Share of averaged weights that remains each step; 0: no average.")
    ] = None,
    horizon: Annotated[int, typer.Option(help="Steps predicted at once.")] = 1,
    execute: Annotated[int, typer.Option(help="Of these, how many to carry out before asking again.")] = 1,
    blocking: Annotated[
        bool,
        typer.Option("--blocking/--non-blocking", help="Whether a step ends with the motion, or after .2 s."),
    ] = False,
    relabel: Annotated[
        str,
        typer.Option(help="recorded: actions as told; reached: between states, the gripper open or closed."),
    ] = "recorded",
    cameras: Annotated[str, typer.Option(help='Cameras to learn from, such as "0,2"; all if absent.')] = "",
    size: Annotated[int | None, typer.Option(help="v2 alone: pixels a side, 128 or 256.")] = None,
    last_action: Annotated[
        bool, typer.Option("--last-action", help="The action before is an input, too; for forecasts.")
    ] = False,
    start: Annotated[
        Path | None, typer.Option("--from", help="checkpoint.pt of another training to start from.")
    ] = None,
    validation: Annotated[
        float, typer.Option(help="Share of the demonstrations held out where the data don't say.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(help="Of weights, batches and augmentation.")] = 0,
    jobs: Annotated[int, typer.Option(help="Threads.")] = 2,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "auto",
) -> None:
    """Learn from demonstrations of an arm, judge by held-out ones, write the bundle.

    What is there already is kept: decoded frames, and a checkpoint from which training goes on.  Ctrl-C stops
    after the present step and keeps what is done.  Whole demonstrations are held out.

    Examples:

    cairn train bridge demos/kitchens --work runs/kitchens --output runs/kitchens/bundle

    cairn train bridge bridge_data_v2 --target demos/home --target-share .3 --horizon 4 --steps 20000

    cairn train bridge bridge_data_v1 --model v1 --device cuda
    """
    from cairn.policies.bridge.relabelling import Relabelling
    from cairn.policies.bridge.settings import preset
    from cairn.policies.bridge.train_bridge import train_bridge
    from cairn.policies.bridge.train_settings import train_preset
    from cairn.policies.bridge.training_events import TrainingEvents
    from cairn.policies.bridge.training_plan import TrainingPlan
    from cairn.policies.training.recording import Recording
    from cairn.policies.training.stopped import TrainingStoppedError

    sizes = {}
    if size is not None:
        if model != "v2" or size not in (128, 256):
            raise CairnError(f"size is for model v2 and must be 128 or 256, got {size} for {model}")
        sizes = dict.fromkeys(("resized_width", "resized_height", "width", "height"), size)
    plan = TrainingPlan(
        output=output,
        work=work,
        command="cairn " + " ".join(sys.argv[1:]),
        data=tuple(map(Recording.parse, data or ())),
        target=tuple(map(Recording.parse, target or ())),
        target_share=target_share,
        model=preset(model, horizon=horizon, last_action=last_action, **sizes),
        training=train_preset(
            model, steps=steps, batch=batch, learning_rate=learning_rate, average=average, seed=seed
        ),
        relabelling=cast("Relabelling", relabel),
        cameras=_numbers(cameras),
        validation=validation,
        execute=execute,
        blocking=blocking,
        jobs=jobs,
        device=device,
        start=start,
    )
    with _Display() as display, stop_on_interrupt() as stop:
        events = TrainingEvents(
            read=display.read,
            left_out=display.left_out,
            trained=display.trained,
            losses=display.losses,
            judged=display.judged,
            should_stop=stop.is_set,
        )
        try:
            bundle = train_bridge(plan, events)
        except TrainingStoppedError as stopped:
            display.console.print(str(stopped), markup=False)
            raise typer.Exit(130) from None
    display.console.print(f"{output}: {bundle.fingerprint[:12]}", markup=False)


def _numbers(text: str) -> tuple[int, ...] | None:
    """Of cameras; None for all."""
    if not text:
        return None
    try:
        return tuple(sorted({int(number) for number in text.split(",")}))
    except ValueError as error:
        raise CairnError(f'cameras must be numbers such as "0,2", got {text!r}') from error


class _Display:
    """One bar for the whole run, and figures above it, on the standard error stream."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figure]}"),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._task = self._progress.add_task("reading", total=None, figure="")

    def __enter__(self) -> "_Display":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def read(self, path: Path, done: int) -> None:
        self._progress.update(self._task, description=f"reading {path.name}", completed=done)

    def left_out(self, problem: str) -> None:
        self.console.print(f"left out: {problem}", style="yellow", markup=False)

    def trained(self, step: int, steps: int) -> None:
        self._progress.update(self._task, description="training", completed=step, total=steps)

    def losses(self, row: Mapping[str, float]) -> None:
        self._progress.update(self._task, figure=f"loss {row['action']:.3f}")

    def judged(self, step: int, metrics: Mapping[str, float]) -> None:
        from cairn.policies.bridge.action_errors import METHODS

        if metrics:
            figures = "  ".join(f"{name} {metrics[f'{name}_error']:.3f}" for name in METHODS)
            self.console.print(
                f"held-out demonstrations after step {step}: {figures}",
                highlight=False,
                markup=False,
            )
