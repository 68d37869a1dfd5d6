"""Message stamps and seconds."""

from __future__ import annotations

from builtin_interfaces.msg import Time

_NANOSECONDS = 1_000_000_000


def stamp_from_seconds(seconds: float) -> Time:
    """The message of a time in seconds, which must not be negative; exact to the microsecond until 2100."""
    whole, part = divmod(round(seconds * _NANOSECONDS), _NANOSECONDS)
    return Time(sec=whole, nanosec=part)


def seconds_from_stamp(stamp: Time) -> float:
    """Seconds of a message's time."""
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)
