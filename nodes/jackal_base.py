"""A Clearpath Jackal over its ROS 2 topics."""

from __future__ import annotations

import threading
import time
from typing import Any

from geometry_msgs.msg import Twist as TwistMessage
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry as OdometryMessage
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import qos_profile_sensor_data
from rclpy.subscription import Subscription
from std_msgs.msg import Bool

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import BaseLost, MobileBase, Odometry
from cairn.hardware.twist import Twist, TwistLimits
from cairn.nodes.odometry_conversion import odometry_from_message
from cairn.nodes.twist_conversion import twist_to_message, twist_to_stamped_message

LIMITS = TwistLimits(linear=2.0, angular=4.0, linear_acceleration=20.0, angular_acceleration=25.0)
COMMAND_TIMEOUT = 0.5
_MCU_STATUS_PERIOD = 1.0
_FAREWELL = 0.2


class JackalBase(MobileBase):
    """Commands a Jackal by the names of Clearpath's platform API, relative to the node's namespace.

    `cmd_vel` enters the platform's twist_mux at the lowest priority: the vendor's own joystick and the radio
    control always win.  Limits and timeout are those of the platform's velocity controller (J100).

    Args:
        node: on whose executor the messages arrive.  A node that no executor spins yet is spun by `start`.
        stamped: `TwistStamped` commands, as from ROS 2 Jazzy on; Humble's platform takes `Twist`.
        start_timeout: how long `start` waits for the first odometry, in seconds; 0 does not wait, as on the
            thread of the node's own executor, where nothing could arrive meanwhile.
        odometry_timeout: silence after which the base counts as lost, in seconds.
        base_frame: frame of stamped commands.
    """

    def __init__(
        self,
        node: Node,
        *,
        stamped: bool,
        start_timeout: float = 5.0,
        odometry_timeout: float = 0.5,
        base_frame: str = "base_link",
    ) -> None:
        if not odometry_timeout > 0:
            raise CairnError(f"odometry_timeout must be positive, got {odometry_timeout}")
        self._node = node
        self._stamped = stamped
        self._start_timeout = start_timeout
        self._odometry_timeout = odometry_timeout
        self._base_frame = base_frame
        self._publisher: Publisher[Any] | None = None
        self._subscriptions: list[Subscription[Any]] = []
        self._has_odometry = threading.Event()
        self._odometry: Odometry | None = None
        self._odometry_arrival = 0.0
        self._is_emergency_stopped = False
        self._mcu_arrival: float | None = None
        self.rejected_odometry = 0

    @property
    def limits(self) -> TwistLimits:
        return LIMITS

    @property
    def command_timeout(self) -> float:
        return COMMAND_TIMEOUT

    @property
    def is_emergency_stopped(self) -> bool:
        """What the platform last said; False before it said anything."""
        return self._is_emergency_stopped

    @property
    def is_mcu_alive(self) -> bool | None:
        """Whether the microcontroller reported lately; None without clearpath_platform_msgs."""
        if _mcu_status_type() is None:
            return None
        arrival = self._mcu_arrival
        return arrival is not None and time.monotonic() - arrival < 3 * _MCU_STATUS_PERIOD

    def start(self) -> None:
        if self._publisher is not None:
            return
        node = self._node
        self._odometry = None
        self._has_odometry.clear()
        self._publisher = node.create_publisher(TwistStamped if self._stamped else TwistMessage, "cmd_vel", 1)
        # The platform publishes its state best-effort: a reliable subscription would never match.
        listen = [
            (OdometryMessage, "platform/odom/filtered", self._on_odometry),
            (Bool, "platform/emergency_stop", self._on_emergency_stop),
        ]
        status = _mcu_status_type()
        if status is not None:
            listen.append((status, "platform/mcu/status", self._on_mcu_status))
        self._subscriptions = [
            node.create_subscription(kind, topic, callback, qos_profile_sensor_data)
            for kind, topic, callback in listen
        ]
        if self._start_timeout > 0 and not self._wait_for_odometry():
            topic = node.resolve_topic_name("platform/odom/filtered")
            self._disconnect()
            raise BaseLost(
                f"expected odometry on {topic} within {self._start_timeout:g} s, got none; is the Jackal on, "
                "on this ROS_DOMAIN_ID and in this namespace?"
            )

    def command(self, twist: Twist) -> Twist:
        sent = LIMITS.clamp(twist)
        if self._publisher is None:
            raise CairnError("the base must be started before it is commanded")
        if self._is_emergency_stopped:
            # The lock swallows commands anyhow; a wish from before the release must not outlive it.
            sent = Twist()
        self._publisher.publish(self._message(sent))
        return sent

    def odometry(self) -> Odometry:
        newest, arrival = self._odometry, self._odometry_arrival
        if newest is None:
            raise BaseLost("no odometry has arrived from the Jackal yet")
        silence = time.monotonic() - arrival
        if silence > self._odometry_timeout:
            raise BaseLost(
                f"the Jackal's odometry is silent for {silence:.2f} s, valid are {self._odometry_timeout:g} s"
            )
        return newest

    def stop(self) -> None:
        if self._publisher is not None:
            self._publisher.publish(self._message(Twist()))
            # The zero must not die with its publisher.
            self._publisher.wait_for_all_acked(Duration(seconds=_FAREWELL))
        self._disconnect()

    def _wait_for_odometry(self) -> bool:
        if self._node.executor is not None:
            return self._has_odometry.wait(self._start_timeout)
        executor = SingleThreadedExecutor(context=self._node.context)
        executor.add_node(self._node)
        deadline = time.monotonic() + self._start_timeout
        try:
            while not self._has_odometry.is_set() and time.monotonic() < deadline:
                executor.spin_once(timeout_sec=max(0.0, deadline - time.monotonic()))
        finally:
            executor.remove_node(self._node)
            executor.shutdown()
        return self._has_odometry.is_set()

    def _disconnect(self) -> None:
        if self._publisher is not None:
            self._node.destroy_publisher(self._publisher)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._publisher = None
        self._subscriptions = []
        self._odometry = None
        self._is_emergency_stopped = False
        self._mcu_arrival = None

    def _message(self, twist: Twist) -> TwistMessage | TwistStamped:
        if not self._stamped:
            return twist_to_message(twist)
        return twist_to_stamped_message(twist, self._node.get_clock().now().to_msg(), self._base_frame)

    def _on_odometry(self, message: OdometryMessage) -> None:
        try:
            self._odometry = odometry_from_message(message)
        except CairnError as error:
            self.rejected_odometry += 1
            self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        self._odometry_arrival = time.monotonic()
        self._has_odometry.set()

    def _on_emergency_stop(self, message: Bool) -> None:
        self._is_emergency_stopped = message.data

    def _on_mcu_status(self, message: object) -> None:
        self._mcu_arrival = time.monotonic()


def _mcu_status_type() -> Any:
    """Clearpath's message, which only a robot's ROS installation has; None elsewhere."""
    try:
        from clearpath_platform_msgs.msg import Status
    except ImportError:
        return None
    return Status
