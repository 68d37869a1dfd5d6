"""The simulated Jackal's wheels as a mobile base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import BaseLost, MobileBase, Odometry
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.twist import Twist, TwistLimits

COMMAND_TIMEOUT = 0.5
"""Seconds of simulated time, as Clearpath's controller has it in real time."""


class SimulatedBase(MobileBase):
    """Keeps the last command for whoever steps the simulation; `SimulatedRobot` does.

    Args:
        clock: seconds of simulated time, which goes on when the simulation is reset.
    """

    def __init__(self, simulation: Simulation, clock: Callable[[], float]) -> None:
        self._simulation = simulation
        self._clock = clock
        self._started = False
        self._command = Twist()
        self._commanded_at = clock()

    @property
    def limits(self) -> TwistLimits:
        return self._simulation.settings.limits

    @property
    def command_timeout(self) -> float:
        return COMMAND_TIMEOUT

    @property
    def wanted(self) -> Twist:
        """What the wheels are told now: the last command, zero once it has expired."""
        expired = self._clock() - self._commanded_at > self.command_timeout
        return Twist() if expired else self._command

    def start(self) -> None:
        self._started = True

    def command(self, twist: Twist) -> Twist:
        sent = self.limits.clamp(twist)
        if not self._started:
            raise CairnError("the base must be started before it is commanded")
        self._command, self._commanded_at = sent, self._clock()
        return sent

    def odometry(self) -> Odometry:
        if not self._started:
            raise BaseLost("the base must be started before it has odometry")
        return replace(self._simulation.odometry, stamp=self._clock())

    def stop(self) -> None:
        self._started = False
        self._command = Twist()
