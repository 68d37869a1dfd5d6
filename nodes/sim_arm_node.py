"""The simulated WidowX 250s: the topics of a real one, and the clock of everybody."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rosgraph_msgs.msg import Clock as ClockMessage
from std_srvs.srv import Trigger

from cairn.hardware.setting import check_settings, setting
from cairn.nodes.arm_interface import ArmInterface
from cairn.nodes.kitchen_view import KitchenView
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.single_instance import DISCOVERY_TIME, SingleInstance
from cairn.nodes.stamps import stamp_from_seconds

if TYPE_CHECKING:
    from cairn.hardware.sim.arm.arm_simulation import ArmSimulation
    from cairn.hardware.sim.kitchens.kitchen_simulation import KitchenSimulation

CLOCK = "/clock"
_TICK, _KITCHEN_TICK = 0.01, 0.02  # [s] of simulated time between two states; what a kitchen advances by
_RESETTING = 0.3  # [s] of simulated time


@dataclass(frozen=True)
class SimArmSettings:
    """Raises InvalidSetting."""

    speed: float = setting("simulated seconds a second", 1.0, minimum=0.05, maximum=50.0, fixed=True)
    domain: str = setting("kitchen that the arm stands in; empty: on an empty floor", "", fixed=True)
    task: str = setting("what there is to do in the kitchen", "", fixed=True)
    seed: int = setting("of the kitchen", 0, minimum=0, fixed=True)
    camera_rate: float = setting(
        "pictures a simulated second, of a kitchen", 10.0, minimum=0.5, maximum=50.0, fixed=True
    )
    camera_width: int = setting("of these pictures [pixels]", 320, minimum=32, maximum=1920, fixed=True)
    camera_height: int = setting("of these pictures [pixels]", 240, minimum=24, maximum=1080, fixed=True)
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
    """Lets simulated time pass while the arm follows `arm/command`; in a kitchen, with a camera.

    What is to be done there is told on `simulation/instruction`, and on `simulation/task_done` whether it is,
    by physics; both latched.

    Raises CairnError on bad parameters, a description or kitchen that can't be had, or another source of the
    clock.
    """

    def __init__(self) -> None:
        super().__init__("sim_arm")
        settings = NodeParameters(self, SimArmSettings).value
        self._settings = settings
        SingleInstance(self, CLOCK, "source of the clock", settings.discovery_time, self._begin)
        from cairn.hardware.sim.arm.simulated_arm import SimulatedArm
        from cairn.hardware.sim.pace import Pace

        self._pace = Pace(settings.speed)
        self._kitchen: KitchenSimulation | None = None
        self._simulation = self._make_simulation(settings)
        self._tick_time = _TICK if self._kitchen is None else _KITCHEN_TICK
        self._time = 0.0
        self._reset_until = 0.0
        self._start = self._simulation.target
        self._arm = SimulatedArm(self._simulation, lambda: self._time)
        self._arm.start()
        self._interface = ArmInterface(self, self._arm)
        self._clock_publisher = self.create_publisher(ClockMessage, CLOCK, 10)
        self.create_service(Trigger, "simulation/reset_to_start", self._on_reset)
        self._view: KitchenView | None = None

    def close(self) -> None:
        """Free what the camera took."""
        if self._kitchen is not None:
            self._kitchen.close()

    def _make_simulation(self, settings: SimArmSettings) -> ArmSimulation:
        from cairn.hardware.sim.arm.arm_simulation import ArmSimulation

        if not settings.domain:
            return ArmSimulation()
        from cairn.hardware.sim.kitchens.kitchen_simulation import KitchenSimulation
        from cairn.hardware.sim.kitchens.make_kitchen import make_kitchen

        self._kitchen = KitchenSimulation(make_kitchen(settings.domain, settings.task, settings.seed))
        return self._kitchen.arm

    def _begin(self) -> None:
        """Let time pass, now that nobody else's clock is there to be upset."""
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_TICK, self._tick, clock=steady)
        self.create_timer(1.0, lambda: self._interface.diagnose(self._arm.state()), clock=steady)
        if self._kitchen is not None:
            size = (self._settings.camera_width, self._settings.camera_height)
            self._view = KitchenView(self, self._kitchen, self._settings.camera_rate, size)

    def _tick(self) -> None:
        until = self._pace.allowed(self._time, time.monotonic())
        while self._time + self._tick_time <= until:
            resets = self._time < self._reset_until
            if resets:
                self._simulation.set_target(self._start.positions, self._start.opening)
            (self._kitchen or self._simulation).advance(self._tick_time)
            self._time += self._tick_time
            self._clock_publisher.publish(ClockMessage(clock=stamp_from_seconds(self._time)))
            state = self._arm.state()
            self._interface.publish(replace(state, has_torque=False) if resets else state)
        if self._view is not None:
            self._view.publish(self._time)

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        (self._kitchen or self._simulation).reset()
        # As with an arm that is moved by hand: the gate must not lead it back to where it was.
        self._start = self._simulation.target
        self._reset_until = self._time + _RESETTING
        response.success, response.message = True, "the arm stands as at the start"
        return response


def main() -> int:
    """Simulate until a signal; returns the exit status."""
    return run_node(SimArmNode)


if __name__ == "__main__":
    sys.exit(main())
