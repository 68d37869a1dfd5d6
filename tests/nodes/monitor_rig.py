"""A monitor in its own process, whatever else drives with it, and a listener."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from cairn_interfaces.msg import OperatorInput
from geometry_msgs.msg import TwistStamped
from rclpy.executors import SingleThreadedExecutor

PATIENCE = 90.0
PARAMETERS = Path(__file__).parents[2] / "launch" / "parameters"


class MonitorRig:
    """Starts nodes; keeps what goes out, with the monotonic time at which it came."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self.operator: list[tuple[float, OperatorInput]] = []
        self.commands: list[tuple[float, float, float]] = []
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("rig", context=self._context)
        self.node.create_subscription(OperatorInput, "teleop/operator", self._on_operator, 100)
        self.node.create_subscription(TwistStamped, "cmd_vel", self._on_command, 100)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()
        self.url = ""
        self.token = ""

    def _on_operator(self, message: OperatorInput) -> None:
        self.operator.append((time.monotonic(), message))

    def _on_command(self, message: TwistStamped) -> None:
        self.commands.append((time.monotonic(), message.twist.linear.x, message.twist.angular.z))

    def start(self, node: str, *arguments: str, pipe: bool = False, **parameters: Any) -> Any:
        """Start a node of Cairn with these ROS parameters."""
        given = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
        process = subprocess.Popen(
            [sys.executable, "-m", f"cairn.nodes.{node}_node", "--ros-args", *arguments, *given],
            stderr=subprocess.PIPE if pipe else None,
            text=True,
        )
        self.processes.append(process)
        return process

    def start_monitor(self, *arguments: str, **parameters: Any) -> Any:
        """Start a monitor and wait until it says where its page is."""
        process = self.start("monitor", *arguments, pipe=True, **({"port": 0} | parameters))
        said = ""
        while not self.url or ("with control" in said and not self.token and "token_file" not in parameters):
            line = process.stderr.readline()
            assert line, f"the monitor ended: {said}"
            said += line
            if page := re.search(r"the page is at (http://\S+/),", line):
                self.url = page[1]
            if token := re.search(r"#token=(\S+)", line):
                self.token = token[1]
        return process

    def wait_for(self, condition: Callable[[], Any], what: str = "") -> Any:
        """What the condition gives once it holds."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain {what}"
            time.sleep(0.005)
        return found

    def newest(self) -> OperatorInput | None:
        """The operator's newest input."""
        return self.operator[-1][1] if self.operator else None

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        self._executor.shutdown()
        self._thread.join(10)
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)
