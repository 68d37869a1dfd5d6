"""Hands drive a base."""

from __future__ import annotations

from collections.abc import Iterable

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import GamepadState
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.decision import TeleopDecision
from cairn.hardware.teleop.driver_seat import LOST_TOLD, DriverSeat
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.speeds import TeleopSpeeds
from cairn.hardware.twist import Twist

__all__ = ["LOST_TOLD", "REST", "ZERO_AFTER", "Teleoperation"]

ZERO_AFTER = 0.2
"""How long zero goes out after a hand has let go [s]."""
REST = 0.5
"""How long a stick at rest still holds what it took over, where sticks take over [s]."""


class Teleoperation(DriverSeat[GamepadState]):
    """The seat of a base: what its driver's sticks mean.

    Args:
        controllers: in the order in which they win when two press at the same look.
        speeds: for the hand that drives.
        takeover: "deadman": who holds it drives, a policy must wait; "stick": a policy drives on while the
            deadman is held and the sticks are at rest (for a gate whose policy needs the deadman too).
        is_steady: zero goes out all the time while nobody drives, which a gate that wants the deadman
            tells from a wish to stop; otherwise for a moment after a hand has let go.
        emergency: publishes the presses.
        arm: fires.
    """

    def __init__(
        self,
        controllers: Iterable[Controller[GamepadState]],
        speeds: TeleopSpeeds,
        *,
        takeover: str = "deadman",
        is_steady: bool = True,
        emergency: EmergencyButton | None = None,
        arm: ArmButton | None = None,
    ) -> None:
        if takeover not in ("deadman", "stick"):
            raise CairnError(f"expected deadman or stick to take over by, got {takeover!r}")
        super().__init__(controllers, emergency, arm)
        self._speeds = speeds
        self._by_stick = takeover == "stick"
        self._is_steady = is_steady
        self._moved: float | None = None
        self._drove_at: float | None = None
        self._took = False

    def change_speeds(self, speeds: TeleopSpeeds) -> None:
        """For all hands, from the next look on."""
        self._speeds = speeds

    def update(self, now: float) -> TeleopDecision:
        """Look at every hand at `now` [monotonic s]."""
        look, driver = self.look(now)
        twist, turbo = Twist(), False
        if driver is None:
            drives = self._is_steady or (self._drove_at is not None and now - self._drove_at < ZERO_AFTER)
        else:
            turbo = driver.turbo
            twist = self._speeds.twist(driver.forward, driver.turn, turbo)
            if twist != Twist():
                self._moved = now
            drives = not self._by_stick or (self._moved is not None and now - self._moved < REST)
            if drives:
                self._drove_at = now
        takes = driver is not None and drives
        took_over, self._took = takes and not self._took, takes
        return TeleopDecision(
            **{**vars(look), "took_over": took_over}, turbo=turbo, twist=twist, drives=drives
        )
