"""A launch file run by the `ros2 launch` of a full ROS 2, with the supervisor's handles."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from cairn.launch.environment import node_environment
from cairn.launch.errors import LaunchError
from cairn.launch.guarded import Guarded

_ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


class Ros2Launch:
    """`ros2 launch FILE` as one process group, its output in a file.

    Args:
        file: a launch file.
        arguments: launch arguments by name.
        log: where its output goes; its directory must exist.
        environment: what it inherits; by default this process's.
        grace: [s] from SIGINT to SIGTERM, and again to SIGKILL.

    Raises LaunchError where there is no `ros2`.
    """

    def __init__(
        self,
        file: Path,
        arguments: Mapping[str, str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        grace: float = 10.0,
    ) -> None:
        ros2 = shutil.which("ros2")
        if ros2 is None:
            raise LaunchError(
                "there is no `ros2` on the PATH: source a full ROS 2 installation "
                "(`source /opt/ros/<distribution>/setup.bash`), or leave out --ros"
            )
        # An empty value can't be given on the command line; every argument that may be empty is so already.
        values = [f"{name}:={value}" for name, value in arguments.items() if value]
        self._command = [ros2, "launch", str(file), *values]
        self._environment = node_environment(os.environ if environment is None else environment)
        self._log, self._grace = log, grace
        self._process: subprocess.Popen[bytes] | None = None
        self.exit_code = 0
        self.ended_because = ""

    def __enter__(self) -> Ros2Launch:
        """Start it, guarded: it ends when this process does, however that ends."""
        self._guarded = Guarded(self._grace)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guarded.add(self._process.pid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def poll(self) -> bool:
        """Whether it still runs."""
        if self._process is None or self._process.poll() is None:
            return self._process is not None
        self.exit_code = 1
        tail = self._log.read_text(errors="replace").splitlines()[-5:]
        self.ended_because = self.ended_because or "ros2 launch ended: " + " | ".join(tail)
        return False

    def stop(self, reason: str = "asked to stop") -> None:
        """End it and wait."""
        if self._process is None:
            return
        self.ended_because = self.ended_because or reason
        for number in _ESCALATION:
            if self._process.poll() is not None:
                break
            os.killpg(self._process.pid, number)
            try:
                self._process.wait(self._grace)
            except subprocess.TimeoutExpired:
                continue
        self._guarded.discard(self._process.pid)
        self._guarded.close()
        self._process = None
