"""Why a message was not taken."""

from __future__ import annotations

from enum import Enum


class Rejection(Enum):
    """Reasons to drop a command or a sensor message; the value is for people."""

    STALE = "stamp too old"
    FUTURE = "stamp in the future"
    BACKWARD = "stamp older than the one before"
    NON_FINITE = "not finite"
    REPEATED = "the same picture again"
    STOPPED = "the gate stops the robot"
    OUTRANKED = "somebody of higher priority drives"
