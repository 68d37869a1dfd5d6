"""A simulated kitchen behind the gate that guards real arms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.bridge_pose import bridge_state
from cairn.hardware.arm.gate.arm_gate import ArmGate
from cairn.hardware.arm.gate.settings import ArmGateSettings
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.arm.widowx_250s import HAND, HULL, urdf, widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.verdict import GateState
from cairn.hardware.sim.arm.simulated_arm import SimulatedArm
from cairn.hardware.sim.kitchens.kitchen_camera import SHOULDER
from cairn.hardware.sim.kitchens.kitchen_simulation import SIZE, KitchenSimulation

PERIOD = 0.2
"""Of one step [s]: Bridge's 5 Hz."""


class KitchenRig:
    """Steps of the hand at 5 Hz, the gate at 50 Hz, both on simulated time.

    Attributes:
        fault: why the gate stopped the arm for good, "" while it has not.
        target: pose of the hand that the gate goes to, shape (4, 4).
    """

    def __init__(self, simulation: KitchenSimulation, settings: ArmGateSettings | None = None) -> None:
        self.simulation = simulation
        self._settings = settings or ArmGateSettings()
        self._kinematics = ArmKinematics(widowx_250s(), urdf(), HAND)
        self._arm = SimulatedArm(simulation.arm, lambda: simulation.arm.time)
        self.reset()

    @property
    def state(self) -> NDArray[np.float64]:
        """As `bridge_state` has it, shape (7,), by the joints as measured."""
        joints = self._arm.state()
        return bridge_state(self._kinematics.pose(joints.positions), joints.opening)

    def reset(self) -> None:
        """The kitchen as at first, and a gate that has seen the arm."""
        self.simulation.reset()
        settings = self._settings
        lower, upper = settings.workspace_lower, settings.workspace_upper
        box = Workspace((lower[0], lower[1], lower[2]), (upper[0], upper[1], upper[2]), np.array(HULL))
        self._gate = ArmGate(self._kinematics, box, settings)
        self._arm.start()
        self.fault, self.target = "", np.eye(4)
        for _ in range(settings.resume_states + 1):
            self._tick()
        if self.fault:
            raise CairnError(f"the gate does not start: {self.fault}")

    def step(self, step: HandStep, source: str = "teleop") -> None:
        """Hand a step to the gate, and let .2 s pass.  Raises CairnError for an unknown source."""
        self._gate.offer(source, step, self.simulation.arm.time, self._now())
        for _ in range(round(PERIOD / self._settings.period)):
            self._tick()

    def image(self, camera: str = SHOULDER, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
        """As of the simulation."""
        return self.simulation.image(camera, size)

    def _tick(self) -> None:
        now = self._now()
        self._gate.observe_state(self._arm.state(), now)
        verdict = self._gate.tick(now)
        if verdict.target is not None:
            self.target = verdict.target
        # At first it waits for a few states in a row.
        self.fault = "" if verdict.state is GateState.DRIVING else verdict.reason
        if verdict.command is not None:
            self._arm.command(verdict.command.positions, verdict.command.opening)
        self.simulation.advance(self._settings.period)

    def _now(self) -> Instant:
        return Instant(self.simulation.arm.time, self.simulation.arm.time)
