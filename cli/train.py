"""Train a policy and write its bundle."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cairn.hardware.errors import CairnError

app = typer.Typer(no_args_is_help=True, help="Train a policy and write its bundle.")

VALIDATION_SEEDS = range(1000, 1012)


@app.callback()
def _train() -> None:
    """Keeps `recon` a sub-command while it is the only one."""


@app.command()
def recon(
    output: Annotated[Path, typer.Option(help="Directory of the bundle to write.")] = Path(
        "runs/recon/bundle"
    ),
    work: Annotated[Path, typer.Option(help="Collected frames, checkpoint and logs.")] = Path("runs/recon"),
    worlds: Annotated[int, typer.Option(min=2, max=1000, help="Training worlds: seeds 0 to N-1.")] = 150,
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 4500,
    seed: Annotated[int, typer.Option(help="Of weights, batches and augmentation.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that collect; threads that train.")
    ] = 2,
    fusion: Annotated[str, typer.Option(help="late (cached tokens) or early (six channels).")] = "late",
    encoder: Annotated[str, typer.Option(help="compact or mobilenet.")] = "compact",
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "auto",
    threshold: Annotated[
        float | None, typer.Option(help="Match threshold; chosen on tuning worlds if absent.")
    ] = None,
) -> None:
    """Collect explorative driving, train the latent goal model, diagnose it, export the bundle.

    What is there already is kept: collected worlds, and a checkpoint from which training goes on.

    Example: cairn train recon --worlds 150 --steps 4500 --output policies/bundles/recon
    """
    import numpy as np
    import torch

    from cairn.policies.cylindrical_view import CylindricalView
    from cairn.policies.recon.bundle import write_recon_bundle
    from cairn.policies.recon.card import model_card
    from cairn.policies.recon.collect import CollectSettings
    from cairn.policies.recon.dataset import GroupSampler, WorldFrames
    from cairn.policies.recon.diagnostics import diagnose
    from cairn.policies.recon.model import LatentGoalModel
    from cairn.policies.recon.settings import ModelSettings
    from cairn.policies.recon.training import Trainer, TrainSettings

    if fusion not in ("late", "early") or encoder not in ("compact", "mobilenet"):
        raise CairnError(
            f"fusion must be late or early and encoder compact or mobilenet, got {fusion!r}, {encoder!r}"
        )
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    console, view = Console(stderr=True), CylindricalView()
    _collect(range(worlds), work / "worlds", CollectSettings(), jobs, console)
    _collect(VALIDATION_SEEDS, work / "validation", CollectSettings(), jobs, console)

    torch.manual_seed(seed)
    torch.set_num_threads(jobs)
    settings = ModelSettings(view.height, view.width, encoder, fusion)  # type: ignore[arg-type]
    model = LatentGoalModel(settings).to(device)
    frames = [WorldFrames.load(work / "worlds" / f"world_{s:04d}.npz") for s in range(worlds)]
    sampler = GroupSampler(
        frames,
        seed,
        horizontal_fov=view.horizontal_fov,
        sectors=settings.sectors,
        waypoints=settings.waypoints,
    )
    trainer = Trainer(model, sampler, TrainSettings(steps=steps, seed=seed))
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
        console.print(f"going on from step {trainer.step} of {checkpoint}")
    held_out = [WorldFrames.load(work / "validation" / f"world_{s:04d}.npz") for s in VALIDATION_SEEDS]
    began = time.monotonic()
    with Progress(console=console) as progress:
        task = progress.add_task("training", total=steps, completed=trainer.step)
        while trainer.step < steps:
            trainer.run(
                min(steps, trainer.step + 250),
                lambda row: progress.console.print(" ".join(f"{k} {v:.3g}" for k, v in row.items())),
            )
            trainer.save(checkpoint)
            progress.update(task, completed=trainer.step)
            if trainer.step % 1000 == 0:
                found = diagnose(model.cpu(), held_out, view.horizontal_fov, batches=8)
                model.to(device)
                progress.console.print("held out: " + " ".join(f"{k} {v:.3g}" for k, v in found.items()))
    minutes = (time.monotonic() - began) / 60
    metrics = diagnose(model.cpu(), held_out, view.horizontal_fov)
    chosen = threshold if threshold is not None else metrics["threshold"]
    command = "cairn " + " ".join(sys.argv[1:])
    count = sum(len(world.image) for world in frames)
    data = [
        f"{count} simulated frames of explorative driving and single views in {worlds} generated worlds "
        f"(seeds 0-{worlds - 1}) of six kinds, in varied light and weather"
    ]
    bundle = write_recon_bundle(
        model,
        output,
        view=view,
        data=data,
        seed=seed,
        command=command,
        metrics={k: v for k, v in metrics.items() if np.isfinite(v)},
        parameters={"match_threshold": round(float(chosen), 4)},
        card=model_card(metrics, data, command, minutes),
    )
    console.print(f"{output}: {bundle.fingerprint[:12]}, match threshold {chosen:.3f}")


def _collect(seeds, directory, settings, jobs, console) -> None:  # type: ignore[no-untyped-def]
    from cairn.policies.recon.collect import collect_worlds

    with Progress(console=console) as progress:
        task = progress.add_task(f"collecting into {directory}", total=len(seeds))
        missing = sum(not (directory / f"world_{seed:04d}.npz").exists() for seed in seeds)
        progress.update(task, completed=len(seeds) - missing)
        for _seed, _frames in collect_worlds(seeds, directory, settings, jobs):
            progress.advance(task)
