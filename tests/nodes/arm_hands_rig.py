"""Simulated arm, gate and teleoperation in processes of their own, and hands that a test moves."""

from __future__ import annotations

import subprocess
import time
from typing import Any

from arm_rig import ArmRig
from cairn_interfaces.msg import ArmOperatorInput, TeleopStatus
from cairn_interfaces.msg import HandStep as HandStepMessage
from geometry_msgs.msg import Vector3
from sensor_msgs.msg import Joy

LENIENT = {"operator_timeout": 0.2, "operator_max_age": 3.0, "future_tolerance": 1.0}
"""Simulated time comes in steps; that messages come is watched in real time."""


class ArmHandsRig(ArmRig):
    """Hands at a page, twenty times a second, while `hands` is set; a joy message while `axes` is."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[float, HandStepMessage]] = []
        self.teleops: list[tuple[float, TeleopStatus]] = []
        self.hands: dict[str, Any] | None = None
        self.axes: list[float] | None = None
        self.buttons = [0] * 15
        hear = self.node.create_subscription
        hear(HandStepMessage, "arm_gate/teleop", self._keep(self.steps), 100)
        hear(TeleopStatus, "arm_teleop/status", self._keep(self.teleops), 100)
        self._hands = self.node.create_publisher(ArmOperatorInput, "arm_teleop/operator", 10)
        self._joy = self.node.create_publisher(Joy, "joy", 1)
        self.node.create_timer(0.05, self._say)

    def start_all(self, **parameters: Any) -> subprocess.Popen[str]:
        """Until the gate leads the arm and teleoperation speaks."""
        self.start_both()
        given = {"discovery_time": 0.0, "use_sim_time": True, "gamepad": "no such pad"} | LENIENT | parameters
        process = self.start("arm_teleop", **given)
        self.wait_for(lambda: self.teleops, "for teleoperation")
        return process

    @property
    def teleop(self) -> TeleopStatus:
        return self.teleops[-1][1]

    def press(self, linear=(0.0, 0.0, 0.0), angular=(0.0, 0.0, 0.0), opening=-1.0) -> None:
        """Release the clutch, then hold it; again where a busy machine starved the sender."""
        hands = (linear, angular, opening)
        since = self.release()

        def drives() -> bool:
            nonlocal since
            held = self.hands is not None and "clutch" in self.hands
            if not held and time.monotonic() - since > 0.3:
                self.hold(*hands)
                since = time.monotonic()
            elif held and not self.teleop.deadman and time.monotonic() - since > 1.0:
                since = self.release()
            return held and self.teleop.deadman and self.teleops[-1][0] > since

        self.wait_for(drives, "for the clutch")

    def release(self) -> float:
        """Let go of everything; when that was."""
        self.hands = {}
        return time.monotonic()

    def hold(self, linear=(0.0, 0.0, 0.0), angular=(0.0, 0.0, 0.0), opening=-1.0) -> None:
        """The clutch goes on to be held, the sticks like this."""
        names = ("x", "y", "z")
        self.hands = {
            "clutch": True,
            "linear": Vector3(**dict(zip(names, map(float, linear), strict=True))),
            "angular": Vector3(**dict(zip(names, map(float, angular), strict=True))),
            "opening": float(opening),
        }

    def _say(self) -> None:
        if not self.states:
            return
        stamp = self.states[-1][1].header.stamp
        if self.hands is not None:
            message = ArmOperatorInput(controller="page", **({"opening": -1.0} | self.hands))
            message.header.stamp = stamp
            self._hands.publish(message)
        if self.axes is not None:
            self._joy.publish(Joy(axes=self.axes, buttons=self.buttons))
