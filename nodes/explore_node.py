"""Search for what a photo shows: from images and odometry to commands for the gate."""

from __future__ import annotations

import sys
import time

from builtin_interfaces.msg import Time
from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import CollisionState, ExploreStatus, GateStatus, PolicyDecision
from cairn_interfaces.srv import CaptureGoal
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry as OdometryMessage
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Float32
from tf2_msgs.msg import TFMessage

from cairn.episodes.picture import PictureError
from cairn.evaluation.loaded_policy import match_threshold
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.navigation.budget import Spent
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.explorer import Explorer
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.searcher import Observation
from cairn.nodes.camera_info_conversion import model_from_camera_info
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.explore_messages import (
    command_message,
    decision_message,
    map_transform,
    status_message,
)
from cairn.nodes.explore_settings import ExploreNodeSettings
from cairn.nodes.goal_capture import capture_goal
from cairn.nodes.goal_request import GoalRequest, read_goal_request
from cairn.nodes.graph_publisher import GraphPublisher
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.image_topics import IMAGE_TOPICS
from cairn.nodes.lifetime import run_node
from cairn.nodes.map_keeper import MapKeeper, given_path
from cairn.nodes.odometry_conversion import odometry_from_message
from cairn.nodes.odometry_history import OdometryHistory
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.qos_profiles import NEWEST
from cairn.nodes.search_server import Result, Search, SearchServer
from cairn.nodes.single_instance import SingleInstance
from cairn.nodes.stamps import seconds_from_stamp
from cairn.policies.bundle import find_bundle, load_bundle
from cairn.policies.recon_policy import ReconPolicy
from cairn.policies.runtime import PolicyRuntime

_WATCH_PERIOD = 0.2  # [s] real time
_SILENCE = 1.0  # [s] without a decision that is worth a word
_EARLY = 0.2  # share of a period by which a frame may come early and still count

_SPENT = {
    Spent.TIME: Result.TIME_BUDGET,
    Spent.DISTANCE: Result.DISTANCE_BUDGET,
    Spent.GEOFENCE: Result.DISTANCE_BUDGET,
}


