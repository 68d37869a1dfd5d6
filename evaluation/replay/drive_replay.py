"""Drive recorded commands through the simulated robot, open loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.replay.effective_commands import EffectiveCommands
from cairn.evaluation.replay.recorded_drive import RecordedDrive
from cairn.hardware.sim.simulation import TIMESTEP, Simulation
from cairn.hardware.twist import Twist
from cairn.navigation.pose import Pose, between

_ARRIVED = 1e-3  # [m, rad] from where the recording begins
_LONGEST_BEFORE = 600.0  # [s] from where the robot was put to where the recording begins
_SAME = 1e-6  # [m, rad] of the truth: on one machine the simulator repeats itself to the last digits

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReplayedDrive:
    """What the simulated robot did, at the stamps of the recorded odometry.

    Attributes:
        odometry: shape (M, 6), as in `RecordedDrive`.
        truth: shape (M, 3): x, y [m], yaw [rad] in the world.
        collisions: distinct contacts.
        exact_until: stamp up to which the recorded motion was repeated to the last digits [s]; None where
            there is no truth to tell.
        commands: that drove it.
    """

    odometry: Array
    truth: Array
    collisions: int
    exact_until: float | None
    commands: EffectiveCommands


def replay_drive(
    simulation: Simulation,
    drive: RecordedDrive,
    start: Pose,
    placed_at: float,
    progress: Callable[[float], None] = lambda stamp: None,
) -> ReplayedDrive:
    """Put the robot down, and let it do what it was told then.

    Where the truth is known and the robot does not come from there to where the recording begins, it is put
    down at that very place and moment.

    Args:
        start: in the world.
        placed_at: when that was [s]; the robot stands from then to the first command.
        progress: called with the stamp reached, now and then.
    """
    commands = EffectiveCommands.of(drive, simulation.settings.limits)
    first = float(drive.odometry[0, 0])
    simulation.reset(start)
    wheels = _Wheels(simulation, placed_at, commands.rows)
    # It may have settled, slid down a slope or driven before the recorder heard of it.
    if first - placed_at < _LONGEST_BEFORE:
        wheels.turn_until(first)
    if drive.has_truth and np.abs(between(drive.truth[0], np.array(simulation.pose))).max() > _ARRIVED:
        simulation.reset(Pose(*drive.truth[0].tolist()))
        wheels = _Wheels(simulation, first, commands.rows)
    rows = []
    for number, stamp in enumerate(drive.odometry[:, 0].tolist()):
        wheels.turn_until(stamp)
        odometry = simulation.odometry
        rows.append(
            (odometry.x, odometry.y, odometry.yaw, odometry.linear, odometry.angular, *simulation.pose)
        )
        if number % 50 == 0:
            progress(stamp)
    table = np.array(rows)
    return ReplayedDrive(
        odometry=np.column_stack([drive.odometry[:, 0], table[:, :5]]),
        truth=table[:, 5:],
        collisions=simulation.collisions,
        exact_until=_exact_until(drive, table[:, 5:]) if drive.has_truth else None,
        commands=commands,
    )


class _Wheels:
    """Tells the wheels what is due, at the very step of physics.

    Args:
        epoch: when the simulation's time was zero [s] of the recording's clock.
        rows: as in `EffectiveCommands`.
    """

    def __init__(self, simulation: Simulation, epoch: float, rows: Array) -> None:
        self._simulation = simulation
        self._epoch = epoch
        self._rows = rows.tolist()
        self._next = 0
        self._wanted = Twist()

    def turn_until(self, stamp: float) -> None:
        """Let physics pass up to a moment [s] of the recording's clock."""
        end = self._step_of(stamp)
        while (now := self._step_of(self._epoch + self._simulation.time)) < end:
            while self._next < len(self._rows) and self._step_of(self._rows[self._next][0]) <= now:
                self._wanted = Twist(*self._rows[self._next][1:])
                self._next += 1
            until = end
            if self._next < len(self._rows):
                until = min(end, self._step_of(self._rows[self._next][0]))
            self._simulation.advance(self._wanted, (until - now) * TIMESTEP)

    def _step_of(self, stamp: float) -> int:
        return round((stamp - self._epoch) / TIMESTEP)


def _exact_until(drive: RecordedDrive, truth: Array) -> float:
    """The stamp of the last row before the replay leaves the recorded way; what is not known agrees."""
    off = np.abs(between(drive.truth, truth)).max(axis=1)
    astray = np.flatnonzero(off > _SAME)
    last = int(astray[0]) - 1 if len(astray) else len(off) - 1
    return float(drive.odometry[max(last, 0), 0])
