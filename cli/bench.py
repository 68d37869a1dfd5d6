"""Measure exploration, recognition, calibration and performance."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cairn.cli import bench_windows
from cairn.hardware.errors import CairnError

if TYPE_CHECKING:
    from cairn.evaluation.recognition_benchmark import RecognitionRecord

app = typer.Typer(no_args_is_help=True, help="Measure exploration, recognition, calibration and performance.")
app.command("bridge-windows")(bench_windows.command)

Seeds = Annotated[str, typer.Option(help="Worlds A-B: 1000-1999 to tune, 2000-2999 to report.")]
Bundle = Annotated[str, typer.Option(help="Policy bundle: a directory or a shipped name.")]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Processes, one thread each.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the whole report here.")]
Conditions = Annotated[
    str, typer.Option(help='"varied" (drawn by seed), or for example "twilight,fog=0.3,moved".')
]


@app.command()
def explore(
    seeds: Seeds = "2000-2049",
    methods: Annotated[str, typer.Option(help='Comma-separated, or "all".')] = "all",
    bundle: Bundle = "recon",
    conditions: Conditions = "varied",
    world: Annotated[Path | None, typer.Option(help="An MJCF file instead of generated worlds.")] = None,
    budget: Annotated[float, typer.Option(help="Simulated seconds to find the goal.")] = 1200.0,
    jobs: Jobs = 1,
    json_file: Json = None,
) -> None:
    """Search for photos in worlds that training never saw, with every method in the same worlds.

    Rows are kept beside the JSON file as they come, so that a benchmark that was cut off goes on where it
    stopped.

    Example: cairn bench explore --seeds 1000-1011 --methods cairn,random_walk --jobs 2 --json explore.json
    """
    from cairn.evaluation.explore_benchmark import run_benchmark
    from cairn.evaluation.explore_report import report
    from cairn.evaluation.explore_settings import ExploreSettings
    from cairn.evaluation.explore_table import explore_table
    from cairn.evaluation.methods import parse_methods
    from cairn.evaluation.row_file import RowFile
    from cairn.evaluation.seeds import parse_seeds
    from cairn.policies.bundle import find_bundle, load_bundle

    wanted, worlds = parse_methods(methods), parse_seeds(seeds)
    settings = ExploreSettings(bundle, conditions, world, budget)
    fingerprint = load_bundle(find_bundle(bundle)).fingerprint
    target = json_file or Path(f"explore-{worlds[0]}-{worlds[-1]}.json")
    file = RowFile(target.with_suffix(".rows.jsonl"), settings.as_json() | {"sha256": fingerprint})
    with _progress() as progress:
        total = len(wanted) * len(worlds)
        done = sum((method, seed) in file for method in wanted for seed in worlds)
        task = progress.add_task("exploring", total=total, completed=done)
        rows = run_benchmark(settings, wanted, worlds, jobs, file, lambda row: progress.advance(task))
    result = report(rows, settings)
    _write(target, result)
    Console().print(explore_table(result))
    Console().print(f"report: {target}")
    if not result["methods"]:
        raise CairnError(f"no method could be run in any of the worlds: {result['errors'][0]}")


@app.command()
def recognise(
    seeds: Seeds = "2000-2023",
    bundle: Bundle = "recon",
    against: Annotated[
        str, typer.Option(help="Another bundle, shown the same views: what has changed since?")
    ] = "",
    conditions: Conditions = "varied",
    camera_fov: Annotated[
        float | None, typer.Option(help="Horizontal view of the camera in degrees; the usual one if absent.")
    ] = None,
    views: Annotated[
        int, typer.Option(min=1, help="Views of each of four goals by distance and heading difference.")
    ] = 3,
    random_views: Annotated[
        int, typer.Option(min=0, help="Views a world from anywhere, which tell of false positives.")
    ] = 300,
    tune: Annotated[
        bool,
        typer.Option("--tune", help="Choose the threshold on these worlds."),
    ] = False,
    jobs: Jobs = 1,
    json_file: Json = None,
) -> None:
    """How far away, and from which headings, a goal photo is recognised.

    Examples:

    cairn bench recognise --tune --seeds 1000-1023 --jobs 2

    cairn bench recognise --bundle runs/park/bundle --against recon --camera-fov 69 --seeds 1000-1005
    """
    from cairn.evaluation.loaded_policy import match_threshold
    from cairn.evaluation.recognition_benchmark import choose_threshold, record_bundles
    from cairn.evaluation.recognition_table import (
        recognition_difference,
        recognition_table,
        rich_difference,
        rich_table,
    )
    from cairn.evaluation.seeds import TUNING, parse_seeds
    from cairn.evaluation.worker_pool import run_jobs
    from cairn.policies.bundle import find_bundle, load_bundle

    worlds = parse_seeds(seeds)
    if tune and worlds[0] not in TUNING:
        raise CairnError(f"a threshold is chosen on tuning worlds, 1000-1999 alone; got {seeds!r}")
    names = [bundle, against] if against else [bundle]
    loaded = [load_bundle(find_bundle(name)) for name in names]
    shipped = [] if tune else [match_threshold(one) for one in loaded]
    tasks = [(names, seed, conditions, camera_fov, random_views, views) for seed in worlds]
    each: list[list[RecognitionRecord]] = [[] for _ in names]
    with _progress() as progress:
        task = progress.add_task("recognising", total=len(worlds))
        for records in run_jobs(record_bundles, tasks, jobs):
            for kept, record in zip(each, records, strict=True):
                kept.append(record)
            progress.advance(task)
    thresholds = shipped or [choose_threshold(records) for records in each]
    tables = [recognition_table(*pair) for pair in zip(each, thresholds, strict=True)]
    for table, one in zip(tables, loaded, strict=True):
        table |= {"sha256": one.fingerprint, "conditions": conditions, "camera_fov": camera_fov}
    result = dict(tables[0])
    Console().print(rich_table(tables[0]))
    if against:
        difference = recognition_difference(each[0], thresholds[0], each[1], thresholds[1])
        result |= {"against": tables[1], "difference": difference}
        Console().print(rich_difference(tables[1], tables[0], difference))
    if json_file:
        _write(json_file, result)


@app.command()
def performance(
    only: Annotated[str, typer.Option(help="Comma-separated parts; all when empty.")] = "",
    json_file: Json = None,
) -> None:
    """Latency, throughput and memory of the parts on this machine.

    Example: cairn bench performance --only policy,simulation
    """
    from cairn.evaluation.performance.suite import measure, performance_table

    rows = measure([part.strip() for part in only.split(",") if part.strip()])
    if json_file:
        _write(json_file, {"rows": [row.as_json() for row in rows]})
    Console().print(performance_table(rows))


@app.command()
def calibrate(
    seeds: Annotated[
        str, typer.Option(help="Random cameras A-B: 1000-1999 to tune, 2000-2999 to report.")
    ] = "2000-2049",
    only: Annotated[str, typer.Option(help="camera, time, or both.")] = "camera,time",
    jobs: Jobs = 1,
    json_file: Json = None,
) -> None:
    """Calibrate random cameras from rendered pictures and compare with the truth.

    Each camera is calibrated with its lens, on or beside an arm, and on a base, then streams with an unknown
    delay; OpenCV's plain ways get the same data.

    Example: cairn bench calibrate --seeds 1000-1009 --jobs 2 --json calibrate.json
    """
    from cairn.evaluation.calibration.benchmark.suite import PARTS, calibration_table, summary
    from cairn.evaluation.row_file import RowFile
    from cairn.evaluation.seeds import parse_seeds
    from cairn.evaluation.worker_pool import run_jobs

    wanted = parse_seeds(seeds)
    parts = [part.strip() for part in only.split(",") if part.strip()]
    if unknown := [part for part in parts if part not in PARTS]:
        raise CairnError(f"{', '.join(unknown)} is no part; valid: {', '.join(PARTS)}")
    target = json_file or Path("calibrate.json")
    file = RowFile(target.with_suffix(".rows.jsonl"), {"benchmark": "calibrate"})
    with _progress() as progress:
        task = progress.add_task("calibrating", total=len(parts) * len(wanted))
        for part in parts:
            left = [(seed,) for seed in wanted if (part, seed) not in file]
            progress.advance(task, len(wanted) - len(left))
            for row in run_jobs(PARTS[part], left, jobs):
                file.add(row)
                progress.advance(task)
    result = summary([row for row in file.rows if row["seed"] in wanted])
    _write(target, result)
    Console().print(calibration_table(result))
    Console().print(f"report: {target}")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    from cairn.evaluation.whole_file import write_whole

    write_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
