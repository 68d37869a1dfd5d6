"""What was left out of a trajectory and how well its streams fit together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class DropReason(Enum):
    """Why something did not become a step."""

    UNSYNCHRONISED = "unsynchronised"
    INVALID_ODOMETRY = "invalid odometry"
    REPEATED_STAMP = "stamp was there already"
    BACKWARD_STAMP = "stamp went backwards"
    FORWARD_STAMP = "stamp jumped ahead"
    UNREADABLE_MESSAGE = "unreadable message"
    CORRUPT_IMAGE = "corrupt image"
    STALE_IMAGE = "stale image"
    BLURRED = "blurred"
    ODOMETRY_JUMP = "odometry jump"
    REVERSED = "reversed driving"
    TOO_SHORT = "too short"
    NO_COMMAND = "no command or velocity"


@dataclass
class StepTally:
    """Figures of one pass over a trajectory.

    Attributes:
        dropped: how many steps were left out, by reason; of stamps and unreadable messages, how many
            messages.
        unread: what the source has and a step has no place for, by its name there.
        worst_error: largest time between a step and the sample used for it [s], by stream.
    """

    dropped: Counter[DropReason] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    worst_error: dict[str, float] = field(default_factory=dict)

    def note_error(self, stream: str, error: float) -> None:
        """A sample `error` seconds away was used for a step."""
        self.worst_error[stream] = max(self.worst_error.get(stream, 0.0), error)
