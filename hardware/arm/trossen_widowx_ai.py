"""The WidowX AI through its maker's library."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from threading import RLock

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.trossen_link import HOLD_TIME, TrossenLink
from cairn.hardware.arm.widowx_ai import widowx_ai
from cairn.hardware.errors import CairnError

SILENCE = 0.1
"""Age of the newest joint states at which the arm counts as lost [s]."""
_REST_TIME = 1.0  # that `stop` waits at most for the joints to stand [s]
_AT_REST = 0.03  # [rad/s]


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
    `start`, `stop` and `set_torque` wait `timeout` seconds at most for each answer.  Stamps are of the
    system's clock as it stood at `start`.  Calls may come from any thread.

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
        self._link: TrossenLink | None = None
        self._told = 0.0
        self._model = widowx_ai()

    @property
    def model(self) -> ArmModel:
        """As published before the first start; then with the robot's own limits where they are stricter."""
        return self._model

    def start(self) -> None:
        with self._lock:
            self.stop()
            self._link = TrossenLink(
                self._address, self._end_effector, self._clear_error, self._timeout, self._silence
            )
            self._model = self._link.limits.model
            self._told = time.monotonic()

    def state(self) -> ArmState:
        with self._lock:
            return self._started(ArmLost).look()

    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        with self._lock:
            link = self._started(CairnError)
            target = self._model.target(positions, opening)
            state = link.look()
            if state.faults:
                raise CairnError(f"the arm at {self._address} follows no more: {', '.join(state.faults)}")
            if not state.has_torque:
                raise CairnError(f"the arm at {self._address} has no torque; switch it on first")
            now = time.monotonic()
            link.send(target, link.limits.goal_time(state, target, now - self._told))
            self._told = now
            return target

    def hold(self) -> ArmTarget:
        with self._lock:
            link = self._started(ArmLost)
            state = link.look()
            target = ArmTarget(self._model.clamp(state.positions), link.target.opening)
            # A braked arm has no target to send: it stands already.
            if state.has_torque:
                link.send(target, HOLD_TIME)
            return target

    def set_torque(self, on: bool) -> None:
        with self._lock:
            link = self._started(ArmLost)
            state = link.look()
            if state.faults:
                raise CairnError(
                    f"the arm at {self._address} is braked: {', '.join(state.faults)}; "
                    "once the cause is gone, start it with clear_error"
                )
            if state.has_torque != on:
                link.set_torque(on)

    def stop(self) -> None:
        with self._lock:
            if self._link is None:
                return
            # An arm that is gone can't be told anything.
            with suppress(CairnError):
                self.hold()
                self._come_to_rest(self._link)
            self._link.close()
            self._link = None

    def _come_to_rest(self, link: TrossenLink) -> None:
        begun = moved = time.monotonic()
        # An arm that turns round stands still for a moment too.
        while (now := time.monotonic()) < min(moved + HOLD_TIME, begun + _REST_TIME):
            state = link.look()
            if not state.has_torque:
                return
            if max(map(abs, state.velocities)) > _AT_REST:
                moved = now
            time.sleep(0.01)

    def _started(self, error: type[CairnError]) -> TrossenLink:
        if self._link is None:
            raise error(f"start the arm at {self._address} first")
        return self._link
