"""The simulated arm and its gate in processes of their own, and a test process that plays the policy."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import rclpy
from cairn_interfaces.msg import ArmCommand, ArmGateStatus, ArmState, HandStep
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

PATIENCE = 60.0


class ArmRig:
    """Keeps what is said, with the monotonic time at which it came."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.statuses: list[tuple[float, ArmGateStatus]] = []
        self.commands: list[tuple[float, ArmCommand]] = []
        self.states: list[tuple[float, ArmState]] = []
        self.step: HandStep | None = None
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("rig", context=self._context)
        hear = self.node.create_subscription
        hear(ArmGateStatus, "arm_gate/status", self._keep(self.statuses), 100)
        hear(ArmCommand, "arm/command", self._keep(self.commands), 100)
        hear(ArmState, "arm/state", self._keep(self.states), qos_profile_sensor_data)
        self._policy = self.node.create_publisher(HandStep, "arm_gate/policy", 1)
        self.emergency_stop = self.node.create_publisher(Bool, "platform/emergency_stop", 1)
        self._arm = self.node.create_client(Trigger, "arm_gate/arm")
        self._torque = self.node.create_client(SetBool, "arm/torque")
        self.node.create_timer(0.2, self._ask)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin)
        self._thread.start()

    def _keep(self, where: list[Any]) -> Callable[[Any], None]:
        return lambda message: where.append((time.monotonic(), message))

    def _ask(self) -> None:
        """A policy at 5 Hz, looking at the newest state."""
        if self.step is not None and self.states:
            self.step.header.stamp = self.states[-1][1].header.stamp
            self._policy.publish(self.step)

    def start(self, node: str, **parameters: Any) -> subprocess.Popen[str]:
        """Start a node of Cairn with these ROS parameters."""
        given = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
        command = [sys.executable, "-m", f"cairn.nodes.{node}_node", "--ros-args", *given]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
        self.processes[node] = process
        return process

    def start_both(self) -> None:
        """Simulated arm and gate, until the gate leads the arm."""
        self.start("sim_arm", discovery_time=0.0)
        self.start("arm_gate", discovery_time=0.0, use_sim_time=True, effort=1.0)
        self.wait_for_gate()

    def wait_for_gate(self) -> None:
        """Until the gate leads the arm and both are heard."""
        self.wait_for(lambda: self.status and self.status.state == ArmGateStatus.DRIVING, "for the gate")
        self.wait_for(lambda: self.state, "for the arm")

    @property
    def status(self) -> ArmGateStatus | None:
        return self.statuses[-1][1] if self.statuses else None

    @property
    def state(self) -> ArmState | None:
        return self.states[-1][1] if self.states else None

    def call_arm(self) -> str:
        """Ask the gate to be armed; what it answers."""
        answer = self._arm.call_async(Trigger.Request())
        self.wait_for(answer.done, "for the gate's answer")
        return str(answer.result().message)

    def set_torque(self, on: bool) -> bool:
        answer = self._torque.call_async(SetBool.Request(data=on))
        self.wait_for(answer.done, "for the arm's answer")
        return bool(answer.result().success)

    def wait_for(self, condition: Callable[[], Any], what: str = "") -> Any:
        """What the condition gives once it holds."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain {what}"
            time.sleep(0.002)
        return found

    def since(self, moment: float, matches: Callable[[ArmGateStatus], bool]) -> float:
        """Seconds from a moment to the first status after it that matches."""
        found = self.wait_for(
            lambda: [at for at, status in list(self.statuses) if at > moment and matches(status)],
            "for a status",
        )
        return float(found[0] - moment)

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._executor.shutdown()
        self._thread.join(10)
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)
