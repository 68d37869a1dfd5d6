"""Driver of the WidowX 250s."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.dynamixel.gripper_crank import GripperCrank
from cairn.hardware.arm.dynamixel.latency_timer import ADAPTERS, shorten_latency
from cairn.hardware.arm.dynamixel.motor import GRIPPER, MOTORS, Motor, to_radians, to_ticks
from cairn.hardware.arm.dynamixel.motor_bus import BusCounters
from cairn.hardware.arm.dynamixel.motor_group import MotorGroup
from cairn.hardware.arm.dynamixel.motor_reading import MotorCondition
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError

_LOOKS_PER_INSPECTION = 5
_BOOT_PATIENCE = 5.0
_BOOT_POLL = 0.03


class DynamixelWidowX(Arm):
    """A WidowX 250s on its serial port.

    A thread of its own looks at all motors `rate` times a second; `state` returns the newest look at once.
    `command` speaks to the motors from the caller's thread; whether every motor took its target is seen at
    the next look, and what was lost on the way is sent again.

    Torque: `start` switches it on, `set_torque(False)` and `reboot` alone take it away.  An arm that is lost
    or stopped holds its last target for as long as it has power.  A motor that complains of overload,
    overheating or electrical shock lets go by itself: no command is sent from then on, the other motors
    hold, and `reboot` is the way back.

    Args:
        device: a path that stays with this arm, such as one in /dev/serial/by-id, or /dev/ttyDXL.
        rate: looks a second.
        grip: share of its greatest effort that the gripper may use, in (0, 1].
        silence: seconds after which an arm that says nothing is lost.
        adapters: where the kernel keeps the settings of USB serial adapters.
    """

    def __init__(
        self,
        device: str | Path,
        *,
        rate: float = 100.0,
        grip: float = 0.35,
        silence: float = 0.1,
        adapters: Path = ADAPTERS,
    ) -> None:
        if not 20 <= rate <= 200:
            raise CairnError(f"expected from 20 to 200 looks a second at an arm, got {rate}")
        if not 0 < grip <= 1:
            raise CairnError(f"expected a share of the gripper's effort above 0 and at most 1, got {grip}")
        if not 0.05 <= silence <= 2:
            raise CairnError(f"expected an arm's silence to be borne from 0.05 to 2 s, got {silence}")
        self._device = Path(device)
        self._period = 1 / rate
        self._grip = grip
        self._silence = silence
        self._adapters = adapters
        self._model = widowx_250s()
        self._crank = GripperCrank(self._model)
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._group: MotorGroup | None = None
        self._lost: ArmLost | None = None
        self._newest: tuple[float, ArmState] | None = None
        self._counters = BusCounters()
        self._conditions: dict[str, MotorCondition] = {}
        self._clock_offset = 0.0
        self._opening = 0.0

    @property
    def model(self) -> ArmModel:
        return self._model

    @property
    def counters(self) -> BusCounters:
        """What happened on the bus since `start`, also after the arm was lost."""
        return self._counters

    @property
    def conditions(self) -> dict[str, MotorCondition]:
        """Torque, complaints, temperature and voltage by motor; at most 20 looks old."""
        return self._conditions

    def start(self) -> None:
        self.stop()
        with self._lock:
            latency = shorten_latency(self._device, self._adapters)
            self._group = MotorGroup(
                self._device, self._model, self._grip, silence=self._silence, latency=latency
            )
            # The wall clock may be set while the arm runs; its stamps don't jump.
            self._clock_offset = time.time() - time.monotonic()
            self._opening = self._crank.opening(self._group.goals[MOTORS[-1].number])
            self._ended.clear()
            with self._using() as group:
                self._look(group)
            self._thread = threading.Thread(target=self._run, name="dynamixel-widowx", daemon=True)
            self._thread.start()

    def state(self) -> ArmState:
        lost, newest = self._lost, self._newest
        if lost is not None:
            raise ArmLost(str(lost))
        if newest is None:
            raise ArmLost(f"the arm at {self._device} was not started")
        age = time.monotonic() - newest[0]
        if age > self._silence:
            raise ArmLost(f"the arm at {self._device} has been silent for {1000 * age:.0f} ms")
        return newest[1]

    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        target = self._model.target(positions, opening)
        ticks = dict(zip(self._model.joint_names, map(to_ticks, target.positions), strict=True))
        ticks[GRIPPER] = self._crank.ticks(target.opening)
        with self._using() as group:
            state = self.state()
            if state.faults:
                raise CairnError(f"the arm follows no more, see reboot: {', '.join(state.faults)}")
            if not state.has_torque:
                raise CairnError("the arm has no torque: set_torque(True) lets it hold where it stands")
            group.send({motor.number: ticks[motor.joint] for motor in MOTORS if not motor.leader})
            self._opening = target.opening
        return target

    def hold(self) -> ArmTarget:
        with self._using() as group:
            goals = group.resting_goals()
            group.send(goals)
            return ArmTarget(tuple(to_radians(goal) for goal in goals.values()), self._opening)

    def set_torque(self, on: bool) -> None:
        """See `Arm`.  Raises CairnError when a motor complains: `reboot` it first."""
        with self._using() as group:
            group.inspect(MOTORS)
            if not on:
                group.release()
            else:
                ill = [str(motor) for motor in MOTORS if group.conditions[motor.number].complaints]
                if ill or group.is_rebooting:
                    raise CairnError(f"{', '.join(ill) or 'a motor'} must be rebooted before it can hold")
                group.engage()
                self._opening = self._crank.opening(group.goals[MOTORS[-1].number])
            self._look(group)

    def reboot(self, joint: str) -> None:
        """Clear the complaint of a joint (or "gripper") by rebooting its motor; the others hold meanwhile.

        **The motor has no torque while it reboots, about half a second: the joint falls unless a second
        motor or somebody holds it.**  Of two motors on a shaft only the one that complains is rebooted.
        Afterwards it holds the joint where it then stands, if the arm had torque.  The state says
        "rebooting" among the faults, and the arm follows no command until all is well.

        Raises ArmLost when the motor does not come back, CairnError when it does not complain.
        """
        motors = [motor for motor in MOTORS if motor.joint == joint]
        if not motors:
            raise CairnError(f"no joint {joint}; valid are {', '.join((*self._model.joint_names, GRIPPER))}")
        with self._using() as group:
            group.inspect(motors)
            motors = [motor for motor in motors if group.conditions[motor.number].complaints]
            if not motors:
                raise CairnError(f"{joint} has no fault: a reboot would take its torque away for nothing")
            if group.is_rebooting:
                raise CairnError(f"another motor is rebooting; {joint} must wait")
        for motor in motors:
            self._reboot(motor)

    def stop(self) -> None:
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        with self._lock:
            if self._group is not None:
                with suppress(ArmLost):
                    self.hold()
                self._disconnect()
            self._lost = None

    def _reboot(self, motor: Motor) -> None:
        with self._using() as group:
            group.begin_reboot(motor)
            self._look(group)
        deadline = time.monotonic() + _BOOT_PATIENCE
        while not self._ended.wait(_BOOT_POLL):
            with self._using() as group:
                if group.end_reboot(motor):
                    self._look(group)
                    return
                if time.monotonic() > deadline:
                    raise ArmLost(f"{motor} did not come back from its reboot")
        raise ArmLost(f"the arm was stopped or lost while {motor} rebooted")

    def _run(self) -> None:
        due = time.monotonic()
        looks = 0
        while True:
            due = max(due + self._period, time.monotonic())
            if self._ended.wait(due - time.monotonic()):
                return
            try:
                with self._using() as group:
                    if looks % _LOOKS_PER_INSPECTION == 0:
                        group.inspect_next()
                    self._look(group)
            except CairnError as error:
                with self._lock:
                    self._lose(error)
                return
            looks += 1

    def _look(self, group: MotorGroup) -> None:
        began = time.monotonic()
        self._newest = (began, group.look(self._clock_offset))
        self._conditions = {str(motor): group.conditions[motor.number] for motor in MOTORS}

    @contextmanager
    def _using(self) -> Iterator[MotorGroup]:
        """The motors for this thread alone.  Raises ArmLost when there are none."""
        with self._lock:
            if self._lost is not None:
                raise ArmLost(str(self._lost))
            if self._group is None:
                raise ArmLost(f"the arm at {self._device} must be started first")
            try:
                yield self._group
            except ArmLost as error:
                self._lose(error)
                raise
            finally:
                if self._group is not None:
                    self._counters = self._group.counters

    def _lose(self, error: CairnError) -> None:
        if self._lost is None:
            self._lost = ArmLost(str(error))
            self._ended.set()
            self._disconnect()

    def _disconnect(self) -> None:
        if self._group is not None:
            self._counters = self._group.counters
            self._group.close()
        self._group = self._newest = None
