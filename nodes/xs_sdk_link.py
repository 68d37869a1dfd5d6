"""The topics and services of Interbotix's xs_sdk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from rclpy.client import Client
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.context import Context
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rclpy.task import Future
from sensor_msgs.msg import JointState

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.errors import CairnError

ARM, ALL = "arm", "all"
"""Groups of motors: the joints, and with the gripper."""
_ANSWER = 5.0  # [s] that a service may take
_FAREWELL = 0.2


class XsSdkLink:
    """One xs_sdk, with a node and a thread of its own, so that any thread may wait for an answer.

    Args:
        context: of the process.
        robot: namespace of xs_sdk, e.g. "/wx250s".
        patience: how long to look for xs_sdk [s].
        on_joint_states: called for each, on the link's thread.

    Raises ArmLost where there is no xs_sdk, CairnError where its interfaces are not installed.
    """

    def __init__(
        self, context: Context, robot: str, patience: float, on_joint_states: Callable[[JointState], None]
    ) -> None:
        messages, services = interfaces()
        self._messages, self._services = messages, services
        self._robot = robot
        self._node = Node(
            "cairn_link",
            context=context,
            namespace=robot,
            use_global_arguments=False,
            start_parameter_services=False,
        )
        self._group = self._node.create_publisher(messages.JointGroupCommand, "commands/joint_group", 1)
        self._single = self._node.create_publisher(messages.JointSingleCommand, "commands/joint_single", 1)
        self._clients: dict[str, Client[Any, Any]] = {
            name: self._node.create_client(kind, name)
            for name, kind in (
                ("get_robot_info", services.RobotInfo),
                ("torque_enable", services.TorqueEnable),
                ("get_motor_registers", services.RegisterValues),
                ("set_motor_registers", services.RegisterValues),
            )
        }
        self._node.create_subscription(JointState, "joint_states", on_joint_states, qos_profile_sensor_data)
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name="xs_sdk", daemon=True)
        self._thread.start()
        for name, client in self._clients.items():
            if not client.wait_for_service(patience):
                self.close()
                raise ArmLost(
                    f"expected xs_sdk's service {robot}/{name} within {patience:g} s; is xs_sdk running "
                    "with this robot_name, on this ROS_DOMAIN_ID?"
                )

    def warn_of_rivals(self) -> None:
        """Log it where somebody else may command the same joints, as one killed a moment ago seems to."""
        topic = self._group.topic_name
        others = self._node.count_publishers(topic) - 1
        if others > 0:
            self._node.get_logger().warning(f"{others} other publisher(s) on {topic}: the arm obeys each")

    def every(self, seconds: float, what: Callable[[], None]) -> None:
        """Do something regularly, on the link's thread."""
        self._node.create_timer(seconds, what, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """The motors go on with what they were told.  Not for the link's own thread."""
        for publisher in (self._group, self._single):
            # The last word must not die with its publisher.
            publisher.wait_for_all_acked(Duration(seconds=_FAREWELL))
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()

    # -- commands

    def send_joints(self, positions: Sequence[float]) -> None:
        """Targets of the arm's joints [rad], in the group's order."""
        self._group.publish(self._messages.JointGroupCommand(name=ARM, cmd=list(positions)))

    def send_gripper(self, force: float) -> None:
        """PWM or current, as the gripper's mode is."""
        self._single.publish(self._messages.JointSingleCommand(name="gripper", cmd=force))

    # -- services; these wait, and raise ArmLost where no answer comes

    def arm_info(self) -> Any:
        """RobotInfo of the joints, without the gripper."""
        return self._ask("get_robot_info", cmd_type="group", name=ARM)

    def gripper_info(self) -> Any:
        """RobotInfo of the gripper."""
        return self._ask("get_robot_info", cmd_type="single", name="gripper")

    def set_torque(self, on: bool) -> None:
        """Of all motors."""
        self._ask("torque_enable", cmd_type="group", name=ALL, enable=on)

    def read(self, register: str, group: str = ALL) -> list[int]:
        """A register of each motor of a group, in xs_sdk's order; CairnError where not all were read."""
        count = 6 if group == ARM else 7
        values = list(self._ask("get_motor_registers", cmd_type="group", name=group, reg=register).values)
        if len(values) != count:
            raise CairnError(f"expected {register} of {count} motors at {self._robot}, got {len(values)}")
        return values

    def write(self, register: str, value: int) -> None:
        """A register of each of the arm's joints."""
        self._ask("set_motor_registers", cmd_type="group", name=ARM, reg=register, value=value)

    def poll(self, register: str, motor: str, then: Callable[[list[int]], None]) -> None:
        """Read a register of one motor, or of "all"; `then` gets its values on the link's thread.

        Doesn't wait, and `then` is never called where no answer comes.
        """
        request = self._services.RegisterValues.Request(
            cmd_type="group" if motor == ALL else "single", name=motor, reg=register
        )
        future = self._clients["get_motor_registers"].call_async(request)

        def answered(done: Future[Any]) -> None:
            answer = done.result()
            if answer is not None:
                then(list(answer.values))

        future.add_done_callback(answered)

    def _ask(self, service: str, **fields: Any) -> Any:
        client = self._clients[service]
        answered = threading.Event()
        future = client.call_async(client.srv_type.Request(**fields))
        future.add_done_callback(partial(_announce, answered))
        if not answered.wait(_ANSWER):
            client.remove_pending_request(future)
            raise ArmLost(f"xs_sdk at {self._robot} did not answer {service} within {_ANSWER:g} s")
        return future.result()

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return


def _announce(answered: threading.Event, _: object) -> None:
    answered.set()


def interfaces() -> tuple[ModuleType, ModuleType]:
    """The messages and services of xs_sdk.

    Raises CairnError where they are not installed.
    """
    try:
        from interbotix_xs_msgs import msg, srv
    except ImportError as error:
        raise CairnError(
            "an arm behind xs_sdk needs the package interbotix_xs_msgs, which comes with Interbotix's ROS 2 "
            "workspace: source that, or drive the arm's motors directly (driver wx250s)"
        ) from error
    return msg, srv
