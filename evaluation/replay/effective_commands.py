"""From when on which command drove the wheels of a recorded robot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.replay.recorded_drive import RecordedDrive
from cairn.hardware.sim.simulated_base import COMMAND_TIMEOUT
from cairn.hardware.twist import Twist, TwistLimits

_SAME = 1e-9  # [m/s, rad/s]
_ROUNDING = 1e-6  # [s] of stamps
_UNKNOWN_SHARE = 0.2  # of commands that the recorder may have lost; more, and they are others

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EffectiveCommands:
    """What the wheels were told, in the order of time.

    Attributes:
        rows: shape (K, 3): from when [s] on, forward [m/s], turn [rad/s].
        delay: median time from a command's stamp to its effect [s]; None where that is not known.
        doubt: in words, why the times may be others; empty where they are known.
    """

    rows: Array
    delay: float | None = None
    doubt: str = ""

    @classmethod
    def of(cls, drive: RecordedDrive, limits: TwistLimits) -> EffectiveCommands:
        """As the simulator said, where it did and the commands are those; else by the commands' stamps.

        Args:
            limits: to which the base clamps a command.
        """
        if not len(drive.effects):
            doubt = "the bag does not say when commands took effect: they do so at their stamps"
            return cls(_by_stamp(drive.commands), doubt=doubt if drive.has_truth else "")
        delays, unknown = _delays(drive, limits)
        if unknown > _UNKNOWN_SHARE * (unknown + len(delays)):
            return cls(
                _by_stamp(drive.commands),
                doubt=f"{unknown} of {unknown + len(delays)} commands that drove the recorded robot are not "
                "among those in the bag, which take effect at their stamps",
            )
        return cls(drive.effects, float(np.median(delays)) if delays else None)


def _by_stamp(commands: Array) -> Array:
    """Each command at its stamp, and zero where none came for too long."""
    stamps = commands[:, 0]
    silent = np.flatnonzero(np.diff(stamps, append=np.inf) > COMMAND_TIMEOUT)
    zeros = np.column_stack([stamps[silent] + COMMAND_TIMEOUT, np.zeros((len(silent), 2))])
    rows = np.concatenate([commands[:, [0, 2, 3]], zeros])
    return rows[np.argsort(rows[:, 0], kind="stable")]


def _delays(drive: RecordedDrive, limits: TwistLimits) -> tuple[list[float], int]:
    """From the stamp of each command that took effect, in the bag's order; and how many the bag has not.

    A zero is no command where commands ceased or an emergency stop was pressed.
    """
    given = drive.commands[:, 0].tolist()
    asked = [limits.clamp(Twist(*row)) for row in drive.commands[:, 2:].tolist()]
    delays, unknown, place = [], 0, 0
    for since, linear, angular in drive.effects.tolist():
        found = place
        while found < len(given) and given[found] <= since + _ROUNDING:
            if max(abs(asked[found].linear - linear), abs(asked[found].angular - angular)) < _SAME:
                break
            found += 1
        else:
            unknown += bool(linear or angular)
            continue
        delays.append(since - given[found])
        place = found + 1
    return delays, unknown
