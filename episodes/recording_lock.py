"""Tell a bag that is being written from one that was cut."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, Any


def hold_lock(stream: IO[Any]) -> None:
    """Lock an open file until it is closed, by whatever end: the kernel lets go of it even after kill -9.

    Raises BlockingIOError when another process or file object holds it.
    """
    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_being_written(path: Path) -> bool:
    """Whether a recorder holds the lock of the file."""
    with path.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
