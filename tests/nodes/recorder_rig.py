"""A recorder and a talker in processes of their own, and a listener to what the recorder says."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from cairn_interfaces.msg import RecorderStatus
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String

HERE = Path(__file__).parent


class RecorderRig:
    """Starts processes; `close` ends them."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self.status: RecorderStatus | None = None
        self.diagnostics: list[Any] = []
        self.chatter = 0
        self._context = Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("listener", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.node.create_subscription(RecorderStatus, "/robot/recorder/status", self._on_status, 10)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)
        self.node.create_subscription(String, "/robot/chatter", self._on_chatter, 10)

    def start_talker(self) -> subprocess.Popen[str]:
        return self._start([sys.executable, str(HERE / "talking_process.py")])

    def start_recorder(
        self, file_limit: int = 0, slow_disk: bool = False, **parameters: str
    ) -> subprocess.Popen[str]:
        given = {"min_free_mb": "1.0", "flush_period": "0.1", **parameters}
        program = [str(HERE / "slow_disk_recorder.py")] if slow_disk else ["-m", "cairn.nodes.recorder_node"]
        command = [sys.executable, *program, "--ros-args", "-r", "__ns:=/robot"]
        for name, value in given.items():
            command += ["-p", f"{name}:={value}"]
        return self._start(command, file_limit)

    def _start(self, command: list[str], file_limit: int = 0) -> subprocess.Popen[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit if file_limit else None,
        )
        self.processes.append(process)
        return process

    def wait_for(self, condition: Callable[[], bool], timeout: float = 90.0) -> None:
        """Listen until the condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"waited {timeout} s in vain; last status: {self.status}"
            self._executor.spin_once(timeout_sec=0.1)

    def received(self, topic: str) -> int:
        """How many messages of a topic the recorder says it received."""
        if self.status is None or topic not in self.status.topics:
            return 0
        return int(self.status.received[list(self.status.topics).index(topic)])

    def stop(self, process: subprocess.Popen[str], how: int = signal.SIGINT) -> tuple[int, str, str]:
        """End a process and return its exit status, output and errors."""
        process.send_signal(how)
        output, errors = process.communicate(timeout=60.0)
        return process.returncode, output, errors

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate(timeout=10.0)
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _on_status(self, message: RecorderStatus) -> None:
        self.status = message

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        self.diagnostics += [status for status in message.status if status.name == "recorder: bag"]

    def _on_chatter(self, message: String) -> None:
        self.chatter += 1
