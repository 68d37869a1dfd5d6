"""What xs_sdk says of the joints, checked and in the units of an arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.dynamixel.motor import GRIPPER, MOTORS, MotorModel
from cairn.hardware.arm.widowx_250s import FINGERS
from cairn.hardware.errors import CairnError

_CURRENT_UNIT = 2.69  # [mA] that xs_sdk takes the unit of every motor's Present Current or Load for
_BEYOND = 0.3  # [rad] that a joint pushed by hand may be outside its limits
_JUMP, _HASTE = 0.2, 4.0  # [rad], and of a joint's greatest speed: faster is no motion
_GAP = 0.1  # [s] of silence at most in which a joint may have moved on


@dataclass(frozen=True)
class JointReading:
    """One message: positions [rad], velocities [rad/s], efforts [N·m], the gripper's opening and its grip."""

    positions: tuple[float, ...]
    velocities: tuple[float, ...]
    efforts: tuple[float, ...]
    opening: float
    grip: float


class JointReader:
    """Turns messages into readings.

    Where the bus fails xs_sdk goes on publishing, with 0 ticks for the motors that it could not read: -π for
    every such joint.  So a joint that is far outside its limits, or was somewhere else a moment ago, is no
    reading.

    Efforts: xs_sdk tells the current of one motor a joint; where two share the load the joint's is taken to
    be twice that.

    Args:
        kinds: the kind of motor by joint, "gripper" included.
    """

    def __init__(self, model: ArmModel, kinds: Mapping[str, MotorModel]) -> None:
        self._model = model
        sharing = {name: sum(motor.joint == name for motor in MOTORS) for name in model.joint_names}
        self._torques = {
            name: sharing[name] * kinds[name].effort_unit / _CURRENT_UNIT for name in model.joint_names
        }
        self._grip = 1.0 / (_CURRENT_UNIT * kinds[GRIPPER].effort_range)
        self._last: tuple[tuple[float, ...], float] | None = None

    def read(
        self,
        names: Sequence[str],
        positions: Sequence[float],
        velocities: Sequence[float],
        efforts: Sequence[float],
        now: float,
    ) -> JointReading:
        """The arrays of a message that came at `now` [monotonic s].

        Raises CairnError for one that lacks a joint, has arrays of different lengths, or can't be true.
        """
        lengths = {len(names), len(positions), len(velocities), len(efforts)}
        missing = [name for name in (*self._model.joint_names, GRIPPER, FINGERS[0]) if name not in names]
        if missing or len(lengths) > 1:
            raise CairnError(
                "expected joint states of a WidowX 250s with equally many names, positions, velocities and "
                f"efforts; got {sorted(lengths)} of {', '.join(names) or 'nothing'}"
            )
        if not all(map(isfinite, (*positions, *velocities, *efforts))):
            raise CairnError("expected finite joint states")
        at = {name: index for index, name in enumerate(names)}
        joints = [at[name] for name in self._model.joint_names]
        reading = JointReading(
            tuple(float(positions[index]) for index in joints),
            tuple(float(velocities[index]) for index in joints),
            tuple(
                float(efforts[index]) * self._torques[name]
                for name, index in zip(self._model.joint_names, joints, strict=True)
            ),
            min(1.0, max(0.0, self._model.opening(float(positions[at[FINGERS[0]]])))),
            min(1.0, max(-1.0, float(efforts[at[GRIPPER]]) * self._grip)),
        )
        self._check(reading, now)
        self._last = (reading.positions, now)
        return reading

    def _check(self, reading: JointReading, now: float) -> None:
        for index, (joint, position) in enumerate(zip(self._model.joints, reading.positions, strict=True)):
            if not joint.lower - _BEYOND <= position <= joint.upper + _BEYOND:
                raise CairnError(
                    f"{joint.name} can't be at {position:.2f} rad; valid is {joint.lower:.2f} to "
                    f"{joint.upper:.2f}: its motor was not read"
                )
            if self._last is None:
                continue
            before, then = self._last
            if abs(position - before[index]) > _JUMP + _HASTE * joint.velocity * min(_GAP, now - then):
                raise CairnError(
                    f"{joint.name} can't have gone from {before[index]:.2f} to {position:.2f} rad in "
                    f"{1000 * (now - then):.0f} ms: its motor was not read"
                )
