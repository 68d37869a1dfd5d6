"""A process that behaves like the ROS 2 side of a Clearpath Jackal (J100).

By Clearpath's public platform API and configuration: twist_mux forwards a command as it arrives if no
input of higher priority spoke within its timeout and no lock is set; the velocity controller runs at 50 Hz,
limits speed and acceleration, and stops when its command is older than half a second.

    python platform_emulator.py --ros-args -p stamped:=true -r __ns:=/j100_0001

The services `emulator/press_emergency_stop` (SetBool) and `emulator/silence` (SetBool: the platform computer
is off the network) are the hands of a test.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from math import cos, sin

import rclpy
from geometry_msgs.msg import Twist, TwistStamped
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

RATE = 50.0
COMMAND_TIMEOUT = 0.5
MAX_LINEAR, MAX_ANGULAR = 2.0, 4.0
LINEAR_ACCELERATION, ANGULAR_ACCELERATION = 20.0, 25.0


@dataclass
class Input:
    """One input of twist_mux."""

    topic: str
    priority: int
    timeout: float = 0.5
    heard: float = float("-inf")


class PlatformEmulator(Node):
    """twist_mux, velocity controller, odometry and emergency stop of a Jackal."""

    def __init__(self) -> None:
        super().__init__("platform_emulator")
        stamped = self.declare_parameter("stamped", True).value
        self._kind = TwistStamped if stamped else Twist
        self._inputs = [
            Input("rc_teleop/cmd_vel", 12),
            Input("joy_teleop/cmd_vel", 10),
            Input("twist_marker_server/cmd_vel", 8),
            Input("cmd_vel", 1),
        ]
        self._command = (0.0, 0.0)
        self._command_time = float("-inf")
        self._velocity = (0.0, 0.0)
        self._pose = (0.0, 0.0, 0.0)
        self._stopped = self._silent = False
        for source in self._inputs:
            self.create_subscription(self._kind, source.topic, partial(self._on_command, source), 10)
        self._muxed = self.create_publisher(
            self._kind, "platform/cmd_vel" if stamped else "platform/cmd_vel_unstamped", 10
        )
        self._odometry = self.create_publisher(Odometry, "platform/odom/filtered", 10)
        self._emergency_stop = self.create_publisher(Bool, "platform/emergency_stop", qos_profile_sensor_data)
        self.create_service(SetBool, "emulator/press_emergency_stop", self._on_press)
        self.create_service(SetBool, "emulator/silence", self._on_silence)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._last_tick = time.monotonic()
        self.create_timer(1.0 / RATE, self._control, clock=steady)
        self.create_timer(0.1, self._report_emergency_stop, clock=steady)

    def _on_command(self, source: Input, message: Twist | TwistStamped) -> None:
        now = time.monotonic()
        source.heard = now
        overruled = any(
            other.priority > source.priority and now - other.heard < other.timeout for other in self._inputs
        )
        if self._stopped or overruled or self._silent:
            return
        self._muxed.publish(message)
        twist = message if isinstance(message, Twist) else message.twist
        self._command = (
            max(-MAX_LINEAR, min(MAX_LINEAR, twist.linear.x)),
            max(-MAX_ANGULAR, min(MAX_ANGULAR, twist.angular.z)),
        )
        self._command_time = now

    def _control(self) -> None:
        now = time.monotonic()
        elapsed, self._last_tick = min(now - self._last_tick, 0.1), now
        wanted = self._command if now - self._command_time < COMMAND_TIMEOUT else (0.0, 0.0)
        # The stop loop cuts the motors, whatever the controller wants.
        if self._stopped:
            self._velocity = (0.0, 0.0)
        else:
            self._velocity = (
                _towards(self._velocity[0], wanted[0], LINEAR_ACCELERATION * elapsed),
                _towards(self._velocity[1], wanted[1], ANGULAR_ACCELERATION * elapsed),
            )
        linear, angular = self._velocity
        x, y, yaw = self._pose
        middle = yaw + angular * elapsed / 2
        self._pose = (
            x + linear * cos(middle) * elapsed,
            y + linear * sin(middle) * elapsed,
            yaw + angular * elapsed,
        )
        if not self._silent:
            self._odometry.publish(self._odometry_message())

    def _odometry_message(self) -> Odometry:
        x, y, yaw = self._pose
        message = Odometry(child_frame_id="base_link")
        message.header.stamp = self.get_clock().now().to_msg()
        message.header.frame_id = "odom"
        message.pose.pose.position.x, message.pose.pose.position.y = x, y
        message.pose.pose.orientation.z, message.pose.pose.orientation.w = sin(yaw / 2), cos(yaw / 2)
        message.twist.twist.linear.x, message.twist.twist.angular.z = self._velocity
        return message

    def _report_emergency_stop(self) -> None:
        if not self._silent:
            self._emergency_stop.publish(Bool(data=self._stopped))

    def _on_press(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._stopped = request.data
        self._report_emergency_stop()
        response.success = True
        return response

    def _on_silence(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._silent = request.data
        response.success = True
        return response


def _towards(value: float, goal: float, step: float) -> float:
    return value + max(-step, min(step, goal - value))


def main() -> None:
    rclpy.init(args=sys.argv)
    executor = SingleThreadedExecutor()
    executor.add_node(PlatformEmulator())
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        return
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
