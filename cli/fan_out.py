"""Where the jobs of a command run."""

from functools import partial
from typing import Annotated

import typer

from cairn.episodes.fan_out import FanOut, one_by_one

RayAddress = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Convert on the Ray cluster at HOST:PORT, or auto; its machines see the same files.",
    ),
]
"""The option `--ray` of commands that convert recordings."""


def fan_out_over(jobs: int, ray: str | None, finish_on_interrupt: bool = False) -> FanOut:
    """On the Ray cluster that was named, else in `jobs` processes of this machine, else in this process.

    `finish_on_interrupt`: as of `run_jobs`.
    """
    if ray is not None:
        from cairn.evaluation.ray_pool import run_on_ray

        return partial(run_on_ray, address=ray)
    if jobs == 1:
        return one_by_one
    from cairn.evaluation.worker_pool import run_jobs

    return partial(run_jobs, jobs=jobs, finish_on_interrupt=finish_on_interrupt)
