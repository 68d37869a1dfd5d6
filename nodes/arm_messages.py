"""An arm's types as messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from builtin_interfaces.msg import Time
from cairn_interfaces.msg import ArmCommand, ArmGateStatus, HandStep
from cairn_interfaces.msg import ArmState as ArmStateMessage
from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import JointState

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.gate.arm_gate import ArmGate
from cairn.hardware.arm.gate.arm_verdict import ArmVerdict
from cairn.hardware.arm.hand_step import HandStep as Step
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.rejection import Rejection
from cairn.nodes.stamps import seconds_from_stamp


def step_from_message(message: HandStep) -> Step:
    """A step, finite or not: that is for the gate to judge."""
    move, turn = message.translation, message.rotation
    return Step((move.x, move.y, move.z), (turn.x, turn.y, turn.z), message.opening)


def step_to_message(step: Step, stamp: Time) -> HandStep:
    """As cairn_interfaces/HandStep."""
    message = HandStep(
        translation=vector_message(step.translation),
        rotation=vector_message(step.rotation),
        opening=float(step.opening),
    )
    message.header.stamp = stamp
    return message


def vector_message(values: Sequence[float]) -> Vector3:
    """Three numbers as geometry_msgs/Vector3."""
    x, y, z = map(float, values)
    return Vector3(x=x, y=y, z=z)


def state_to_message(state: ArmState, names: Sequence[str], stamp: Time) -> ArmStateMessage:
    """As cairn_interfaces/ArmState."""
    message = ArmStateMessage(
        names=list(names),
        positions=list(state.positions),
        velocities=list(state.velocities),
        efforts=list(state.efforts),
        opening=state.opening,
        grip=state.grip,
        has_torque=state.has_torque,
        faults=list(state.faults),
    )
    message.header.stamp = stamp
    return message


def state_from_message(message: ArmStateMessage, names: Sequence[str]) -> ArmState:
    """The state with its joints in the order of `names`.

    Raises CairnError for other joints, or arrays that are not of one length.
    """
    _check_names(message.names, names)
    arrays = (message.positions, message.velocities, message.efforts)
    if any(len(array) != len(names) for array in arrays):
        raise CairnError(
            f"expected {len(names)} positions, velocities and efforts, got {[len(array) for array in arrays]}"
        )
    order = [list(message.names).index(name) for name in names]
    positions, velocities, efforts = (tuple(float(array[index]) for index in order) for array in arrays)
    return ArmState(
        seconds_from_stamp(message.header.stamp),
        positions,
        velocities,
        efforts,
        message.opening,
        message.grip,
        message.has_torque,
        tuple(message.faults),
    )


def joint_state_message(state: ArmState, arm: ArmModel, fingers: Sequence[str], stamp: Time) -> JointState:
    """As sensor_msgs/JointState, for robot_state_publisher and viewers; the fingers mirror each other."""
    finger = arm.finger(state.opening)
    message = JointState(
        name=[*arm.joint_names, *fingers],
        position=[*state.positions, finger, -finger][: len(arm.joints) + len(fingers)],
        velocity=[*state.velocities, *(0.0 for _ in fingers)],
        effort=[*state.efforts, *(0.0 for _ in fingers)],
    )
    message.header.stamp = stamp
    return message


def command_to_message(target: ArmTarget, names: Sequence[str], stamp: Time) -> ArmCommand:
    """As cairn_interfaces/ArmCommand."""
    message = ArmCommand(names=list(names), positions=list(target.positions), opening=target.opening)
    message.header.stamp = stamp
    return message


def command_from_message(message: ArmCommand, names: Sequence[str]) -> ArmTarget:
    """The target with its joints in the order of `names`.  Raises CairnError for other joints."""
    _check_names(message.names, names)
    if len(message.positions) != len(names):
        raise CairnError(f"expected {len(names)} positions, got {len(message.positions)}")
    at = dict(zip(message.names, message.positions, strict=True))
    return ArmTarget(tuple(float(at[name]) for name in names), message.opening)


def status_message(verdict: ArmVerdict, gate: ArmGate, stamp: Time) -> ArmGateStatus:
    """The gate's decision as cairn_interfaces/ArmGateStatus."""
    rejected = {
        rejection: sum(count for (_, why), count in gate.rejections.items() if why is rejection)
        for rejection in Rejection
    }
    status = ArmGateStatus(
        state=int(verdict.state),
        reason=verdict.reason,
        source=verdict.source,
        phase=verdict.phase.value,
        filter_active=verdict.is_limited,
        rejected_stale=rejected[Rejection.STALE],
        rejected_future=rejected[Rejection.FUTURE],
        rejected_backward=rejected[Rejection.BACKWARD],
        rejected_non_finite=rejected[Rejection.NON_FINITE],
        rejected_stopped=rejected[Rejection.STOPPED],
        rejected_outranked=rejected[Rejection.OUTRANKED],
    )
    if verdict.target is not None:
        status.target = pose_message(verdict.target)
    status.header.stamp = stamp
    return status


def pose_message(pose: NDArray[np.float64]) -> Pose:
    """A pose, shape (4, 4), as geometry_msgs/Pose."""
    x, y, z = pose[:3, 3].tolist()
    quaternion = Rotation.from_matrix(pose[:3, :3]).as_quat().tolist()
    return Pose(
        position=Point(x=x, y=y, z=z),
        orientation=Quaternion(x=quaternion[0], y=quaternion[1], z=quaternion[2], w=quaternion[3]),
    )


def _check_names(came: Sequence[str], names: Sequence[str]) -> None:
    if sorted(came) != sorted(names):
        raise CairnError(f"expected the joints {', '.join(names)}; got {', '.join(came) or 'none'}")
