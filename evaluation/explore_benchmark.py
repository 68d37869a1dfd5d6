"""Run methods over worlds, going on where an earlier run stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from cairn.evaluation.explore_settings import ExploreSettings
from cairn.evaluation.row_file import Row, RowFile
from cairn.evaluation.worker_pool import run_jobs
from cairn.evaluation.world_row import run_row


def run_benchmark(
    settings: ExploreSettings,
    methods: Sequence[str],
    seeds: Sequence[int],
    jobs: int,
    file: RowFile,
    progress: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Every method in every world that `file` lacks; returns the wanted rows, ordered by seed and method.

    Worlds come first: a benchmark that is cut off has all methods in the worlds it reached, as pairs need.
    """
    missing = [
        (settings, method, seed) for seed, method in product(seeds, methods) if (method, seed) not in file
    ]
    for row in run_jobs(run_row, missing, jobs):
        file.add(row)
        progress(row)
    order = {method: place for place, method in enumerate(methods)}
    # Of a row that failed and was tried again, the last one counts.
    latest = {(row["seed"], row["method"]): row for row in file.rows}
    wanted = [row for (seed, method), row in latest.items() if method in order and seed in set(seeds)]
    return sorted(wanted, key=lambda row: (row["seed"], order[row["method"]]))
