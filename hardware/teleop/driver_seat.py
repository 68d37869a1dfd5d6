"""One of several hands drives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import State
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.look import Look

LOST_TOLD = 0.6
"""How long it is told that a hand was lost while it drove [s]: longer than any gate waits for its switch."""


class DriverSeat(Generic[State]):
    """Looks at all controllers and decides who drives, whatever the robot.

    Who presses the deadman first drives until it is released or its controller lost; a press of another
    one meanwhile counts for nothing, also later: it must be pressed afresh.  A controller that is lost while
    it drives has not let go, and the gate is told so.  Emergency stops and what is said about the recording
    are taken from every hand.  The gate is armed only while nobody drives.

    Args:
        controllers: in the order in which they win when two press at the same look.
        emergency: publishes the presses.
        arm: fires.
    """

    def __init__(
        self,
        controllers: Iterable[Controller[State]],
        emergency: EmergencyButton | None = None,
        arm: ArmButton | None = None,
    ) -> None:
        self._controllers = list(controllers)
        self._emergency = emergency or EmergencyButton()
        self._arm = arm or ArmButton()
        self._held: set[str] = set()
        self._driver = ""
        self._lost = ""
        self._loss = ""
        self._abandoned = ""
        self._abandoned_at = float("-inf")
        self._drove = False
        self._stop_noted = False

    @property
    def controllers(self) -> tuple[Controller[State], ...]:
        return tuple(self._controllers)

    def add(self, controller: Controller[State]) -> None:
        """One more, after all others.  Raises CairnError when its name is taken."""
        if controller.name in (known.name for known in self._controllers):
            raise CairnError(f"there is a controller {controller.name!r} already")
        self._controllers.append(controller)

    def remove(self, name: str) -> None:
        """Forget a controller; if it drives, nobody does afterwards."""
        for controller in [known for known in self._controllers if known.name == name]:
            self._controllers.remove(controller)
            controller.close()
        self._held.discard(name)
        if self._driver == name:
            self._driver = ""

    def press_emergency_stop(self) -> None:
        """One was pressed where no state tells it, such as in a message that is of no other use."""
        self._stop_noted = True

    def look(self, now: float) -> tuple[Look, State | None]:
        """Look at every hand at `now` [monotonic s]; also the state of the hand that drives, if one does."""
        states = {
            controller.name: state
            for controller in self._controllers
            if (state := controller.look(now)) is not None
        }
        stopped = self._stop_noted or any(state.emergency_stop for state in states.values())
        self._stop_noted = False
        self._choose(states, stopped, now)
        driver = states[self._driver] if self._driver else None
        if driver is not None:
            self._lost = self._loss = self._abandoned = ""
        took_over, self._drove = driver is not None and not self._drove, driver is not None
        first = next(iter(states), "")
        return Look(
            controller=self._driver or self._lost or first,
            present=driver is not None or (bool(first) and not self._lost),
            deadman=driver is not None,
            lost=bool(self._abandoned) and now - self._abandoned_at < LOST_TOLD,
            reason="" if driver is not None else self._idleness(states),
            stamp=now if driver is None else driver.stamp,
            took_over=took_over,
            emergency_stop=self._emergency.update(stopped, now),
            arm=self._arm.update(not self._driver and any(one.arm for one in states.values()), now),
            actions=tuple(action for state in states.values() for action in state.actions),
        ), driver

    def close(self) -> None:
        """Release every device."""
        for controller in self._controllers:
            controller.close()

    def _choose(self, states: dict[str, State], stopped: bool, now: float) -> None:
        held = {name for name, state in states.items() if state.deadman}
        driving = states.get(self._driver)
        if self._driver and driving is None:
            self._lost, self._loss = self._driver, self._absence(self._driver)
        if self._driver and (driving is None or driving.was_lost):
            self._abandoned, self._abandoned_at = self._driver, now
        if stopped or self._driver not in held:
            # After an emergency stop, too, the deadman needs a fresh press: whoever arms the gate must not
            # set a robot going under a hand that never let go.
            self._driver = ""
        if self._lost in states:
            self._lost = self._loss = ""
        if not (self._driver or stopped):
            # In the order of the controllers, which `states` keeps.
            self._driver = next((name for name in states if name in held - self._held), "")
        self._held = held

    def _idleness(self, states: dict[str, State]) -> str:
        if self._lost:
            return f"{self._lost} lost: {self._loss}"
        if self._abandoned:
            return f"{self._abandoned} was lost while it drove: the deadman needs a fresh press"
        if self._held:
            return f"{', '.join(sorted(self._held))}: the deadman needs a fresh press"
        if states:
            return "deadman not pressed"
        absences = [f"{one.name}: {one.absence}" for one in self._controllers]
        return f"no controller: {'; '.join(absences) or 'none is allowed'}"

    def _absence(self, name: str) -> str:
        return next((one.absence for one in self._controllers if one.name == name), "removed")
