"""Train a policy and write its bundle."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from cairn.cli import train_bridge
from cairn.cli.fan_out import RayAddress, fan_out_over
from cairn.cli.interrupt import stop_on_interrupt

if TYPE_CHECKING:
    from cairn.evaluation.recognition_benchmark import RecognitionRecord
    from cairn.policies.recon.settings import EncoderKind, Fusion

app = typer.Typer(no_args_is_help=True, help="Train a policy and write its bundle.")
app.command("bridge")(train_bridge.command)


@app.command()
def recon(
    episodes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EPISODES",
            help="Recordings to learn from, too: bags, RECON HDF5, GNM folders, LeRobot data sets, or "
            "folders of these; PATH=WEIGHT draws from one more or less often than from the others.",
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Directory of the bundle to write.")] = Path(
        "runs/recon/bundle"
    ),
    work: Annotated[Path, typer.Option(help="Collected frames, checkpoint and curves.")] = Path("runs/recon"),
    worlds: Annotated[
        int, typer.Option(help="Training worlds: seeds 0 to N-1, at most 1000; 0 for recordings alone.")
    ] = 240,
    world_weight: Annotated[
        float, typer.Option(help="How often views are drawn from simulated worlds, where a recording has 1.")
    ] = 1.0,
    steps: Annotated[int, typer.Option(help="Training steps.")] = 7000,
    seed: Annotated[int, typer.Option(help="Of weights, batches and augmentation.")] = 0,
    jobs: Annotated[int, typer.Option(help="Processes that collect and convert; threads that train.")] = 2,
    fusion: Annotated[str, typer.Option(help="late (cached tokens) or early (six channels).")] = "late",
    encoder: Annotated[str, typer.Option(help="compact or mobilenet.")] = "compact",
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "auto",
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Match threshold; if absent, chosen on tuning worlds; without worlds that of --from, or "
            "chosen on held-out recordings."
        ),
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="Shipped bundle, path of one, or checkpoint to start from.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="At its height; 1.5e-3, or 2e-4 with --from, if absent.")
    ] = None,
    validation: Annotated[
        float, typer.Option(help="Share of the recorded trajectories that is held out, at least one.")
    ] = 0.1,
    camera_info: Annotated[
        Path | None,
        typer.Option(
            help="Calibration (YAML of ROS's camera_calibration) of recordings that lack intrinsics; fisheye "
            "lenses are equidistant."
        ),
    ] = None,
    camera_fov: Annotated[
        float | None,
        typer.Option(help="Instead of it, the horizontal view in degrees of a pinhole."),
    ] = None,
    ray: RayAddress = None,
) -> None:
    """Collect explorative driving, train the latent goal model, diagnose it, export the bundle.

    What is there already is kept: collected worlds, converted recordings, and a checkpoint from which
    training goes on.  Ctrl-C stops after the present step, or the worlds being collected, and keeps what is
    done.  Views of different recordings (bags, files) are taken to show different places.

    Under torchrun, the processes share each batch and learn what one alone would; --work is then a folder
    that all machines see, and --jobs counts for a machine.

    Examples:

    cairn train recon --worlds 240 --steps 7000 --output policies/bundles/recon

    cairn train recon bags/park bags/yard=2 --worlds 0 --from policies/bundles/recon --steps 1000
    --work runs/park --output runs/park/bundle

    torchrun --nproc-per-node 4 --no-python cairn train recon bags --worlds 0 --work /shared/park
    """
    from cairn.hardware.camera_calibration import load_camera_model
    from cairn.policies.recon.torchrun_ranks import joined_ranks
    from cairn.policies.recon.train_recon import train_recon
    from cairn.policies.recon.training_events import TrainingEvents
    from cairn.policies.recon.training_plan import TrainingPlan
    from cairn.policies.training.recording import Recording
    from cairn.policies.training.stopped import TrainingStoppedError

    plan = TrainingPlan(
        output=output,
        work=work,
        command="cairn " + " ".join(sys.argv[1:]),
        worlds=worlds,
        steps=steps,
        seed=seed,
        jobs=jobs,
        fusion=cast("Fusion", fusion),
        encoder=cast("EncoderKind", encoder),
        device=device,
        threshold=threshold,
        recordings=tuple(map(Recording.parse, episodes or ())),
        world_weight=world_weight,
        validation=validation,
        camera=None if camera_info is None else load_camera_model(camera_info),
        camera_fov=camera_fov,
        start=start,
        learning_rate=learning_rate,
    )
    with (
        joined_ranks() as ranks,
        _Display("tuning worlds" if worlds else "held-out recordings", quiet=ranks.number > 0) as display,
        stop_on_interrupt() as stop,
    ):
        events = TrainingEvents(
            collected=display.collected,
            trained=display.trained,
            losses=display.losses,
            diagnosed=display.diagnosed,
            should_stop=stop.is_set,
        )
        try:
            bundle = train_recon(
                plan,
                events,
                calibrate=partial(_match_threshold, jobs=jobs, show=display.calibrated),
                fan_out=fan_out_over(jobs, ray, finish_on_interrupt=True),
                ranks=ranks,
            )
        except TrainingStoppedError as stopped:
            display.console.print(str(stopped), markup=False)
            raise typer.Exit(130) from None
    found = bundle.manifest.parameters["match_threshold"]
    display.console.print(f"{output}: {bundle.fingerprint[:12]}, match threshold {found:.3f}")


def _match_threshold(bundle: Path, jobs: int, show: Callable[[int, int], None]) -> float:
    """At which one view in a thousand of another place counts as the goal's, in tuning worlds."""
    from cairn.evaluation.recognition_benchmark import CALIBRATION, choose_threshold, record_world
    from cairn.evaluation.scenario import VARIED
    from cairn.evaluation.worker_pool import run_jobs

    worlds = [(str(bundle), seed, VARIED) for seed in CALIBRATION]
    records: list[RecognitionRecord] = []
    show(0, len(worlds))
    for record in run_jobs(record_world, worlds, jobs):
        records.append(record)
        show(len(records), len(worlds))
    return choose_threshold(records)


class _Display:
    """Bars and figures on the standard error stream."""

    def __init__(self, judged_by: str, quiet: bool) -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._judged_by = judged_by
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "_Display":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def collected(self, directory: Path, done: int, total: int) -> None:
        self._show(f"collecting into {directory}", done, total)

    def trained(self, step: int, steps: int) -> None:
        self._show("training", step, steps)

    def calibrated(self, done: int, total: int) -> None:
        self._show("choosing the match threshold", done, total)

    def losses(self, row: Mapping[str, float]) -> None:
        self._print("", row)

    def diagnosed(self, step: int, metrics: Mapping[str, float]) -> None:
        from cairn.policies.recon.collapse import signs_of_collapse

        self._print(f"{self._judged_by} after step {step}: ", metrics)
        for sign in signs_of_collapse(metrics):
            self.console.print(f"the posterior may have collapsed: {sign}", style="bold red", markup=False)

    def _print(self, head: str, numbers: Mapping[str, float]) -> None:
        row = "  ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        self.console.print(head + row, highlight=False, markup=False)

    def _show(self, description: str, done: int, total: int) -> None:
        if description not in self._tasks:
            self._tasks[description] = self._progress.add_task(description, total=total)
        self._progress.update(self._tasks[description], completed=done)