class ExploreNode(Node):
    """Acts on the newest image as it arrives, at the policy's rate, while a goal is being searched.

    Without a goal, an image or odometry of the image's time it publishes no command, and the gate stops the
    robot by silence.  Raises CairnError on bad parameters, a bundle that is refused, or a second one here.
    """

    def __init__(self) -> None:
        super().__init__("explore")
        self._settings = NodeParameters(self, ExploreNodeSettings).value
        SingleInstance(self, "explore/status", "explore node")
        bundle = load_bundle(find_bundle(self._settings.bundle))
        self._bundle_sha256 = bundle.fingerprint
        self._threshold = match_threshold(bundle)
        self._runtime = PolicyRuntime(bundle, self._settings.provider or None)
        self._runtime.warm_up()
        self._policy: ReconPolicy | None = None
        self._reader = ImageReader()
        self._odometry = OdometryHistory()
        self._collided = False
        self._newest: Image | CompressedImage | None = None
        self._pending: tuple[Image | CompressedImage, float] | None = None
        self._map = MapKeeper(self, self._settings, self._threshold, lambda: self._search is not None)

        self._command = self.create_publisher(TwistStamped, "gate/policy", 1)
        self._status = self.create_publisher(ExploreStatus, "explore/status", 10)
        self._decision = self.create_publisher(PolicyDecision, "explore/decision", 10)
        self._latency = self.create_publisher(Float32, "explore/latency", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._tf = self.create_publisher(TFMessage, "/tf", 10)
        self._graph = GraphPublisher(self)
        self.create_subscription(
            OdometryMessage, "platform/odom/filtered", self._on_odometry, qos_profile_sensor_data
        )
        self.create_subscription(
            CollisionState, "simulation/collision", self._on_collision, qos_profile_sensor_data
        )
        self.create_subscription(
            CameraInfo, "sensors/camera/camera_info", self._on_camera_info, qos_profile_sensor_data
        )
        kind, self._image_topic = IMAGE_TOPICS[self._settings.image]
        self.create_subscription(kind, self._image_topic, self._on_image, NEWEST)
        self.create_subscription(GateStatus, "gate/status", self._on_gate_status, qos_profile_sensor_data)
        self._searches = SearchServer(self, self._begin)
        self.create_service(CaptureGoal, "goal/capture", self._on_capture)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_WATCH_PERIOD, self._watch, clock=steady)
        self.create_timer(1.0, self._report, clock=steady)
        for line in str(self._runtime.report()).splitlines():
            self.get_logger().info(line)

    def close(self) -> None:
        """End the search, tell whoever asked for it, and save the map."""
        search = self._search
        if search is not None:
            self._end(Result.CANCELLED, "the explore node shuts down")
            self._searches.say_farewell(search)
        self._map.close()

    # What is sensed.

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._policy is not None:
            return
        try:
            camera = model_from_camera_info(message)
            self._policy = ReconPolicy(self._runtime, camera)
            self._reader = ImageReader(camera.width, camera.height)
            self._map.open(self._policy)
        except CairnError as error:
            self._policy = None
            self.get_logger().error(str(error), throttle_duration_sec=5.0)
            return
        self.get_logger().info(f"ready for images of {camera.width}x{camera.height}")

    def _on_odometry(self, message: OdometryMessage) -> None:
        try:
            self._odometry.add(odometry_from_message(message))
        except CairnError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        if self._pending is not None:
            self._act(*self._pending)

    def _on_collision(self, message: CollisionState) -> None:
        self._collided = self._collided or message.physical or message.stuck

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._newest = message
        if self._search is not None:
            self._act(message, time.perf_counter())

    def _on_gate_status(self, message: GateStatus) -> None:
        if self._search is not None and message.state == GateStatus.LATCHED:
            self._end(Result.GATE_LATCHED, f"the gate is latched: {message.reason}")

    # The search.

    def _begin(self, goal: ExploreToGoal.Goal) -> GoalRequest:
        """Make the explorer ready for a goal.  Raises CairnError where it can't be searched."""
        policy, explorer = self._policy, self._map.explorer
        if policy is None or explorer is None:
            topic = self.resolve_topic_name("sensors/camera/camera_info")
            raise CairnError(f"the camera's intrinsics are not known: nothing usable came on {topic}")
        request = read_goal_request(goal, explorer.graph, self._settings)
        if request.place is not None:
            explorer.goals.remember(policy.encode(request.image), request.place)
        start = self._map.take_start()
        known_start = start == "start" or (not start and request.known_start)
        explorer.begin(request.image, known_start=known_start)
        if start.startswith("node:"):
            explorer.stand_at(int(start.removeprefix("node:")))
        self._collided = False
        return request

    def _act(self, message: Image | CompressedImage, arrived: float) -> None:
        """Decide on one image, if it is due and its odometry is there; otherwise keep it until it is."""
        search, policy, explorer = self._search, self._policy, self._map.explorer
        self._pending = None
        if search is None or policy is None or explorer is None:
            return
        stamp = seconds_from_stamp(message.header.stamp)
        if search.last_stamp <= stamp < search.last_stamp + (1 - _EARLY) / policy.rate:
            return
        odometry = self._odometry.at(stamp, self._settings.odometry_tolerance)
        if odometry is None:
            self._pending = (message, arrived)
            return
        try:
            image = self._reader.read(message).image
            spent = search.keeper.update(stamp, odometry)
            collided = self._collided or search.keeper.touches_fence
            self._collided = False
            decision = explorer.step(Observation(image, odometry, stamp, collided))
        except PictureError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        except CairnError as error:
            # No command goes out, and the gate stops the robot by silence.
            self.get_logger().error(f"no decision: {error}", throttle_duration_sec=1.0)
            return
        search.last_stamp = stamp
        if spent is not None and decision.phase is not Phase.REACHED:
            decision = Decision(Twist(), Phase.FAILED, spent.value, node=decision.node)
        self._publish(decision, explorer.graph, message, arrived)
        if decision.phase is Phase.REACHED:
            self._end(Result.REACHED, decision.reason)
        elif decision.phase is Phase.FAILED:
            self._end(Result.LOST if spent is None else _SPENT[spent], decision.reason)
        else:
            self._ponder(explorer, message.header.stamp)

    def _ponder(self, explorer: Explorer, stamp: Time) -> None:
        """Work out what the view teaches, now that its command is out."""
        try:
            explorer.ponder()
        except CairnError as error:
            self.get_logger().error(f"the view was not remembered: {error}", throttle_duration_sec=1.0)
        if explorer.map_to_odom is not None:
            self._tf.publish(TFMessage(transforms=[map_transform(explorer.map_to_odom, stamp)]))
        self._graph.update(explorer, stamp)

    def _publish(
        self, decision: Decision, graph: GraphMemory, message: Image | CompressedImage, arrived: float
    ) -> None:
        assert self._search is not None
        stamp, frame = message.header.stamp, self._settings.base_frame
        self._command.publish(command_message(decision, stamp, frame))
        self._latency.publish(Float32(data=time.perf_counter() - arrived))
        decided = self.get_clock().now().to_msg()
        self._decision.publish(decision_message(decision, stamp, decided, frame, self._bundle_sha256))
        status = status_message(decision, graph, self._search.keeper, stamp)
        self._status.publish(status)
        self._search.tell(status)
        self._map.tick()

    def _watch(self) -> None:
        """What must happen although no image comes."""
        search = self._search
        if search is None:
            return
        if search.handle.is_cancel_requested:
            self._end(Result.CANCELLED, "cancelled")
            return
        silence = self._silence(search)
        if silence > _SILENCE:
            missing = "odometry" if self._pending is not None else "images"
            self.get_logger().warning(
                f"no decision for {silence:.1f} s: no {missing}", throttle_duration_sec=5.0
            )

    def _silence(self, search: Search) -> float:
        """Seconds since the image of the last decision, or since the search began."""
        return self._now() - max(search.last_stamp, search.began)

    @property
    def _search(self) -> Search | None:
        return self._searches.search

    @property
    def _nodes(self) -> int:
        return 0 if self._map.graph is None else len(self._map.graph)

    def _now(self) -> float:
        return 1e-9 * self.get_clock().now().nanoseconds

    def _end(self, code: int, reason: str) -> None:
        self._pending = None
        self._searches.end(code, reason, self._nodes)
        self._idle()

    def _idle(self) -> None:
        idle = Decision(Twist(), Phase.IDLE, "" if self._policy else "waiting for camera_info")
        self._status.publish(status_message(idle, self._map.graph, None, self.get_clock().now().to_msg()))

    def _on_capture(
        self, request: CaptureGoal.Request, response: CaptureGoal.Response
    ) -> CaptureGoal.Response:
        try:
            if self._newest is None:
                raise CairnError(f"no image came on {self.resolve_topic_name(self._image_topic)} yet")
            path = given_path(request.path)
            capture_goal(self._reader.read(self._newest).image, path)
            response.success, response.message = True, f"kept as {path}"
        except CairnError as error:
            response.success, response.message = False, str(error)
        return response

    def _report(self) -> None:
        """State and health, once a second."""
        if self._search is None:
            self._idle()
            if self._map.explorer is not None:
                self._graph.update(self._map.explorer, self.get_clock().now().to_msg())
        level, message = DiagnosticStatus.OK, "searching" if self._search else "idle"
        if self._policy is None:
            level, message = DiagnosticStatus.WARN, "no usable camera_info yet"
        elif self._search and self._silence(self._search) > _SILENCE:
            level, message = DiagnosticStatus.ERROR, "searching, but no images or odometry come"
        elif self._map.save_error is not None:
            level, message = DiagnosticStatus.ERROR, self._map.save_error
        refused = {f"images refused: {why.value}": count for why, count in self._reader.refused.items()}
        name, values = f"{self.get_name()}: policy", {"nodes": self._nodes} | refused
        self._diagnostics.publish(diagnostics(name, level, message, values, self.get_clock().now().to_msg()))


def main() -> int:
    """Explore until a signal; returns the exit status."""
    return run_node(ExploreNode)


if __name__ == "__main__":
    sys.exit(main())
