"""A moment on both clocks that the gate lives by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instant:
    """One moment.

    Attributes:
        monotonic: seconds that only ever grow, for watchdogs: a jump of the wall clock or a reset of
            the simulation can neither trip nor blind them.
        ros: seconds of the node's ROS clock (system or simulation time), for the age of data by its stamp.
    """

    monotonic: float
    ros: float
