"""What is seen of an arm behind xs_sdk, and what it is to be told next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.dynamixel.hardware_error import error_words
from cairn.hardware.arm.interbotix.finger_servo import FingerServo
from cairn.hardware.arm.interbotix.joint_ramp import JointRamp
from cairn.hardware.arm.interbotix.joint_reading import JointReader, JointReading
from cairn.hardware.errors import CairnError

_SAG = 0.1  # [rad] of a joint below its target under load
_AT_REST = 0.05  # [rad/s]


@dataclass(frozen=True)
class Telling:
    """What to send: set points [rad], PWM or current of the gripper; None where nothing is new."""

    positions: tuple[float, ...] | None = None
    force: float | None = None


class StreamedArm:
    """Between `begin` and the end of one connection.  Times are monotonic seconds.  Not thread-safe.

    Args:
        where: of the arm, for messages.
        silence: age of the newest joint states at which the arm is lost, for good [s].
    """

    def __init__(self, model: ArmModel, where: str, silence: float, reader: JointReader) -> None:
        self._model = model
        self._where = where
        self._silence = silence
        self._reader = reader
        self._reading: JointReading | None = None
        self._stamp = self._arrived = 0.0
        self._ramp: JointRamp | None = None
        self._fingers: FingerServo | None = None
        self._force = 0.0
        self._has_torque = False
        self._complaints: dict[str, tuple[str, ...]] = {}
        self._rejected = self._lost = ""

    @property
    def is_seen(self) -> bool:
        """Whether there were joint states that can be true."""
        return self._reading is not None

    @property
    def rejected(self) -> str:
        """Why the newest joint states are of no use; "" where they are."""
        return self._rejected

    @property
    def force(self) -> float:
        """What the gripper was told last; positive opens."""
        return self._force

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(word for words in self._complaints.values() for word in words)

    def observe(
        self,
        names: Sequence[str],
        positions: Sequence[float],
        velocities: Sequence[float],
        efforts: Sequence[float],
        stamp: float,
        now: float,
    ) -> Telling:
        """The arrays of a message of joint states; returns what to send for it."""
        try:
            self._check_alive(now)
            reading = self._reader.read(names, positions, velocities, efforts, now)
        except ArmLost:
            return Telling()
        except CairnError as error:
            self._rejected = str(error)
            return Telling()
        elapsed = now - self._arrived
        self._reading, self._stamp, self._arrived, self._rejected = reading, stamp, now, ""
        if self._ramp is None or self._fingers is None or not self._has_torque or self.faults:
            return Telling()
        force = self._fingers.force(reading.opening)
        changed = force != self._force
        self._force = force
        return Telling(self._ramp.advance(elapsed), force if changed else None)

    def begin(self, goals: Sequence[float], gripper_mode: str, has_torque: bool) -> None:
        """The motors' targets are `goals` [rad]; nothing is wanted but to stay.  Needs a reading."""
        assert self._reading is not None
        stand = self._model.clamp(goals)
        self._ramp = JointRamp(self._model, stand)
        self._fingers = FingerServo(gripper_mode, self._reading.opening)
        self._has_torque = has_torque

    def state(self, now: float) -> ArmState:
        """The newest.  Raises ArmLost before `begin` and once the arm is lost."""
        self._check_alive(now)
        if self._reading is None or self._ramp is None:
            raise ArmLost(f"the arm at {self._where} was not started")
        reading = self._reading
        return ArmState(
            self._stamp,
            reading.positions,
            reading.velocities,
            reading.efforts,
            reading.opening,
            reading.grip,
            self._has_torque,
            self.faults,
        )

    def aim(self, target: ArmTarget, now: float) -> None:
        """Where to go.  Raises ArmLost, or CairnError where the arm follows no command."""
        state = self.state(now)
        if state.faults:
            raise CairnError(
                f"the arm at {self._where} follows no more: {', '.join(state.faults)}; "
                "see xs_sdk's service reboot_motors"
            )
        if not state.has_torque:
            raise CairnError("the arm has no torque: set_torque(True) lets it hold where it stands")
        assert self._ramp is not None
        assert self._fingers is not None
        self._ramp.aim(target.positions)
        self._fingers.wanted = target.opening

    def hold(self, now: float) -> ArmTarget:
        """Where the joints are to stay.  Raises ArmLost.

        An arm at rest stays at its set point: taking its sag for the place to be would let it sink a little
        every time.
        """
        state = self.state(now)
        assert self._ramp is not None
        assert self._fingers is not None
        targets = self._ramp.set_point
        rests = all(abs(velocity) < _AT_REST for velocity in state.velocities)
        near = all(abs(one - other) < _SAG for one, other in zip(targets, state.positions, strict=True))
        self._ramp.stay(targets if rests and near else state.positions)
        return ArmTarget(self._ramp.set_point, self._fingers.wanted)

    def note_torque(self, has_torque: bool) -> None:
        """Whether every motor has torque; what was wanted before is not any more."""
        self._has_torque = has_torque
        self._stay()

    def note_errors(self, names: Sequence[str], errors: Sequence[int]) -> None:
        """The Hardware Error Status of some motors; with a complaint nothing is wanted any more."""
        for name, error in zip(names, errors, strict=True):
            self._complaints[name] = tuple(f"{name}: {word}" for word in error_words(error))
        if self.faults:
            self._stay()

    def _stay(self) -> None:
        if self._ramp is not None and self._reading is not None:
            self._ramp.stay(self._reading.positions)

    def _check_alive(self, now: float) -> None:
        if not self._lost and self._ramp is not None and now - self._arrived > self._silence:
            why = self._rejected or f"no joint states for {1000 * (now - self._arrived):.0f} ms"
            self._lost = f"the arm at {self._where} is lost: {why}"
        if self._lost:
            raise ArmLost(self._lost)
