"""The driver of a real arm."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.context import Context
from rclpy.node import Node

from cairn.hardware.arm.arm import Arm
from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.errors import CairnError
from cairn.hardware.setting import check_settings, setting
from cairn.nodes.arm_interface import ArmInterface
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters


@dataclass(frozen=True)
class ArmNodeSettings:
    """Which arm, and where.  Raises InvalidSetting."""

    driver: str = setting(
        "wx250s: the motors of a WidowX 250s; xs_sdk: a WidowX 250s through Interbotix's xs_sdk; "
        "widowx_ai: a WidowX AI by its maker's library",
        "wx250s",
        choices=("wx250s", "xs_sdk", "widowx_ai"),
        fixed=True,
    )
    device: str = setting(
        "serial port of a WidowX 250s that stays with it (/dev/serial/by-id/...), namespace of xs_sdk "
        "(/wx250s), or address of a WidowX AI",
        "/dev/ttyDXL",
        fixed=True,
    )
    rate: float = setting("states a second", 100.0, minimum=20.0, maximum=200.0, fixed=True)
    silence: float = setting(
        "time without an answer after which the arm is lost [s]", 0.1, minimum=0.05, maximum=2.0, fixed=True
    )

    def __post_init__(self) -> None:
        check_settings(self)

    def make_arm(self, context: Context) -> Arm:
        """The arm, not started.  Raises CairnError where its library is missing."""
        if self.driver == "wx250s":
            from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX

            return DynamixelWidowX(self.device, rate=self.rate, silence=self.silence)
        if self.driver == "xs_sdk":
            from cairn.nodes.xs_sdk_arm import XsSdkArm

            return XsSdkArm(context, self.device, silence=self.silence)
        from cairn.hardware.arm.trossen_widowx_ai import TrossenWidowXAI

        return TrossenWidowXAI(self.device, silence=self.silence)


class ArmNode(Node):
    """Publishes the arm's state and obeys `arm/command`; the arm holds when this ends.

    A lost arm ends the node, for a person should look before it moves again.  Raises CairnError on bad
    parameters, and where the arm is not there or not the one that was expected.
    """

    def __init__(self) -> None:
        super().__init__("arm")
        settings = NodeParameters(self, ArmNodeSettings).value
        if settings.driver == "xs_sdk" and self.get_namespace() == settings.device:
            raise CairnError(
                f"xs_sdk publishes {settings.device}/joint_states, as this node would: give it another "
                "namespace"
            )
        self._arm = settings.make_arm(self.context)
        self._arm.start()
        self._newest: ArmState | None = None
        self._interface = ArmInterface(self, self._arm)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / settings.rate, self._publish, clock=steady)
        self.create_timer(1.0, lambda: self._interface.diagnose(self._newest), clock=steady)

    def close(self) -> None:
        """Hold, and let go of the port."""
        self._arm.stop()

    def _publish(self) -> None:
        try:
            state = self._arm.state()
        except CairnError as error:
            self._interface.diagnose(None, str(error))
            raise
        if self._newest is None or state.stamp > self._newest.stamp:
            self._newest = state
            self._interface.publish(state)


def main() -> int:
    """Drive the arm until a signal or its loss; returns the exit status."""
    return run_node(ArmNode)


if __name__ == "__main__":
    sys.exit(main())
