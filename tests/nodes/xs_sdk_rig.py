"""An emulated xs_sdk in a process of its own, and a test's hands on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

from cairn.nodes.xs_sdk_arm import XsSdkArm

EMULATOR = Path(__file__).with_name("xs_sdk_emulator.py")
PATIENCE = 30.0


class XsSdkRig:
    """Keeps its ROS domain: a rig may serve several tests, each of which has another."""

    def __init__(self, robot: str = "/wx250s", **parameters: Any) -> None:
        self.robot = robot
        self.domain = int(os.environ.get("ROS_DOMAIN_ID", "0"))
        given = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
        self.process = subprocess.Popen(
            [sys.executable, EMULATOR, "--ros-args", "-r", f"__ns:={robot}", *given]
        )
        self.context = Context()
        rclpy.init(context=self.context, domain_id=self.domain)
        self._node = Node("hands", context=self.context, namespace=robot, use_global_arguments=False)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self._node)

    def arm(self, silence: float = 2.0, patience: float = PATIENCE) -> XsSdkArm:
        """Its driver; patient, for a busy machine is no silent arm."""
        return XsSdkArm(self.context, self.robot, silence=silence, patience=patience)

    def do(self, what: str, on: bool = True) -> None:
        """Use one of the emulator's services."""
        self._call(SetBool, what, SetBool.Request(data=on))

    def reset(self) -> None:
        """As after switching on."""
        self._call(Trigger, "reset", Trigger.Request())

    def _call(self, kind: Any, what: str, request: Any) -> None:
        client = self._node.create_client(kind, f"emulator/{what}")
        assert client.wait_for_service(PATIENCE), f"no emulator/{what}"
        future = client.call_async(request)
        self._executor.spin_until_future_complete(future, PATIENCE)
        assert future.done(), f"emulator/{what} did not answer"
        self._node.destroy_client(client)

    def close(self) -> None:
        self.process.terminate()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self.context)
        self.process.wait(20)


def wait_until(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.005)
