"""The simulated WidowX 250s: the topics of a real one, and the clock of everybody."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rosgraph_msgs.msg import Clock as ClockMessage
from std_srvs.srv import Trigger

from cairn.hardware.setting import check_settings, setting
from cairn.nodes.arm_interface import ArmInterface
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.single_instance import DISCOVERY_TIME, SingleInstance
from cairn.nodes.stamps import stamp_from_seconds

CLOCK = "/clock"
_TICK = 0.01  # [s] of simulated time between two states


@dataclass(frozen=True)
class SimArmSettings:
    """Raises InvalidSetting."""

    speed: float = setting("simulated seconds a second", 1.0, minimum=0.05, maximum=50.0, fixed=True)
    discovery_time: float = setting(
        "how long to look for another source of the clock at start [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )

    def __post_init__(self) -> None:
        check_settings(self)


class SimArmNode(Node):
    """Lets simulated time pass while the arm follows `arm/command`.

    Raises CairnError on bad parameters, a description that can't be had, or another source of the clock.
    """

    def __init__(self) -> None:
        super().__init__("sim_arm")
        settings = NodeParameters(self, SimArmSettings).value
        SingleInstance(self, CLOCK, "source of the clock", settings.discovery_time, self._begin)
        from cairn.hardware.sim.arm.arm_simulation import ArmSimulation
        from cairn.hardware.sim.arm.simulated_arm import SimulatedArm
        from cairn.hardware.sim.pace import Pace

        self._pace = Pace(settings.speed)
        self._simulation = ArmSimulation()
        self._time = 0.0
        self._arm = SimulatedArm(self._simulation, lambda: self._time)
        self._arm.start()
        self._interface = ArmInterface(self, self._arm)
        self._clock_publisher = self.create_publisher(ClockMessage, CLOCK, 10)
        self.create_service(Trigger, "simulation/reset_to_start", self._on_reset)

    def _begin(self) -> None:
        """Let time pass, now that nobody else's clock is there to be upset."""
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_TICK, self._tick, clock=steady)
        self.create_timer(1.0, lambda: self._interface.diagnose(self._arm.state()), clock=steady)

    def _tick(self) -> None:
        until = self._pace.allowed(self._time, time.monotonic())
        while self._time + _TICK <= until:
            self._simulation.advance(_TICK)
            self._time += _TICK
            self._clock_publisher.publish(ClockMessage(clock=stamp_from_seconds(self._time)))
            self._interface.publish(self._arm.state())

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._simulation.reset()
        response.success, response.message = True, "the arm stands at its neutral pose"
        return response


def main() -> int:
    """Simulate until a signal; returns the exit status."""
    return run_node(SimArmNode)


if __name__ == "__main__":
    sys.exit(main())
