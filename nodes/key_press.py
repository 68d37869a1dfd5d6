"""Keys of the terminal that a node runs in."""

from __future__ import annotations

import select
import sys
import termios
import tty
from typing import Any


class KeyPress:
    """Reads single keys without waiting; does nothing where there is no terminal."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        if not sys.stdin.isatty():
            return
        try:
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        except termios.error:
            self._before = None

    @property
    def is_possible(self) -> bool:
        """Whether there is a terminal."""
        return self._before is not None

    def read(self) -> str:
        """The key pressed since the last call, empty for none."""
        if self._before is None or not select.select([sys.stdin], [], [], 0.0)[0]:
            return ""
        return sys.stdin.read(1)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
            self._before = None
