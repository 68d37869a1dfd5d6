"""The WidowX AI through its maker's library."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from math import isfinite
from threading import RLock
from typing import TYPE_CHECKING, Any

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.trossen_limits import TrossenLimits, stricter_limits
from cairn.hardware.arm.widowx_ai import widowx_ai
from cairn.hardware.errors import CairnError

if TYPE_CHECKING:
    from trossen_arm import TrossenArmDriver

SILENCE = 0.1
"""Age of the newest joint states at which the arm counts as lost [s]."""
_HOLD_TIME = 0.1  # over which a moving arm is brought back to where it stood [s]
_REST_TIME = 1.0  # that `stop` waits at most for the joints to stand [s]
_AT_REST = 0.03  # [rad/s]
_FAULT = "Error occurred: "
_NOT_THERE = ("Failed to", "connection closed")
# The library's own are subclasses of these.
_VENDOR_ERRORS = (RuntimeError, AssertionError)


@dataclass
class _Link:
    """To one configured controller.

    Attributes:
        driver: the vendor's.
        limits: stricter of the published and the robot's own.
        state: the newest.
        output: number of the newest output that was seen.
        heard, looked: when an output was new, and when somebody looked last [s], monotonic.
        target: the newest.
        told: when it was set [s], monotonic.
        lost: why the arm is lost, empty while it isn't.
    """

    driver: TrossenArmDriver
    limits: TrossenLimits
    state: ArmState
    output: int
    heard: float
    looked: float
    target: ArmTarget
    told: float
    lost: str = ""


class TrossenWidowXAI(Arm):
    """Streams targets to the arm's controller; the vendor's thread interpolates and sends them.

    *Torque.*  `start` and `stop` pass through the library's idle mode, whatever anybody does: `configure`,
    `cleanup` and the destructor of its driver all command it (seen on the wire).  It says of idle that all
    joints are braked; what load the brakes carry, and for how long, it doesn't say.  So between connecting
    and holding (some 20 ms) and **after `stop` the arm is braked and not held**: bring it to where it can
    rest before.  `stop` holds a moving arm until it stands, a second at most, then lets go.
    `set_torque(False)` is idle mode too.  The simulator holds its last target in idle mode, so no test
    shows how a real arm sinks.

    *Silence.*  The library reports no silence: it repeats its last output for ever (a dead process behind
    the address is noticed at once, for the network then refuses).  Here an arm of which nothing new was
    heard for `silence` seconds is lost, until it is started again; its target becomes where it was seen
    last, lest it run on when the network is back.  What the controller does when *this* process dies is for
    its firmware to decide, and not documented.

    *Faults.*  An error of the controller brakes all joints and ends the connection.  `state` then repeats
    the last one, with its old stamp, the fault, and without torque.

    While the arm answers nothing blocks longer than a few milliseconds, but for `stop`; where it does not,
    `start` and `set_torque` wait `timeout` seconds at most for each answer.  Stamps are of
    the system's clock as it stood at `start`.  Calls may come from any thread.

    Args:
        address: of the controller.
        end_effector: one of the names in `trossen_arm.StandardEndEffector`; the controller compensates for
            its weight.
        clear_error: whether `start` clears an error that the controller still holds.
        timeout: for one answer of the controller's configuration channel [s].
        silence: see above [s].
    """

    def __init__(
        self,
        address: str = "192.168.1.2",
        end_effector: str = "wxai_v0_follower",
        clear_error: bool = False,
        timeout: float = 1.0,
        silence: float = SILENCE,
    ) -> None:
        for name, value in (("timeout", timeout), ("silence", silence)):
            if not (isfinite(value) and value > 0):
                raise CairnError(f"{name} of {address}: expected positive seconds, got {value}")
        self._address = address
        self._end_effector = end_effector
        self._clear_error = clear_error
        self._timeout = timeout
        self._silence = silence
        self._lock = RLock()
        self._link: _Link | None = None
        self._model = widowx_ai()
        self._clock_offset = 0.0

    @property
    def model(self) -> ArmModel:
        """As published before the first start; then with the robot's own limits where they are stricter."""
        return self._model

    def start(self) -> None:
        vendor = _library()
        effectors = [name for name in vars(vendor.StandardEndEffector) if name.startswith("wxai_v0")]
        if self._end_effector not in effectors:
            raise CairnError(
                f"end effector {self._end_effector!r} is unknown; valid: {', '.join(sorted(effectors))}"
            )
        with self._lock:
            self.stop()
            driver = vendor.TrossenArmDriver()
            driver.set_log_level(vendor.LogLevel.critical)
            try:
                with self._translated():
                    driver.configure(
                        vendor.Model.wxai_v0,
                        getattr(vendor.StandardEndEffector, self._end_effector),
                        self._address,
                        self._clear_error,
                        self._timeout,
                    )
                    limits = stricter_limits(
                        widowx_ai(), driver.get_joint_limits(), list(driver.get_effort_corrections())
                    )
                    driver.set_all_modes(vendor.Mode.position)
                    output = driver.get_robot_output()
            except CairnError:
                driver.cleanup()
                raise
            now = time.monotonic()
            # The wall clock may be set while the arm runs; its stamps don't jump.
            self._clock_offset = time.time() - now
            state = _state(output, limits, now + self._clock_offset)
            self._model = limits.model
            target = ArmTarget(state.positions, _clamped(state.opening))
            self._link = _Link(driver, limits, state, output.header.id, now, now, target, now)

    def state(self) -> ArmState:
        with self._lock:
            return self._look(self._started(ArmLost))

    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        with self._lock:
            link = self._started(CairnError)
            self._model.check_finite(positions)
            if not isfinite(opening):
                raise CairnError(f"the gripper needs a finite opening in [0, 1], got {opening}")
            state = self._look(link)
            if state.faults:
                raise CairnError(f"the arm at {self._address} follows no more: {', '.join(state.faults)}")
            if not state.has_torque:
                raise CairnError(f"the arm at {self._address} has no torque; switch it on first")
            target = ArmTarget(self._model.clamp(positions), _clamped(opening))
            now = time.monotonic()
            goal_time = link.limits.goal_time(state, target, now - link.told)
            self._send(link, target, goal_time)
            link.told = now
            return target

    def hold(self) -> ArmTarget:
        with self._lock:
            link = self._started(ArmLost)
            state = self._look(link)
            target = ArmTarget(self._model.clamp(state.positions), link.target.opening)
            # A braked arm has no target to send: it stands already.
            if state.has_torque:
                self._send(link, target, _HOLD_TIME)
            return target

    def set_torque(self, on: bool) -> None:
        vendor = _library()
        with self._lock:
            link = self._started(ArmLost)
            state = self._look(link)
            if state.faults:
                raise CairnError(
                    f"the arm at {self._address} is braked: {', '.join(state.faults)}; "
                    "once the cause is gone, start it with clear_error"
                )
            if state.has_torque == on:
                return
            # The library makes the measured positions the target as it changes to position mode.
            with self._translated(link):
                link.driver.set_all_modes(vendor.Mode.position if on else vendor.Mode.idle)
            link.state = replace(state, has_torque=on)
            link.target = ArmTarget(state.positions, _clamped(state.opening))

    def stop(self) -> None:
        with self._lock:
            if self._link is None:
                return
            link = self._link
            # An arm that is gone can't be told anything.
            with suppress(CairnError):
                self.hold()
                if link.state.has_torque:
                    self._come_to_rest(link)
            self._link = None
            link.driver.cleanup()

    def _come_to_rest(self, link: _Link) -> None:
        begun = moved = time.monotonic()
        # An arm that turns round stands still for a moment too.
        while (now := time.monotonic()) < min(moved + _HOLD_TIME, begun + _REST_TIME):
            if max(map(abs, self._look(link).velocities)) > _AT_REST:
                moved = now
            time.sleep(0.01)

    def _started(self, error: type[CairnError]) -> _Link:
        if self._link is None:
            raise error(f"start the arm at {self._address} first")
        return self._link

    def _look(self, link: _Link) -> ArmState:
        """The newest state, with a fault where there is one.  Raises ArmLost."""
        if link.state.faults:
            return link.state
        if not link.lost:
            self._read(link)
        if link.lost:
            raise ArmLost(f"the arm at {self._address} is lost: {link.lost}; start it again")
        return link.state

    def _read(self, link: _Link) -> None:
        seldom = time.monotonic() - link.looked > self._silence
        try:
            if seldom:
                # What came since says nothing of now: only an output after this one does.
                link.output, link.heard = link.driver.get_robot_output().header.id, time.monotonic()
            while True:
                output = link.driver.get_robot_output()
                link.looked = time.monotonic()
                if output.header.id != link.output:
                    link.output, link.heard = output.header.id, link.looked
                    stamp = link.looked + self._clock_offset
                    link.state = _state(output, link.limits, stamp, link.state.has_torque)
                    return
                if link.looked - link.heard > self._silence:
                    self._fell_silent(link)
                    return
                if not seldom:
                    return
                time.sleep(0.001)
        except _VENDOR_ERRORS as error:
            self._note(link, error)

    def _fell_silent(self, link: _Link) -> None:
        link.lost = f"nothing was heard of it for {link.looked - link.heard:.2f} s"
        if link.state.has_torque:
            standing = ArmTarget(self._model.clamp(link.state.positions), link.target.opening)
            with suppress(CairnError):
                self._send(link, standing, _HOLD_TIME)

    def _send(self, link: _Link, target: ArmTarget, goal_time: float) -> None:
        goal = [*target.positions, link.limits.finger(target.opening)]
        with self._translated(link):
            link.driver.set_all_positions(goal, goal_time, False)
        link.target = target

    @contextmanager
    def _translated(self, link: _Link | None = None) -> Iterator[None]:
        """Make errors of the vendor's library ours."""
        try:
            yield
        except _VENDOR_ERRORS as error:
            if link is not None:
                self._note(link, error)
            text = _first_line(error)
            kind = ArmLost if any(words in text for words in _NOT_THERE) else CairnError
            raise kind(f"the arm at {self._address}: {text}") from error

    def _note(self, link: _Link, error: Exception) -> None:
        """What an error says of the arm, from now on."""
        text = _first_line(error)
        if text.startswith(_FAULT):
            link.state = replace(link.state, has_torque=False, faults=(text.removeprefix(_FAULT),))
        else:
            link.lost = text


def _library() -> Any:
    try:
        import trossen_arm
    except ImportError as error:
        raise CairnError(
            "the WidowX AI needs its maker's library trossen_arm, which is not there: "
            "pip install 'cairn-robotics[arm]'"
        ) from error
    return trossen_arm


def _state(output: Any, limits: TrossenLimits, stamp: float, has_torque: bool = True) -> ArmState:
    joints = output.joint.all
    *positions, finger = joints.positions
    *efforts, grip = joints.efforts
    return ArmState(
        stamp,
        tuple(positions),
        tuple(joints.velocities)[:-1],
        tuple(efforts),
        limits.opening(finger),
        max(-1.0, min(1.0, grip / limits.grip)),
        has_torque,
    )


def _clamped(opening: float) -> float:
    return max(0.0, min(1.0, float(opening)))


def _first_line(error: Exception) -> str:
    """The library adds its log and an address for help."""
    return str(error).partition("\n")[0]
