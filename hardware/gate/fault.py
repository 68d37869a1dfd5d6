"""What keeps the robot from moving."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """The kind of a fault; it stays the same while the reason in words counts seconds."""

    NONE = "none"
    IDLE = "no command"
    EMERGENCY_STOP = "emergency stop"
    NON_FINITE = "non-finite command"
    FOREIGN_PUBLISHER = "foreign publisher"
    CAMERA = "camera"
    ODOMETRY = "odometry"
    JOINT_STATES = "joint states"
    MOTOR = "motor"
    EFFORT = "effort"
    DEADMAN = "deadman"
    SILENCE = "command silence"
    SHUTDOWN = "shutdown"

    @property
    def is_error(self) -> bool:
        """Whether something is broken that must be put right."""
        return not self.is_waiting and self not in (Cause.NONE, Cause.SILENCE)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is wrong: no one has asked to drive, or a person doesn't let the robot."""
        return self in (Cause.IDLE, Cause.DEADMAN, Cause.SHUTDOWN)


@dataclass(frozen=True)
class Fault:
    """A cause and the same in words, with names and times."""

    cause: Cause
    reason: str
