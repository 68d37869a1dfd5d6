"""The connection to the controller of a WidowX AI through its maker's library, watched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.trossen_limits import TrossenLimits, stricter_limits
from cairn.hardware.arm.widowx_ai import widowx_ai
from cairn.hardware.errors import CairnError

if TYPE_CHECKING:
    from trossen_arm import TrossenArmDriver

HOLD_TIME = 0.1
"""Over which a moving arm is brought back to where it stood [s]."""

_FAULT = "Error occurred: "
_NOT_THERE = ("Failed to", "connection closed")
# The library's own are subclasses of these.
_VENDOR_ERRORS = (RuntimeError, AssertionError)


class TrossenLink:
    """A configured controller in position mode, from its making until `close`.

    The library's errors become ours.  One of the controller is a fault in the state; an arm that is gone,
    silent or raving is lost, and stays so.

    Args:
        address: of the controller.
        end_effector: a name in `trossen_arm.StandardEndEffector`.
        clear_error: whether to clear an error that the controller still holds.
        timeout: for one answer of the controller's configuration channel [s].
        silence: age of the newest joint states at which the arm counts as lost [s].

    Attributes:
        limits: the stricter of the published ones and the robot's own.
        target: the newest.

    Raises ArmLost when nobody answers, CairnError when it is another arm or holds an error.
    """

    def __init__(
        self, address: str, end_effector: str, clear_error: bool, timeout: float, silence: float
    ) -> None:
        vendor = _library()
        effectors = [name for name in vars(vendor.StandardEndEffector) if name.startswith("wxai_v0")]
        if end_effector not in effectors:
            raise CairnError(
                f"end effector {end_effector!r} is unknown; valid: {', '.join(sorted(effectors))}"
            )
        self._address = address
        self._silence = silence
        self._lost = ""
        self._state = ArmState(0.0, (), (), (), 0.0, has_torque=False)
        self._driver: TrossenArmDriver = vendor.TrossenArmDriver()
        self._driver.set_log_level(vendor.LogLevel.critical)
        try:
            with self._translated():
                self._driver.configure(
                    vendor.Model.wxai_v0,
                    getattr(vendor.StandardEndEffector, end_effector),
                    address,
                    clear_error,
                    timeout,
                )
                self.limits: TrossenLimits = stricter_limits(
                    widowx_ai(), self._driver.get_joint_limits(), list(self._driver.get_effort_corrections())
                )
                # The library makes the measured positions the target as it changes to position mode.
                self._driver.set_all_modes(vendor.Mode.position)
                output = self._driver.get_robot_output()
        except CairnError:
            self._driver.cleanup()
            raise
        self._output = output.header.id
        self._heard = self._looked = time.monotonic()
        # The wall clock may be set while the arm runs; its stamps don't jump.
        self._clock_offset = time.time() - self._looked
        self._state = self._stated(output, True)
        self.target = self._standing()

    def look(self) -> ArmState:
        """The newest state; with a fault the last one before it.  Raises ArmLost."""
        if self._state.faults:
            return self._state
        if not self._lost:
            try:
                self._read()
            except _VENDOR_ERRORS as error:
                self._note(error)
        if self._lost:
            raise ArmLost(f"the arm at {self._address} is lost: {self._lost}; start it again")
        return self._state

    def send(self, target: ArmTarget, goal_time: float) -> None:
        """Go to a target within the limits in so many seconds.  Raises ArmLost or CairnError."""
        goal = [*target.positions, self.limits.model.finger(target.opening)]
        with self._translated():
            self._driver.set_all_positions(goal, goal_time, False)
        self.target = target

    def set_torque(self, on: bool) -> None:
        """Position mode, or idle mode.  Raises ArmLost or CairnError."""
        mode = _library().Mode
        with self._translated():
            self._driver.set_all_modes(mode.position if on else mode.idle)
        self._state = replace(self._state, has_torque=on)
        self.target = self._standing()

    def close(self) -> None:
        """Brake the arm and disconnect."""
        self._driver.cleanup()

    def _standing(self) -> ArmTarget:
        opening = max(0.0, min(1.0, self._state.opening))
        return ArmTarget(self.limits.model.clamp(self._state.positions), opening)

    def _read(self) -> None:
        seldom = time.monotonic() - self._looked > self._silence
        if seldom:
            # What came since says nothing of now: only an output after this one does.
            self._output, self._heard = self._driver.get_robot_output().header.id, time.monotonic()
        while True:
            output = self._driver.get_robot_output()
            self._looked = time.monotonic()
            if output.header.id != self._output:
                self._output, self._heard = output.header.id, self._looked
                self._take(output)
                return
            if self._looked - self._heard > self._silence:
                self._fell_silent()
                return
            if not seldom:
                return
            time.sleep(0.001)

    def _take(self, output: Any) -> None:
        state = self._stated(output, self._state.has_torque)
        if all(map(isfinite, (*state.positions, *state.velocities, state.opening))):
            self._state = state
        else:
            self._lost = "it says of its joints what is not finite"

    def _fell_silent(self) -> None:
        self._lost = f"nothing was heard of it for {self._looked - self._heard:.2f} s"
        if self._state.has_torque:
            standing = ArmTarget(self._standing().positions, self.target.opening)
            with suppress(CairnError):
                self.send(standing, HOLD_TIME)

    def _stated(self, output: Any, has_torque: bool) -> ArmState:
        joints = output.joint.all
        *positions, finger = joints.positions
        *efforts, grip = joints.efforts
        return ArmState(
            self._looked + self._clock_offset,
            tuple(positions),
            tuple(joints.velocities)[:-1],
            tuple(efforts),
            self.limits.model.opening(finger),
            max(-1.0, min(1.0, grip / self.limits.grip)),
            has_torque,
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Make errors of the vendor's library ours."""
        try:
            yield
        except _VENDOR_ERRORS as error:
            text = self._note(error)
            kind = ArmLost if any(words in text for words in _NOT_THERE) else CairnError
            raise kind(f"the arm at {self._address}: {text}") from error

    def _note(self, error: Exception) -> str:
        """What an error says of the arm, from now on; its text without the library's advice."""
        text = str(error).partition("\n")[0]
        if text.startswith(_FAULT):
            self._state = replace(self._state, has_torque=False, faults=(text.removeprefix(_FAULT),))
        else:
            self._lost = text
        return text


def _library() -> Any:
    try:
        import trossen_arm
    except ImportError as error:
        raise CairnError(
            "the WidowX AI needs its maker's library trossen_arm, which is not there: "
            "pip install 'cairn-robotics[arm]'"
        ) from error
    return trossen_arm
