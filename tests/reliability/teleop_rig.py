"""A gate and a teleop node in processes of their own, and all three kinds of hands."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cairn_interfaces.msg import OperatorInput, TeleopStatus
from evdev import ecodes
from gate_rig import HERE, GateRig, Player
from piped_pad import PADS, record
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Joy

JOY_FORWARD, JOY_DEADMAN, JOY_STOP = 1, 9, 1


class TeleopRig(GateRig):
    """The gate wants a deadman, and the policy is silent until it is switched on."""

    def __init__(self, directory: Path, deadman: str = "teleop", **teleop: Any) -> None:
        super().__init__(deadman=deadman, require_camera=False, require_odometry=False)
        for player in (self.camera, self.odometry, self.policy):
            player.on = False
        self.statuses_of_teleop: list[TeleopStatus] = []
        self.directory = directory
        self._pad: int | None = None
        self.axes = [0.0] * 6
        self.buttons = [0] * 15
        self.operators: dict[str, dict[str, Any]] = {}
        self.joy = Player(1 / 20, self._send_joy, on=False)
        self.operator = Player(1 / 20, self._send_operators, on=False)
        self.wiggle: Callable[[int], Any] | None = None
        self.hand = Player(1 / 25, lambda _: self.wiggle and self.wiggle(self.hand.sent % 2))
        self._players = (self.joy, self.operator, self.hand, self.policy)
        self._joys = [self.node.create_publisher(Joy, "joy", 1)]
        self._operator_publisher = self.node.create_publisher(OperatorInput, "teleop/operator", 10)
        self.node.create_subscription(TeleopStatus, "teleop/status", self.statuses_of_teleop.append, 100)
        os.environ[PADS] = str(directory)
        self.teleop = self.start(str(HERE / "piped_pad.py"), linear_speed=1.0, discovery_time=0.0, **teleop)
        self.until(
            lambda: (
                self.statuses_of_teleop
                and self.heard.statuses
                and self.status.reason == "deadman switch not pressed"
            ),
            "the gate hears that the deadman is not pressed",
        )

    @property
    def said(self) -> TeleopStatus:
        """The last status of teleoperation."""
        return self.statuses_of_teleop[-1]

    def until_said(self, words: str) -> None:
        self.until(
            lambda: words in self.said.reason, f"teleoperation says {words!r}, not {self.said.reason!r}"
        )

    def until_driven_by(self, controller: str) -> None:
        self.until(lambda: self.said.deadman and self.said.controller == controller, f"{controller} drives")

    # -- the gamepad of the event device

    def plug(self, path: str = "event7") -> None:
        """Plug a pad in; it is there when teleoperation says so."""
        fifo = self.directory / path
        os.mkfifo(fifo)

        def is_open() -> bool:
            try:
                self._pad = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:  # nobody reads yet
                    raise
                return False
            return True

        self.until(is_open, "teleoperation opens the pad")

    def unplug(self, path: str = "event7") -> None:
        """As the kernel does: the node goes, and reading fails."""
        assert self._pad is not None
        (self.directory / path).unlink()
        os.close(self._pad)
        self._pad = None

    def emit(self, kind: int, code: int, value: int) -> float:
        """One event of the pad; returns when it was written."""
        assert self._pad is not None
        os.write(self._pad, record(kind, code, value))
        return time.monotonic()

    def press(self, pressed: bool = True, button: int = ecodes.BTN_TL) -> float:
        return self.emit(ecodes.EV_KEY, button, int(pressed))

    def push_stick(self, value: int) -> float:
        """0 is forward, 128 rest."""
        return self.emit(ecodes.EV_ABS, ecodes.ABS_Y, value)

    # -- joy and operators

    def _send_joy(self, _: float) -> None:
        message = Joy(axes=self.axes, buttons=self.buttons)
        message.header.stamp = self._stamp(0.0)
        for publisher in self._joys:
            publisher.publish(message)

    def add_joy(self) -> None:
        """A second publisher of joy."""
        self._joys.append(self.node.create_publisher(Joy, "joy", 1))

    def remove_joy(self) -> None:
        """The publisher of joy vanishes."""
        self.node.destroy_publisher(self._joys.pop())

    def set_parameter(self, name: str, value: Any) -> None:
        """Of teleoperation."""
        client = self.node.create_client(SetParameters, "teleop/set_parameters")
        wanted = Parameter(name, value=value).to_parameter_msg()
        result = self.call(client, SetParameters.Request(parameters=[wanted])).results[0]
        assert result.successful, result.reason

    def _send_operators(self, _: float) -> None:
        for name, fields in self.operators.items():
            self.send_operator(name, **fields)

    def send_operator(self, name: str, age: float = 0.0, **fields: Any) -> float:
        message = OperatorInput(controller=name, **fields)
        message.header.stamp = self._stamp(-age)
        self._operator_publisher.publish(message)
        return time.monotonic()

    def kill(self, process: subprocess.Popen[bytes]) -> float:
        process.kill()
        return time.monotonic()
