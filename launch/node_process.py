"""The process of one node: started in its own session, its output read line by line."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cairn.launch.errors import LaunchError

_TAIL_LINES = 60
_LAST_OUTPUT_S = 1.0


class NodeProcess:
    """A running or ended process with its output.

    The session of its own keeps the terminal's Ctrl-C away, so that the supervisor alone decides in
    which order nodes end, and lets one signal reach whatever the node itself started.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        log: Path | None = None,
    ) -> None:
        """Start it; `on_line` gets every line of output, in a thread of its own.

        Raises:
            LaunchError: the system refuses to start it.
        """
        self.name = name
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._on_line = on_line
        self._log = log
        try:
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise LaunchError(f"node `{name}`: cannot start `{command[0]}`: {error.strerror}") from error
        self._reader = threading.Thread(target=self._read, name=f"output of {name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process and its group have this number."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code once it has ended (negative: by that signal) and its output is read; else None."""
        code = self._process.poll()
        if code is not None:
            # A grandchild may hold the pipe open, so the wait for the last lines has an end.
            self._reader.join(_LAST_OUTPUT_S)
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all it started; nothing happens if they are gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._process.stdout)
            log = stack.enter_context(self._log.open("a", encoding="utf-8")) if self._log else None
            for line in self._process.stdout:
                text = line.rstrip("\n")
                self.tail.append(text)
                # A full disk or a closed terminal must not stop the reading: a full pipe blocks the node.
                with contextlib.suppress(OSError, ValueError):
                    if log is not None:
                        log.write(line)
                        log.flush()
                with contextlib.suppress(OSError, ValueError):
                    self._on_line(text)
