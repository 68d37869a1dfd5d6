"""An arm on topics."""

from __future__ import annotations

from cairn_interfaces.msg import ArmCommand
from cairn_interfaces.msg import ArmState as ArmStateMessage
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool

from cairn.hardware.arm.arm import Arm
from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.arm.widowx_250s import FINGERS
from cairn.hardware.errors import CairnError
from cairn.nodes.arm_messages import command_from_message, joint_state_message, state_to_message
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.stamps import stamp_from_seconds


class ArmInterface:
    """Publishes the state of a started arm when told to, and obeys `arm/command`.

    What the arm refuses is logged and changes nothing: the arm holds by itself.

    Args:
        node: whose topics these are.
        arm: started.
    """

    def __init__(self, node: Node, arm: Arm) -> None:
        self._node = node
        self._arm = arm
        self._refused = 0
        self._states = node.create_publisher(ArmStateMessage, "arm/state", 10)
        self._joints = node.create_publisher(JointState, "joint_states", 10)
        self._diagnostics = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        node.create_subscription(ArmCommand, "arm/command", self._on_command, 1)
        node.create_service(SetBool, "arm/torque", self._on_torque)

    def publish(self, state: ArmState) -> None:
        """Tell what the joints do; its stamp is in seconds on the ROS clock."""
        stamp = stamp_from_seconds(state.stamp)
        model = self._arm.model
        self._states.publish(state_to_message(state, model.joint_names, stamp))
        self._joints.publish(joint_state_message(state, model, FINGERS, stamp))

    def diagnose(self, state: ArmState | None, message: str = "") -> None:
        """Say how the arm is, once a second; `state` None where it is lost, and `message` why."""
        level, values = DiagnosticStatus.ERROR, {"refused commands": self._refused}
        if state is not None:
            level = DiagnosticStatus.ERROR if state.faults else DiagnosticStatus.OK
            level = level if state.has_torque or state.faults else DiagnosticStatus.WARN
            message = "; ".join(state.faults) or ("holds" if state.has_torque else "no torque")
        name = f"{self._node.get_name()}: {self._arm.model.name}"
        stamp = self._node.get_clock().now().to_msg()
        self._diagnostics.publish(diagnostics(name, level, message, values, stamp))

    def _on_command(self, message: ArmCommand) -> None:
        try:
            target = command_from_message(message, self._arm.model.joint_names)
            self._arm.command(target.positions, target.opening)
        except CairnError as error:
            self._refused += 1
            self._node.get_logger().error(f"arm/command: {error}", throttle_duration_sec=1.0)

    def _on_torque(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        try:
            self._arm.set_torque(request.data)
            response.success = True
            response.message = "the motors hold the arm" if request.data else "the arm is limp"
        except CairnError as error:
            response.success, response.message = False, str(error)
        self._node.get_logger().info(f"torque: {response.message}")
        return response
