"""A bar for work on bags, which takes as long as they are large."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextmanager
def progress_bar(work: str) -> Iterator[Callable[[float], None]]:
    """Shows how far `work` is, on a terminal only; the value is to be called with the share done, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(work, total=1.0)
        yield lambda share: progress.update(task, completed=share)
