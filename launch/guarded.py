"""The supervisor's side of the guardian process."""

import contextlib
import subprocess
import sys
from pathlib import Path

_SCRIPT = Path(__file__).resolve().parent / "guardian.py"


class Guarded:
    """The process groups that must not outlive this process, even if it is killed.

    The kernel closes the pipe to the guardian when this process dies in whatever way, and the guardian
    then ends every group still listed.  (A parent-death signal in each node would do so too, but it
    fires when the *thread* that started the node ends, and cannot escalate.)
    """

    def __init__(self, grace: float) -> None:
        """Start the guardian; `grace` [s] is what it leaves between SIGTERM and SIGKILL."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SCRIPT), str(grace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def add(self, group: int) -> None:
        """End this process group if this process dies."""
        self._tell(f"+{group}\n")

    def discard(self, group: int) -> None:
        """This group has ended; its number may soon be another's."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Let the guardian end; call when every group has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # Should someone kill the guardian, the nodes still run and the supervisor still supervises.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()
