"""`cairn episodes convert`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cairn.cli.episode_tables import AsJson
from cairn.cli.fan_out import RayAddress, fan_out_over

if TYPE_CHECKING:
    from cairn.episodes.conversion import ConversionJob
    from cairn.episodes.conversion_report import ConversionReport, SourceReport

INCOMPLETE_EXIT = 1
"""Something was converted, but a source could not be read to its end."""


def command(
    sources: Annotated[
        list[Path],
        typer.Argument(help="Bags, RECON HDF5 files, GNM folders, LeRobot data sets, or folders of these."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The data set's directory, a new one.")],
    to: Annotated[str, typer.Option(help="Format to write: recon, gnm, lerobot or bag.")],
    rate: Annotated[float, typer.Option(help="Steps a second.")] = 4.0,
    include: Annotated[
        list[str] | None,
        typer.Option(help="Also episodes that are undecided or discarded; may be given twice."),
    ] = None,
    topics: Annotated[
        Path | None, typer.Option(help="YAML file that says which topic of a bag is what.")
    ] = None,
    namespace: Annotated[
        str, typer.Option(help="Of the robot to read, where a bag has several; of the bag to write.")
    ] = "",
    camera_info: Annotated[
        Path | None,
        typer.Option(
            help="Calibration (YAML of ROS's camera_calibration) of the camera, where a source lacks it."
        ),
    ] = None,
    align: Annotated[
        list[str] | None,
        typer.Option(help="STREAM=METHOD[:SECONDS], methods hold, nearest, interpolate and drop."),
    ] = None,
    min_steps: Annotated[int, typer.Option(help="Fewest steps of a trajectory.")] = 8,
    max_reverse: Annotated[float, typer.Option(help="Leave out what drives backwards faster, in m/s.")] = 0.1,
    max_speed: Annotated[float, typer.Option(help="Faster, in m/s, odometry has jumped.")] = 3.0,
    max_turn_rate: Annotated[float, typer.Option(help="Faster, in rad/s, odometry has jumped.")] = 4.0,
    min_sharpness: Annotated[
        float, typer.Option(help="Least variance of the Laplacian of an image; 0: any.")
    ] = 0.0,
    stale_distance: Annotated[
        float, typer.Option(help="Way, in m or rad, over which an unchanged image is stale.")
    ] = 0.05,
    max_gap: Annotated[float, typer.Option(help="Longest gap within a trajectory, in periods.")] = 1.75,
    jpeg_quality: Annotated[int, typer.Option(help="Of images that were not recorded as JPEG.")] = 95,
    test_share: Annotated[float, typer.Option(help="gnm: share of drives in the test split.")] = 0.0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="Processes.")] = 1,
    ray: RayAddress = None,
    as_json: AsJson = False,
) -> None:
    """Convert recordings and data sets, and say what was left out and why.

    Of a bag, the episodes that were kept become trajectories, or the whole bag where nobody marked any.
    Steps that a data set should not contain are cut out.  The output appears whole or not at all.

        cairn episodes convert bags/monday --to gnm --output data/monday

        cairn episodes convert bags --to lerobot --include undecided --jobs 4 -o data/all

        cairn episodes convert /shared/bags --to gnm --ray 10.0.0.5:6379 -o /shared/gnm

        cairn episodes convert recon_release --to bag --camera-info fisheye.yaml -o bags/recon

        cairn episodes convert bags/spot --to recon --topics spot.yaml --align gps=hold:2 -o data/spot

    A topic mapping names topics by stream (image, camera_info, odometry, command, collision, imu,
    magnetic_field, compass, gps, lidar), e.g. "image: /front/image_raw/compressed".

    Exit status: 0 done, 1 done but a source could not be read to its end, 2 nothing was converted.
    """
    from cairn.episodes.alignment import parse_alignment
    from cairn.episodes.conversion import Conversion, ConversionOptions
    from cairn.episodes.conversion_report import ConversionReport
    from cairn.episodes.episode import Verdict
    from cairn.episodes.open_trajectories import ReadingOptions, find_sources
    from cairn.episodes.quality_limits import QualityLimits
    from cairn.episodes.topic_mapping import TopicMapping
    from cairn.hardware.camera_calibration import load_camera_model

    verdicts = {verdict.value: verdict for verdict in Verdict}
    if unknown := sorted(set(include or ()) - verdicts.keys()):
        raise typer.BadParameter(f"--include takes {', '.join(verdicts)}, got {', '.join(unknown)}")
    options = ConversionOptions(
        format=to,
        reading=ReadingOptions(
            alignment=parse_alignment(align or [], rate),
            include={Verdict.KEPT, *(verdicts[name] for name in include or ())},
            topics=TopicMapping.from_yaml(topics) if topics is not None else TopicMapping(),
            namespace=namespace,
            camera=None if camera_info is None else load_camera_model(camera_info),
        ),
        limits=QualityLimits(
            min_steps=min_steps,
            max_reverse=max_reverse,
            max_speed=max_speed,
            max_turn_rate=max_turn_rate,
            min_sharpness=min_sharpness,
            stale_distance=stale_distance,
            max_gap=max_gap,
        ),
        jpeg_quality=jpeg_quality,
        test_share=test_share,
        namespace=namespace,
    )
    found = [source for path in sources for source in find_sources(path)]
    with Conversion(found, output, options) as conversion:
        report = ConversionReport.of(_converted(conversion.jobs, jobs, ray))
        conversion.complete(report)
    if as_json:
        typer.echo(json.dumps({"output": str(output), **report.as_json()}))
    else:
        _print(report, output)
    if report.problems:
        raise typer.Exit(INCOMPLETE_EXIT)


def _converted(jobs: list[ConversionJob], processes: int, ray: str | None) -> Iterator[SourceReport]:
    """Reports in the order in which the sources are done, with a progress bar."""
    from cairn.episodes.conversion import convert_source

    with _progress(len(jobs)) as (step_done, source_done):
        if ray is None and (processes == 1 or len(jobs) == 1):
            for job in jobs:
                yield convert_source(job, step_done)
                source_done(None)
            return
        for report in fan_out_over(processes, ray)(convert_source, [(job,) for job in jobs]):
            source_done(report.read)
            yield report


@contextmanager
def _progress(total: int) -> Iterator[tuple[Callable[[int], None], Callable[[int | None], None]]]:
    """On standard error, and only where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("converting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("sources, {task.fields[steps]} steps"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total, steps=0)

        def step_done(steps: int) -> None:
            progress.update(task, steps=progress.tasks[0].fields["steps"] + steps)

        def source_done(steps: int | None) -> None:
            progress.advance(task)
            step_done(steps or 0)

        yield step_done, source_done


def _print(report: ConversionReport, output: Path) -> None:
    typer.echo(
        f"{output}: {len(report.written)} trajectories, {report.kept} of {report.read} steps, "
        f"from {len(report.sources)} sources"
    )
    for reason, count in report.dropped.most_common():
        typer.echo(f"  left out: {count} {reason.value}")
    if report.unread:
        typer.echo(f"  not taken over: {', '.join(report.unread)}")
    errors = ", ".join(f"{stream} {error:.3f} s" for stream, error in report.worst_error.items())
    if errors:
        typer.echo(f"  farthest sample from its step: {errors}")
    for problem in report.problems:
        typer.echo(f"cairn: {problem}", err=True)
