"""A WidowX 250s through Interbotix's xs_sdk."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import cycle

from rclpy.context import Context
from sensor_msgs.msg import JointState

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.dynamixel.motor import GRIPPER, MOTORS, to_radians
from cairn.hardware.arm.interbotix.finger_servo import check_mode
from cairn.hardware.arm.interbotix.joint_reading import JointReader
from cairn.hardware.arm.interbotix.motor_kinds import motor_kinds
from cairn.hardware.arm.interbotix.streamed_arm import StreamedArm
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError
from cairn.nodes.stamps import seconds_from_stamp
from cairn.nodes.xs_sdk_link import ALL, ARM, XsSdkLink

_INSPECTION = 0.125  # [s] between two looks at a register of the motors
_TORQUE, _ERRORS = "Torque_Enable", "Hardware_Error_Status"
_LOOKS = (
    (_TORQUE, ALL),
    (_ERRORS, ALL),
    *((_ERRORS, f"{motor.joint}_shadow") for motor in MOTORS if motor.leader),
)
# At 0 the motors go to each target at once; xs_sdk starts with 2000 and 300 ms, far too slow to stream.
_PROFILE = ("Profile_Velocity", "Profile_Acceleration")


class XsSdkArm(Arm):
    """Streams set points to xs_sdk, one for each of its joint states, and pushes the gripper's fingers.

    xs_sdk knows motors, not arms: it passes on what it is told.  So the ramp that keeps joints below their
    greatest speed is here, and the servo that brings a gripper in PWM or current mode to an opening.  The
    motors' profile is switched off by their registers: xs_sdk's own service for that takes the torque away
    for a moment, and the arm would drop.  For the same reason modes are checked and never changed.

    *Torque.*  `start` switches it on where it is off, `set_torque(False)` alone takes it away.  When this
    process ends, or xs_sdk does, the motors hold their last target.  **xs_sdk itself drops the arm when it
    starts.**  What the motors complain of and whether they have torque is read in turn, so that it is known
    half a second late at most.

    *Silence.*  An arm whose joint states ceased for `silence` seconds, or can't be true, is lost until it is
    started again: nobody knows what became of it, and an xs_sdk started anew has its slow profile again.

    *Gripper.*  When the arm is stopped while the gripper closes, it goes on closing: what it holds must not
    fall.

    Stamps are those of the joint states.  Calls may come from any thread.

    Args:
        context: of the process.
        robot: namespace of xs_sdk, its robot_name, e.g. "/wx250s".
        patience: how long `start` looks for xs_sdk and its joint states [s].
        silence: see above [s].
    """

    def __init__(
        self, context: Context, robot: str = "/wx250s", *, patience: float = 5.0, silence: float = 0.1
    ) -> None:
        for name, value in (("patience", patience), ("silence", silence)):
            if not 0 < value <= 60:
                raise CairnError(f"{name} of the arm at {robot}: expected from 0 to 60 s, got {value}")
        self._context = context
        self._robot = robot
        self._patience = patience
        self._silence = silence
        self._model = widowx_250s()
        self._lock = threading.RLock()
        self._seen = threading.Event()
        self._link: XsSdkLink | None = None
        self._stream: StreamedArm | None = None
        self._looks = cycle(_LOOKS)

    @property
    def model(self) -> ArmModel:
        return self._model

    def start(self) -> None:
        self.stop()
        link = XsSdkLink(self._context, self._robot, self._patience, self._on_joint_states)
        # Not under the lock, which the thread that brings the answers takes.
        try:
            self._begin(link)
        except BaseException:
            self._disconnect(link)
            raise

    def state(self) -> ArmState:
        with self._lock:
            return self._connected(ArmLost)[1].state(time.monotonic())

    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        target = self._model.target(positions, opening)
        with self._lock:
            self._connected(CairnError)[1].aim(target, time.monotonic())
        return target

    def hold(self) -> ArmTarget:
        with self._lock:
            link, stream = self._connected(ArmLost)
            held = stream.hold(time.monotonic())
            if stream.state(time.monotonic()).has_torque:
                link.send_joints(held.positions)
            return held

    def set_torque(self, on: bool) -> None:
        """See `Arm`.  Raises CairnError when a motor complains: it must be rebooted first."""
        with self._lock:
            link, stream = self._connected(ArmLost)
            faults = stream.state(time.monotonic()).faults
            if on and faults:
                raise CairnError(f"{', '.join(faults)}: no torque before xs_sdk's service reboot_motors")
            stream.note_torque(False)  # nothing may be sent before it is known where it stands
        link.set_torque(on)
        has_torque = all(link.read(_TORQUE))
        with self._lock:
            stream.note_torque(has_torque)
        if has_torque != on:
            raise CairnError(f"not every motor at {self._robot} {'took' if on else 'let go of'} its torque")

    def stop(self) -> None:
        link, stream = self._link, self._stream
        if link is None or stream is None:
            return
        with suppress(CairnError), self._lock:
            self.hold()
            if stream.force > 0:
                link.send_gripper(0.0)
        self._disconnect(link)

    def _begin(self, link: XsSdkLink) -> None:
        mode = self._checked_gripper_mode(link)
        reader = JointReader(self._model, motor_kinds(link.read("Model_Number"), self._robot))
        stream = StreamedArm(self._model, self._robot, self._silence, reader)
        with self._lock:
            self._seen.clear()
            self._link, self._stream = link, stream
        if not self._seen.wait(self._patience):
            raise ArmLost(
                f"expected joint states at {self._robot}/joint_states within {self._patience:g} s, got "
                f"{stream.rejected or 'none'}"
            )
        stream.note_errors((*self._model.joint_names, GRIPPER), link.read(_ERRORS))
        if not all(link.read(_TORQUE)) and not stream.faults:
            link.set_torque(True)
        torque = all(link.read(_TORQUE))
        for register in _PROFILE:
            link.write(register, 0)
            if any(link.read(register, ARM)):
                raise CairnError(f"the motors at {self._robot} don't take {register} = 0")
        goals = [to_radians(goal) for goal in link.read("Goal_Position", ARM)]
        with self._lock:
            stream.begin(goals, mode, torque)
            self.hold()
        link.every(_INSPECTION, partial(self._inspect, link, stream))

    def _checked_gripper_mode(self, link: XsSdkLink) -> str:
        """The gripper's operating mode, where this is the arm that was expected."""
        info = link.arm_info()
        if tuple(info.joint_names) != self._model.joint_names:
            raise CairnError(
                f"expected a WidowX 250s at {self._robot}, whose group 'arm' has the joints "
                f"{', '.join(self._model.joint_names)}; got {', '.join(info.joint_names) or 'none'}"
            )
        if info.mode != "position":
            raise CairnError(
                f"the joints at {self._robot} are in mode {info.mode!r}, expected 'position': see groups, "
                "arm in the mode_configs of xs_sdk"
            )
        link.warn_of_rivals()
        mode = str(link.gripper_info().mode)
        check_mode(mode)
        return mode

    def _on_joint_states(self, message: JointState) -> None:
        with self._lock:
            link, stream = self._link, self._stream
            if link is None or stream is None:
                return
            told = stream.observe(
                message.name,
                message.position,
                message.velocity,
                message.effort,
                seconds_from_stamp(message.header.stamp),
                time.monotonic(),
            )
            if told.positions is not None:
                link.send_joints(told.positions)
            if told.force is not None:
                link.send_gripper(told.force)
            if stream.is_seen:
                self._seen.set()

    def _inspect(self, link: XsSdkLink, stream: StreamedArm) -> None:
        """Ask for torque or complaints of the motors; the answer comes later."""
        register, motor = next(self._looks)
        link.poll(register, motor, partial(self._on_inspected, stream, register, motor))

    def _on_inspected(self, stream: StreamedArm, register: str, motor: str, values: list[int]) -> None:
        names = (*self._model.joint_names, GRIPPER) if motor == ALL else (motor,)
        with self._lock:
            if len(values) != len(names):
                return  # the motors could not be read, as their joint states tell
            if register == _ERRORS:
                stream.note_errors(names, values)
            elif not all(values):
                stream.note_torque(False)

    def _connected(self, error: type[CairnError]) -> tuple[XsSdkLink, StreamedArm]:
        if self._link is None or self._stream is None:
            raise error(f"start the arm at {self._robot} first")
        return self._link, self._stream

    def _disconnect(self, link: XsSdkLink) -> None:
        with self._lock:
            self._link = self._stream = None
        link.close()
