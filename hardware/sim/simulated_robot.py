"""A simulated Jackal as its drivers show it, with a clock that never runs backwards."""

from __future__ import annotations

from cairn.hardware.camera import CameraFrame
from cairn.hardware.sim.simulated_base import SimulatedBase
from cairn.hardware.sim.simulated_camera import SimulatedCamera
from cairn.hardware.sim.simulation import TIMESTEP, Simulation
from cairn.hardware.twist import Twist

_SLICE = 5  # steps of physics; so late a command takes effect, or its expiry
_TOLERANCE = TIMESTEP / 2


class SimulatedRobot:
    """One camera and one base in one world; time passes only in `advance`.

    Frames come at the simulation's control rate while the camera is started.

    Attributes:
        base, camera: the devices; not started.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self._epoch = 0.0
        self._contacts_before = 0
        self._period = 1.0 / simulation.settings.control_rate
        self._next_exposure = 0.0
        self._told = Twist()
        self._effects: list[tuple[float, Twist]] = []
        self.camera = SimulatedCamera(simulation.settings.camera)
        self.base = SimulatedBase(simulation, lambda: self.time)

    @property
    def time(self) -> float:
        """Seconds since the first start; goes on when the robot is placed elsewhere."""
        return self._epoch + self.simulation.time

    @property
    def collisions(self) -> int:
        """Distinct contacts since the first start."""
        return self._contacts_before + self.simulation.collisions

    def place(self, pose: tuple[float, float, float]) -> None:
        """Put the robot at a pose (x, y [m], yaw [rad]) at rest; odometry starts afresh at the origin."""
        self._contacts_before += self.simulation.collisions
        # A step further, so that no stamp comes twice.
        self._epoch += self.simulation.time + TIMESTEP
        self.camera.forget()
        self.simulation.reset(pose)
        self._next_exposure = self.time
        self._note(Twist())

    def has_reached(self, moment: float) -> bool:
        """Whether it is `moment` [s] or later, as exactly as steps of physics allow."""
        return self.time > moment - _TOLERANCE

    def advance(self, until: float) -> CameraFrame | None:
        """Let time pass up to `until` [s], but at most to the next exposure or delivery of a frame.

        Returns the frame that arrived, if one did.
        """
        due = self.camera.next_delivery
        stop = min(until, self._coming_exposure(), until if due is None else due)
        while not self.has_reached(stop):
            # At least one step of physics: sums of times round, and less would not let time pass at all.
            left = max(1, round((stop - self.time) / TIMESTEP))
            self._note(self.base.wanted)
            self.simulation.advance(self.base.wanted, min(_SLICE, left) * TIMESTEP)
        if due is not None and self.has_reached(due):
            return self.camera.deliver()
        if self.has_reached(self._next_exposure):
            self._next_exposure += self._period
            if self.camera.is_started:
                self.camera.expose(self.simulation.sense().image, self.time)
        return None

    def take_effects(self) -> list[tuple[float, Twist]]:
        """What the wheels were told since this was last asked for: from when [s] on, and what."""
        effects, self._effects = self._effects, []
        return effects

    def _note(self, wanted: Twist) -> None:
        if wanted != self._told:
            self._told = wanted
            self._effects.append((self.time, wanted))

    def _coming_exposure(self) -> float:
        """When the next frame is exposed; those missed while nobody let time pass are not made up for."""
        while self._next_exposure < self.time - _TOLERANCE:
            self._next_exposure += self._period
        return self._next_exposure
