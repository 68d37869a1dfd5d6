"""Run methods over worlds in several processes, one thread each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import product

from cairn.evaluation.explore_settings import ExploreSettings
from cairn.evaluation.row_file import Row, RowFile
from cairn.evaluation.world_row import run_row
from cairn.hardware.errors import CairnError

# BLAS and OpenMP pools that spin in several busy processes make each a hundred times slower.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "LP_NUM_THREADS": "0",  # llvmpipe, which draws the camera where there is no GPU
}


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
    if not 1 <= jobs <= 256:
        raise CairnError(f"jobs must lie in [1, 256], got {jobs}")
    missing = [(seed, method) for seed, method in product(seeds, methods) if (method, seed) not in file]
    if missing:
        with _environment(_ONE_THREAD):
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(min(jobs, len(missing)), mp_context=context)
            try:
                futures = [pool.submit(run_row, settings, method, seed) for seed, method in missing]
                for future in as_completed(futures):
                    row = future.result()
                    file.add(row)
                    progress(row)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    order = {method: place for place, method in enumerate(methods)}
    wanted = [row for row in file.rows if row["method"] in order and row["seed"] in set(seeds)]
    return sorted(wanted, key=lambda row: (row["seed"], order[row["method"]]))


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
