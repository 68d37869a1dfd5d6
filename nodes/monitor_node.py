"""The monitor: a web page that shows the robot and, where allowed, carries a person's hands to it."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from cairn_interfaces.msg import (
    ArmGateStatus,
    ArmOperatorInput,
    ArmState,
    ExploreStatus,
    GateStatus,
    OperatorInput,
    RecorderStatus,
    TeleopStatus,
)
from diagnostic_msgs.msg import DiagnosticArray
from nav_msgs.msg import Odometry
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from cairn.episodes.picture import PictureError
from cairn.hardware.errors import CairnError
from cairn.monitor.exchange import Exchange
from cairn.monitor.hands import Hands
from cairn.monitor.robot_state import Panel
from cairn.monitor.server_thread import ServerThread
from cairn.monitor.visitor import Visitor
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.image_topics import IMAGE_TOPICS
from cairn.nodes.lifetime import run_node
from cairn.nodes.monitor_messages import (
    arm_gate_panel,
    arm_operator_message,
    arm_panel,
    diagnostics_message,
    explore_panel,
    gate_panel,
    graph_panel,
    map_panel,
    operator_message,
    pose_panel,
    recorder_panel,
    teleop_panel,
)
from cairn.nodes.monitor_services import MonitorServices
from cairn.nodes.monitor_settings import MonitorSettings
from cairn.nodes.odometry_conversion import odometry_from_message
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.qos_profiles import LATCHED, NEWEST

POLL_RATE = 50.0
OPERATOR_PERIOD = 0.05
LISTENERS_PERIOD = 0.5


class MonitorNode(Node):
    """Puts what it hears into the exchange, and publishes what hands at a page do.

    The page has a thread of its own, which this one never waits for.  Raises CairnError on bad parameters,
    an address that can't be had or a bad token file.
    """

    def __init__(self) -> None:
        super().__init__("monitor")
        self._settings = NodeParameters(self, MonitorSettings).value
        self._exchange = Exchange(self._settings, self.get_namespace().strip("/"))
        self._reader = ImageReader()
        self._next_picture = 0.0
        self._published = Hands()
        self._publish_due = 0.0
        self._listeners_due = 0.0
        self._refused: dict[str, int] = {}
        self._holder: Visitor | None = None

        self._listen()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_timer(1.0, self._report, clock=steady)
        if self._settings.control:
            self._operator = self.create_publisher(OperatorInput, "teleop/operator", 10)
            self._arm_operator = self.create_publisher(ArmOperatorInput, "arm_teleop/operator", 10)
            self._asked = MonitorServices(self, self._exchange.requests)
            self.create_timer(1.0 / POLL_RATE, self._operate, clock=steady)
        self._server = ServerThread(self._exchange)
        self._announce(self._server.start())

    def close(self) -> None:
        """Let go of the robot, then close the pages."""
        if self._settings.control:
            self._publish(Hands(lost=self._published.deadman))
        self._server.stop()

    def _listen(self) -> None:
        self.create_subscription(*IMAGE_TOPICS[self._settings.image], self._on_image, NEWEST)
        self._show(GateStatus, "gate/status", "gate", gate_panel)
        self._show(RecorderStatus, "recorder/status", "recorder", recorder_panel)
        self._show(TeleopStatus, "teleop/status", "teleop", teleop_panel)
        self._show(ExploreStatus, "explore/status", "explore", explore_panel)
        self._show(ArmGateStatus, "arm_gate/status", "arm_gate", arm_gate_panel)
        self._show(TeleopStatus, "arm_teleop/status", "arm_teleop", teleop_panel)
        self._show(ArmState, "arm/state", "arm", arm_panel)
        listen = self.create_subscription
        listen(MarkerArray, "explore/graph", self._on_graph, LATCHED)
        listen(Odometry, "platform/odom/filtered", self._on_odometry, qos_profile_sensor_data)
        listen(TFMessage, "/tf", self._on_transforms, qos_profile_sensor_data)

    def _show(self, kind: type, topic: str, name: str, panel: Callable[[Any], Panel]) -> None:
        """Put the newest message of a topic on the page."""

        def on_message(message: Any) -> None:
            self._exchange.state.put(name, panel(message), time.monotonic())

        self.create_subscription(kind, topic, on_message, qos_profile_sensor_data)

    def _announce(self, port: int) -> None:
        """Say where the page is; the token goes to the terminal alone, for logs are recorded."""
        everywhere = self._settings.address in ("0.0.0.0", "::")
        host = socket.gethostname() if everywhere else self._settings.address
        page = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        token = self._exchange.token
        self.get_logger().info(f"the page is at {page}, {'read-only' if token is None else 'with control'}")
        if token is not None and not self._settings.token_file:
            sys.stderr.write(f"to drive, open {page}#token={token.reveal()}\n")

    # From the robot to the page.

    def _on_image(self, message: Image | CompressedImage) -> None:
        now = time.monotonic()
        camera = self._exchange.camera
        self._exchange.state.put("camera", {"refused": sum(self._reader.refused.values())}, now)
        if not camera.watchers or now < self._next_picture:
            return
        try:
            camera.put(self._reader.read(message).image, now)
        except PictureError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
            return
        # A little early counts: frames of a camera at just this rate come with jitter.
        self._next_picture = now + 0.8 / self._settings.picture_rate

    def _on_graph(self, message: MarkerArray) -> None:
        try:
            self._exchange.graph.put(graph_panel(message))
        except CairnError as error:
            self.get_logger().warning(f"explore/graph: {error}", throttle_duration_sec=5.0)

    def _on_odometry(self, message: Odometry) -> None:
        try:
            odometry = odometry_from_message(message)
        except CairnError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
            return
        self._exchange.path.add(odometry.x, odometry.y)
        self._exchange.state.put("pose", pose_panel(odometry), time.monotonic())

    def _on_transforms(self, message: TFMessage) -> None:
        for transform in message.transforms:
            panel = map_panel(transform)
            if panel is not None:
                self._exchange.state.put("map", panel, time.monotonic())

    # From the page to the robot.

    def _operate(self) -> None:
        """Publish the hands at their rate, and what they let go of or press at once."""
        self._asked.poll()
        now = time.monotonic()
        if now >= self._listeners_due:
            self._listeners_due = now + LISTENERS_PERIOD
            panel = {
                "listeners": self._operator.get_subscription_count(),
                "arm_listeners": self._arm_operator.get_subscription_count(),
            }
            self._exchange.state.put("operator", panel, now)
        hands = self._exchange.desk.hands(now)
        # One last word, then silence.
        wanted = hands or Hands()
        urgent = _switches(wanted) != _switches(self._published)
        if urgent or (hands is not None and now >= self._publish_due):
            if wanted.emergency_stop and not self._published.emergency_stop:
                self.get_logger().warning("emergency stop pressed on a page")
            self._publish(wanted)
            self._published = wanted
            self._publish_due = now + OPERATOR_PERIOD
        holder = self._exchange.desk.holder
        if holder != self._holder:
            self._holder = holder
            self.get_logger().info(f"{holder.name if holder else 'nobody'} has control")

    def _publish(self, hands: Hands) -> None:
        """To the base's teleoperation and to the arm's: what one of them is to do, the other is not."""
        stamp = self.get_clock().now().to_msg()
        self._operator.publish(operator_message(hands, stamp))
        self._arm_operator.publish(arm_operator_message(hands, stamp))

    def _report(self) -> None:
        """Health, once a second."""
        refused = dict(self._exchange.refused)
        if refused != self._refused:
            self._refused = refused
            told = ", ".join(f"{count} x {why}" for why, count in refused.items())
            self.get_logger().warning(f"refused from pages so far: {told}")
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(diagnostics_message(self.get_name(), self._exchange, refused, stamp))


def _switches(hands: Hands) -> tuple[bool, ...]:
    return (hands.deadman, hands.emergency_stop, hands.lost)


def main() -> int:
    """Serve the page until a signal; returns the exit status."""
    return run_node(MonitorNode)


if __name__ == "__main__":
    sys.exit(main())
