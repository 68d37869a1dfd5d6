"""Hands drive an arm."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.arm_decision import ArmDecision
from cairn.hardware.teleop.arm_hands import ArmHands
from cairn.hardware.teleop.arm_pad_state import ArmPadState
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.driver_seat import DriverSeat
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.fresh_press import FreshPress
from cairn.hardware.teleop.hand_speeds import HandSpeeds

LONGEST_STEP = 0.1
"""Time that one step makes up for at most [s]: after a pause of this process the hand does not leap."""
NO_GRIPPER = "nobody says what the gripper was told: is the arm's gate running?"


class ArmTeleoperation(DriverSeat[ArmPadState]):
    """The seat of an arm: steps of the hand while the clutch is held, else none.

    A press of the clutch alone changes nothing: the gripper keeps what it was told until the hand says
    otherwise, for what it holds must not fall.

    Args:
        controllers: in the order in which they win when two press at the same look.
        speeds: of a stick at its stop.
        emergency: publishes the presses.
        arm: fires.
    """

    def __init__(
        self,
        controllers: Iterable[Controller[ArmPadState]],
        speeds: HandSpeeds,
        *,
        emergency: EmergencyButton | None = None,
        arm: ArmButton | None = None,
    ) -> None:
        super().__init__(controllers, emergency, arm)
        self._speeds = speeds
        self._toggle = FreshPress()
        self._told: float | None = None
        self._opening: float | None = None
        self._last: float | None = None

    def change_speeds(self, speeds: HandSpeeds) -> None:
        """For all hands, from the next look on."""
        self._speeds = speeds

    def observe_gripper(self, told: float) -> None:
        """What the gripper is told now, whoever tells it: 0 closed, 1 open."""
        if isfinite(told):
            self._told = told

    def update(self, now: float) -> ArmDecision:
        """Look at every hand at `now` [monotonic s]."""
        look, driver = self.look(now)
        period = 0.0 if self._last is None else min(LONGEST_STEP, max(0.0, now - self._last))
        self._last = now
        if look.took_over:
            self._opening = self._told
            self._toggle.forget()
        if driver is None:
            return ArmDecision(**vars(look))
        self._grip(driver)
        if self._opening is None:
            return ArmDecision(**{**vars(look), "reason": NO_GRIPPER})
        hands = ArmHands(driver.linear, driver.angular, self._opening, clutch=True)
        # A second's worth of steps is the speed.
        speed = self._speeds.step(hands, 1.0)
        return ArmDecision(
            **vars(look), step=self._speeds.step(hands, period), speed=(*speed.translation, *speed.rotation)
        )

    def _grip(self, driver: ArmPadState) -> None:
        """Let the hand say what the gripper is to do."""
        if self._opening is None:
            self._opening = self._told
        was_held = self._toggle.is_held
        self._toggle.update(driver.toggle)
        if self._toggle.is_held and not was_held and self._opening is not None:
            self._opening = 0.0 if self._opening > 0.5 else 1.0
        if driver.opening is not None:
            self._opening = driver.opening
