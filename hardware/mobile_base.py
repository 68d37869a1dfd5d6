"""What every wheeled base is, real or simulated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist, TwistLimits


class BaseLost(CairnError):
    """The base no longer answers."""


@dataclass(frozen=True)
class Odometry:
    """Pose of `base_link` in `odom` (x, y [m], yaw [rad]) and velocity in `base_link` [m/s, rad/s].

    The pose drifts but never jumps (REP-105); `stamp` in seconds on the driver's clock.
    """

    stamp: float
    x: float
    y: float
    yaw: float
    linear: float
    angular: float


class MobileBase(ABC):
    """A base that drives at a commanded twist and stops by itself when commands cease.

    Contract: a command holds for at most `command_timeout` seconds; then the base brakes to a stop.
    """

    @property
    @abstractmethod
    def limits(self) -> TwistLimits:
        """What the platform can do, not what is wise."""

    @property
    @abstractmethod
    def command_timeout(self) -> float:
        """Seconds of silence after which the base stops by itself."""

    @abstractmethod
    def start(self) -> None:
        """Connect.  Raises BaseLost when the base is not there."""

    @abstractmethod
    def command(self, twist: Twist) -> Twist:
        """Set the wanted velocity; returns what was really sent (clamped).

        Raises CairnError, and sends nothing, when the twist is not finite or the base was not started.
        """

    @abstractmethod
    def odometry(self) -> Odometry:
        """The newest odometry.  Raises BaseLost before the first arrived or when it ceased."""

    @abstractmethod
    def stop(self) -> None:
        """Command zero and disconnect.  Safe to call twice."""
