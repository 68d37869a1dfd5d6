"""Drive recorded commands through the simulated robot, open loop."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, isnan

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.replay.recorded_drive import RecordedDrive
from cairn.hardware.sim.saved_state import SavedState
from cairn.hardware.sim.simulated_base import COMMAND_TIMEOUT
from cairn.hardware.sim.simulation import TIMESTEP, Simulation
from cairn.hardware.twist import Twist
from cairn.navigation.pose import Pose, wrap_angle

_SLICE = 0.02  # [s] between two looks at the command, as `SimulatedRobot` has it
_SAME = 1e-6  # [m, rad] of the truth: on one machine the simulator repeats itself to the last digits
_TIED = 1e-9
_MOST_GUESSES = 12
_ROUNDING = 1e-6  # [s] of stamps

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
        delay: median time from a command's stamp to the step at which it took effect [s], where known.
    """

    odometry: Array
    truth: Array
    collisions: int
    exact_until: float | None
    delay: float | None


@dataclass(frozen=True)
class _Guess:
    """One of the ways in which the commands may have reached the wheels up to now.

    Attributes:
        applied: index of the newest command that took effect, -1 for none.
        delays: of those that did [s].
    """

    state: SavedState
    applied: int
    delays: tuple[float, ...] = ()


class DriveReplay:
    """Repeats one drive in a simulation, step by step of its recorded odometry.

    A stamp says when the gate gave a command, not at which step of physics it took effect, and skidding
    wheels make a step of difference grow.  Where the bag holds the truth, each command takes effect at the
    step, at or soon after its stamp, from which on the simulated robot moves as the recorded one did; if
    none does, and wherever there is no truth, it takes effect at its stamp.

    Args:
        patience: longest time from a command's stamp to its effect [s] of the recording's clock.
    """

    def __init__(self, simulation: Simulation, drive: RecordedDrive, patience: float = 0.06) -> None:
        self._simulation = simulation
        self._drive = drive
        self._patience = patience
        commands = drive.commands
        changed = np.ones(len(commands), bool)
        changed[1:] = (np.diff(commands[:, 2:], axis=0) != 0).any(axis=1)
        self._changes = commands[changed]
        self._heard = commands[:, 0].tolist()
        self._given = self._changes[:, 0].tolist()
        self._epoch = 0.0

    def run(self, start: Pose, placed_at: float, progress: Callable[[float], None]) -> ReplayedDrive:
        """Put the robot down, and drive.

        Args:
            start: in the world.
            placed_at: when that was [s]; the robot stands from then to the first odometry.
            progress: called with the stamp reached, now and then.
        """
        simulation, stamps = self._simulation, self._drive.odometry[:, 0].tolist()
        simulation.reset(start)
        self._epoch = placed_at - simulation.time
        self._advance(-1, placed_at, stamps[0])
        guesses, lost = [_Guess(SavedState(simulation), -1)], stamps[0]
        knows = self._drive.has_truth
        rows = [self._sense()]
        for step in range(1, len(stamps)):
            tried = self._try_all(guesses, step, knows)
            best = min(tried, key=lambda pair: pair[0])
            if knows and best[0] > _TIED:
                tried += self._try_all(guesses, step, knows, torn=True)
                best = min(tried, key=lambda pair: pair[0])
            if knows and best[0] > _SAME:
                knows, lost = False, stamps[step - 1]
            if knows:
                guesses = self._distinct([guess for error, guess in tried if error <= best[0] + _TIED])
            else:
                guesses = [best[1]]
            if len(tried) > 1 or len(guesses) > 1:
                guesses[0].state.restore(simulation)
            rows.append(self._sense())
            if step % 50 == 0:
                progress(stamps[step])
        table = np.array(rows)
        has_truth = self._drive.has_truth
        return ReplayedDrive(
            odometry=np.column_stack([stamps, table[:, :5]]),
            truth=table[:, 5:],
            collisions=simulation.collisions,
            exact_until=(stamps[-1] if knows else lost) if has_truth else None,
            delay=float(np.median(guesses[0].delays)) if has_truth and guesses[0].delays else None,
        )

    def _try_all(
        self, guesses: list[_Guess], step: int, knows: bool, torn: bool = False
    ) -> list[tuple[float, _Guess]]:
        """Every guess gone on to `step` with each command that may be in effect, and how far off it is."""
        now, until = self._drive.odometry[step - 1 : step + 1, 0].tolist()
        tried, seen = [], set()
        for guess in guesses:
            candidates = self._candidates(guess.applied, now, knows)
            for applied in candidates:
                key = (guess.state.sent, applied)
                if key in seen:
                    continue
                seen.add(key)
                if len(guesses) + len(candidates) > 2 or torn:  # alone, the simulation is already there
                    guess.state.restore(self._simulation)
                self._advance(applied, now, until, torn)
                delays = guess.delays
                if applied != guess.applied:
                    delays = (*delays, now - self._given[applied])
                error = self._error(step) if knows else 0.0
                tried.append((error, _Guess(SavedState(self._simulation), applied, delays)))
        return tried

    def _error(self, step: int) -> float:
        """Distance from the truth [m + rad], 0 where it is not known."""
        x, y, yaw = self._drive.truth[step].tolist()
        if isnan(x):
            return 0.0
        pose = self._simulation.pose
        return hypot(pose[0] - x, pose[1] - y) + abs(wrap_angle(pose[2] - yaw))

    def _candidates(self, applied: int, now: float, knows: bool) -> list[int]:
        newest = bisect_right(self._given, now + _ROUNDING) - 1
        if newest <= applied:
            return [applied]
        if not knows:
            return [newest]
        # What is overdue was applied or overtaken; of the rest, any may be the one in effect.
        due = max(applied, bisect_right(self._given, now - self._patience) - 1)
        return list(range(due, newest + 1))

    def _distinct(self, guesses: list[_Guess]) -> list[_Guess]:
        """Those that can still turn out differently, the one with the newest command of each kind."""
        kept: dict[tuple[object, ...], _Guess] = {}
        for guess in guesses:
            key = (guess.state.sent, self._twist(guess.applied))
            if key not in kept or guess.applied > kept[key].applied:
                kept[key] = guess
        return list(kept.values())[:_MOST_GUESSES]

    def _twist(self, applied: int) -> Twist:
        return Twist(*self._changes[applied, 2:].tolist()) if applied >= 0 else Twist()

    def _advance(self, applied: int, now: float, until: float, torn: bool = False) -> None:
        """Let physics pass, the base stopping by itself when commands have ceased.

        With `torn` the last step is taken by itself, as the simulator does by its rounding where a stride is
        no whole number of steps.
        """
        wanted = self._twist(applied)
        repeated = bisect_right(self._heard, now + _ROUNDING) - 1
        expires = (self._heard[repeated] if repeated >= 0 else now) + COMMAND_TIMEOUT
        simulation = self._simulation
        while (left := until - self._epoch - simulation.time) > TIMESTEP / 2:
            expired = simulation.time + self._epoch > expires
            whole = round(left / TIMESTEP)
            if torn and 2 <= whole <= round(_SLICE / TIMESTEP):
                whole -= 1
            simulation.advance(Twist() if expired else wanted, min(_SLICE, max(1, whole) * TIMESTEP))

    def _sense(self) -> tuple[float, ...]:
        odometry = self._simulation.odometry
        return (
            odometry.x, odometry.y, odometry.yaw, odometry.linear, odometry.angular, *self._simulation.pose,
        )  # fmt: skip
