"""Run independent jobs on the machines of a Ray cluster."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cairn.hardware.errors import CairnError

Result = TypeVar("Result")


def run_on_ray(
    function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]], address: str
) -> Generator[Result, None, None]:
    """`function(*arguments[i])` for every i, in the order in which they finish; one CPU each.

    Every machine of the cluster needs this version of Cairn and sees the same files under the same paths;
    jobs run in this process's working directory, so that relative paths mean the same.

    An exception of any job ends all, and so does the loss of a machine: a job is never run twice.

    Args:
        address: of the cluster, "HOST:PORT" or "ray://HOST:PORT"; "auto" finds the one that runs here,
            "local" starts one on this machine.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        CairnError: there is no such cluster, one of its machines is lost or lacks Cairn or the working
            directory; or whatever the jobs raise.
    """
    import ray

    if not arguments:
        return
    _require_answer(address)
    # A cluster that is started here tells nobody that it is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _no_cluster(address, f"{error} (one with a token wants RAY_AUTH_TOKEN)") from error
    try:
        run = ray.remote(num_cpus=1, max_retries=0)(_run_in)
        pending = [run.remote(Path.cwd(), function, each) for each in arguments]
        while pending:
            (done,), pending = ray.wait(pending)
            yield ray.get(done)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        raise (
            cause if isinstance(cause, CairnError) else CairnError(f"a job on Ray failed: {error}")
        ) from error
    except ray.exceptions.RayError as error:
        raise CairnError(f"the Ray cluster at {address!r} lost a job: {error}") from error
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Ray itself waits for minutes for a cluster that is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: object) -> CairnError:
    return CairnError(
        f"no Ray cluster at {address!r}: {error}; expected HOST:PORT, ray://HOST:PORT, auto or local"
    )


def _run_in(folder: Path, function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    try:
        os.chdir(folder)
    except OSError as error:
        raise CairnError(
            f"{os.uname().nodename}, a machine of the Ray cluster, has no {folder}: all of them must see the "
            f"same files ({error.strerror})"
        ) from error
    return function(*arguments)
