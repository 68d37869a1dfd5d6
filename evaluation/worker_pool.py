"""Run independent jobs in several processes, one thread each."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any, TypeVar

from cairn.hardware.errors import CairnError

Result = TypeVar("Result")

# BLAS and OpenMP pools that spin in several busy processes make each a hundred times slower.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "LP_NUM_THREADS": "0",  # llvmpipe, which draws the camera where there is no GPU
}


def run_jobs(
    function: Callable[..., Result],
    arguments: Sequence[tuple[Any, ...]],
    jobs: int,
    finish_on_interrupt: bool = False,
) -> Generator[Result, None, None]:
    """`function(*arguments[i])` for every i, in the order in which they finish.

    Processes are spawned: a forked OpenGL context is unusable.  An exception of any job ends all.

    Args:
        jobs: processes.
        finish_on_interrupt: Ctrl-C, which reaches every process of the terminal, does not end those jobs
            that are under way: the caller decides.
    """
    if not 1 <= jobs <= 256:
        raise CairnError(f"jobs must lie in [1, 256], got {jobs}")
    if not arguments:
        return
    with _environment(_ONE_THREAD):
        context = multiprocessing.get_context("spawn")
        started = (signal.signal, (signal.SIGINT, signal.SIG_IGN)) if finish_on_interrupt else (None, ())
        pool = ProcessPoolExecutor(min(jobs, len(arguments)), context, *started)
        try:
            futures = [pool.submit(function, *each) for each in arguments]
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


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
