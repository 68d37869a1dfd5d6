"""The simulated WidowX 250s as an arm."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation


class SimulatedArm(Arm):
    """Sets the targets of a simulation that somebody else steps.

    Args:
        clock: seconds of simulated time, which goes on when the simulation is reset.
    """

    def __init__(self, simulation: ArmSimulation, clock: Callable[[], float]) -> None:
        self._simulation = simulation
        self._clock = clock
        self._started = False

    @property
    def model(self) -> ArmModel:
        return self._simulation.arm

    def start(self) -> None:
        self._simulation.set_torque(True)
        self._started = True

    def state(self) -> ArmState:
        if not self._started:
            raise ArmLost("the arm must be started before it has a state")
        return self._simulation.joint_state(self._clock())

    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        target = self.model.target(positions, opening)
        if not self._started:
            raise CairnError("the arm must be started before it is commanded")
        if not self._simulation.has_torque:
            raise CairnError("the arm has no torque: it follows no command before set_torque(True)")
        self._simulation.set_target(target.positions, target.opening)
        return self._simulation.target

    def hold(self) -> ArmTarget:
        positions = self.model.clamp(self.state().positions)
        self._simulation.set_target(positions, self._simulation.target.opening)
        return self._simulation.target

    def set_torque(self, on: bool) -> None:
        if not self._started:
            raise ArmLost("the arm must be started before its torque is set")
        if on != self._simulation.has_torque:
            self._simulation.set_torque(on)

    def stop(self) -> None:
        if self._started and self._simulation.has_torque:
            self.hold()
        self._started = False
