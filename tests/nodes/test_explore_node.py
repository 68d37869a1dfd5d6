"""The explore node between a camera, a base and a gate that the test plays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
from action_msgs.msg import GoalStatus
from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import ExploreStatus, GateStatus, PolicyDecision
from cairn_interfaces.srv import CaptureGoal, ClearMap, LoadMap, SaveMap
from example_bundles import files_of, recon_manifest
from geometry_msgs.msg import TransformStamped, TwistStamped
from nav_msgs.msg import Odometry
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker, MarkerArray

from cairn.hardware.camera import CameraFrame
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.pose import Pose
from cairn.nodes.camera_info_conversion import camera_info_from_model
from cairn.nodes.explore_node import ExploreNode
from cairn.nodes.image_conversion import image_from_frame
from cairn.nodes.single_instance import SecondInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds
from cairn.policies.bundle import write_bundle

PATIENCE = 100.0
CAMERA = CameraModel.pinhole(32, 24, 120.0)
PERIOD = 0.25
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
Result = ExploreToGoal.Result


class Rig:
    """The node under test and the rest of the robot, in one executor."""

    def __init__(self, bundle: Path) -> None:
        rclpy.init(args=["--ros-args", "-p", f"bundle:={bundle}"])
        self.node = ExploreNode()
        self.robot = rclpy.create_node("robot")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.executor.add_node(self.robot)
        self.infos = self.robot.create_publisher(CameraInfo, "sensors/camera/camera_info", 10)
        self.images = self.robot.create_publisher(Image, "sensors/camera/image", 10)
        self.odometry = self.robot.create_publisher(Odometry, "platform/odom/filtered", 10)
        self.gate = self.robot.create_publisher(GateStatus, "gate/status", 10)
        self.commands: list[TwistStamped] = []
        self.decisions: list[PolicyDecision] = []
        self.statuses: list[ExploreStatus] = []
        self.feedback: list[ExploreStatus] = []
        self.robot.create_subscription(TwistStamped, "gate/policy", self.commands.append, 10)
        self.robot.create_subscription(PolicyDecision, "explore/decision", self.decisions.append, 10)
        self.robot.create_subscription(ExploreStatus, "explore/status", self.statuses.append, 10)
        self.transforms: list[TransformStamped] = []
        self.robot.create_subscription(TFMessage, "/tf", lambda m: self.transforms.extend(m.transforms), 10)
        self.action = ActionClient(self.robot, ExploreToGoal, "explore_to_goal")
        self.stamp = float(round(time.time()))
        self.frames = 0

    def close(self) -> None:
        self.node.close()
        self.executor.shutdown()
        self.robot.destroy_node()
        self.node.destroy_node()
        rclpy.shutdown()

    def wait_for(self, condition: Callable[[], Any], meanwhile: Callable[[], Any] = lambda: None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
            meanwhile()
            self.executor.spin_once(timeout_sec=0.05)

    def settle(self, seconds: float = 0.3) -> None:
        """Let everything on its way arrive."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.executor.spin_once(timeout_sec=left)

    def make_ready(self) -> None:
        info = camera_info_from_model(CAMERA, "camera_optical", stamp_from_seconds(self.stamp))
        self.wait_for(
            lambda: self.statuses and not self.statuses[-1].reason, lambda: self.infos.publish(info)
        )
        self.wait_for(lambda: self.node.count_subscribers("gate/policy"))
        self.statuses.clear()

    def publish_odometry(self, stamp: float, x: float = 0.0) -> None:
        message = Odometry()
        message.header.stamp = stamp_from_seconds(stamp)
        message.pose.pose.position.x = x
        message.pose.pose.orientation.w = 1.0
        self.odometry.publish(message)

    def publish_image(self, stamp: float) -> None:
        pixels = np.full((24, 32, 3), 30 + self.frames % 8, np.uint8)
        self.images.publish(image_from_frame(CameraFrame(pixels, stamp, self.frames, "camera_optical")))
        self.frames += 1

    def frame(self, x: float = 0.0) -> None:
        """One more image, with its odometry before it, decided on."""
        self.stamp += PERIOD
        before = len(self.decisions)
        stamp = self.stamp
        self.publish_odometry(stamp - 0.01, x)
        self.wait_for(lambda: self.node._odometry.at(stamp, 0.1) is not None)
        self.publish_image(stamp)
        self.wait_for(lambda: len(self.decisions) > before)

    def send(self, **goal: Any) -> Any:
        """A goal's handle."""
        assert self.action.wait_for_server(PATIENCE)
        sent = self.action.send_goal_async(
            ExploreToGoal.Goal(**goal),
            feedback_callback=lambda message: self.feedback.append(message.feedback.status),
        )
        self.wait_for(sent.done)
        return sent.result()

    def result(self, handle: Any) -> Any:
        future = handle.get_result_async()
        self.wait_for(future.done)
        return future.result()

    def call(self, kind: Any, name: str, **request: Any) -> Any:
        client = self.robot.create_client(kind, name)
        self.wait_for(client.service_is_ready)
        future = client.call_async(kind.Request(**request))
        self.wait_for(future.done)
        self.robot.destroy_client(client)
        return future.result()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    manifest = recon_manifest()
    return write_bundle(tmp_path_factory.mktemp("bundles") / "recon", manifest, files_of(manifest)).directory


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "goal.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 20, np.uint8))
    return str(path)


@pytest.fixture
def rig(bundle: Path) -> Iterator[Rig]:
    rig = Rig(bundle)
    rig.make_ready()
    yield rig
    rig.close()


def test_without_a_goal_nothing_is_commanded(rig: Rig) -> None:
    for _ in range(3):
        rig.stamp += PERIOD
        rig.publish_odometry(rig.stamp)
        rig.publish_image(rig.stamp)
        rig.settle(0.1)
    rig.wait_for(lambda: rig.statuses)
    assert rig.statuses[-1].phase == ExploreStatus.IDLE
    assert rig.commands == rig.decisions == []


def test_every_image_gets_a_command_of_its_stamp_until_the_time_is_spent(rig: Rig, photo: str) -> None:
    handle = rig.send(goal_image_path=photo, time_budget=1.0)
    for step in range(5):
        rig.frame(x=0.1 * step)
    result = rig.result(handle)
    assert result.status == GoalStatus.STATUS_ABORTED
    assert (result.result.result, result.result.reason) == (Result.TIME_BUDGET, "the time budget is spent")
    assert result.result.time_taken == pytest.approx(1.0)
    assert result.result.distance_travelled == pytest.approx(0.4)
    assert result.result.nodes >= 1
    stamps = [rig.stamp - 4 * PERIOD + step * PERIOD for step in range(5)]
    assert [seconds_from_stamp(m.header.stamp) for m in rig.commands] == pytest.approx(stamps)
    assert [seconds_from_stamp(m.header.stamp) for m in rig.decisions] == pytest.approx(stamps)
    assert {m.header.frame_id for m in rig.commands} == {"base_link"}
    assert rig.commands[-1].twist.linear.x == rig.commands[-1].twist.angular.z == 0.0
    assert rig.decisions[-1].phase == ExploreStatus.FAILED
    assert len(rig.decisions[0].sector_ranges) == 5
    assert rig.decisions[0].bundle_sha256 == rig.node._bundle_sha256
    rig.wait_for(lambda: len(rig.feedback) == 5)
    assert rig.feedback[2].time_left == pytest.approx(0.5)
    rig.stamp += PERIOD
    rig.publish_odometry(rig.stamp)
    rig.publish_image(rig.stamp)
    rig.settle()
    assert len(rig.commands) == 5


def test_where_the_map_lies_is_told_after_each_view(rig: Rig, photo: str) -> None:
    rig.send(goal_image_path=photo)
    for step in range(3):
        rig.frame(x=0.1 * step)
    rig.wait_for(lambda: len(rig.transforms) == 3)
    for transform, command in zip(rig.transforms, rig.commands, strict=True):
        assert (transform.header.frame_id, transform.child_frame_id) == ("map", "odom")
        assert transform.header.stamp == command.header.stamp
        # The first odometry of an empty map is its origin.
        assert transform.transform.translation.x == pytest.approx(0.0, abs=0.05)
        assert transform.transform.rotation.w == pytest.approx(1.0, abs=0.01)


def points_of(graph: MarkerArray, name: str) -> list[tuple[float, float]]:
    return [(p.x, p.y) for marker in graph.markers if marker.ns == name for p in marker.points]


def test_the_graph_is_latched_and_comes_at_most_once_a_second_and_only_when_it_changed(
    rig: Rig, photo: str
) -> None:
    graphs: list[tuple[float, MarkerArray]] = []
    rig.robot.create_subscription(
        MarkerArray, "explore/graph", lambda m: graphs.append((time.monotonic(), m)), LATCHED
    )
    # Before there is anything to remember it says so, once.
    rig.wait_for(lambda: graphs)
    assert {marker.action for marker in graphs[0][1].markers} == {Marker.DELETE}
    rig.settle(2.2)
    assert len(graphs) == 1

    handle = rig.send(goal_image_path=photo)
    before = time.monotonic()
    while time.monotonic() < before + 3.5:
        rig.frame(x=0.15 * rig.frames)
    handle.cancel_goal_async()
    rig.result(handle)
    graph = rig.node._map.graph
    assert graph is not None
    rig.wait_for(lambda: len(points_of(graphs[-1][1], "places")) == len(graph) >= 3)
    assert np.diff([at for at, _ in graphs]).min() > 0.8

    newest = graphs[-1][1]
    assert {marker.header.frame_id for marker in newest.markers} == {"map"}
    places = points_of(newest, "places")
    assert places == [tuple(pose) for pose in graph.poses[:, :2].tolist()]
    ways = points_of(newest, "driven") + points_of(newest, "seen")
    assert len(ways) // 2 == len({frozenset((e.source, e.target)) for e in graph.edge_list()})
    assert set(ways) <= set(places)

    late: list[MarkerArray] = []
    rig.robot.create_subscription(MarkerArray, "explore/graph", late.append, LATCHED)
    rig.wait_for(lambda: late)
    assert late[0] == newest

    assert rig.call(ClearMap, "map/clear").success
    rig.wait_for(lambda: points_of(graphs[-1][1], "places") == [])


def test_goal_and_next_viewpoint_are_on_the_graph(
    rig: Rig, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs: list[MarkerArray] = []
    rig.robot.create_subscription(MarkerArray, "explore/graph", graphs.append, LATCHED)
    explorer = rig.node._map.explorer
    assert explorer is not None
    rig.send(goal_image_path=photo)
    rig.frame()
    explorer._destination, explorer._target = Pose(3.0, -1.0, 0.5), (4.0, 2.0)

    def marker(name: str) -> Marker | None:
        found = [m for m in graphs[-1].markers if m.ns == name and m.action == Marker.ADD] if graphs else []
        return found[0] if found else None

    # No frame comes any more: the map as it is told between searches will do.
    monkeypatch.setattr(type(rig.node._searches), "search", None)
    rig.wait_for(lambda: marker("goal"))
    goal, target = marker("goal"), marker("target")
    assert goal is not None
    assert target is not None
    assert (goal.pose.position.x, goal.pose.position.y) == (3.0, -1.0)
    assert goal.pose.orientation.z == pytest.approx(np.sin(0.25))
    assert (target.pose.position.x, target.pose.position.y) == (4.0, 2.0)


def test_a_search_can_be_cancelled_although_no_image_comes(rig: Rig, photo: str) -> None:
    handle = rig.send(goal_image_path=photo)
    rig.frame()
    cancelled = handle.cancel_goal_async()
    result = rig.result(handle)
    assert cancelled.done()
    assert result.status == GoalStatus.STATUS_CANCELED
    assert (result.result.result, result.result.reason) == (Result.CANCELLED, "cancelled")
    assert rig.send(goal_image_path=photo).accepted


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ({}, "a goal must be exactly one of goal_image_path, goal_image and goal_node, got 0"),
        ({"goal_image_path": "PHOTO", "goal_node": 0}, "got 2 of them"),
        ({"goal_image_path": "/nowhere.png"}, "/nowhere.png must be a file, but there is none"),
        ({"goal_image_path": __file__}, "is no image; expected a still JPEG, PNG or WEBP"),
        ({"goal_node": 7}, "the map has no node 7; valid: none: it is empty"),
        ({"goal_image_path": "PHOTO", "return_by_map": True}, "the one in memory is empty"),
        (
            {"goal_image_path": "PHOTO", "time_budget": -1.0},
            "time budget must be positive and finite, got -1",
        ),
        (
            {"goal_image_path": "PHOTO", "geofence_radius": float("nan")},
            "radius must be 0 (none) or positive",
        ),
    ],
)
def test_a_bad_goal_is_refused_with_its_reason(rig: Rig, photo: str, goal: dict, message: str) -> None:
    if goal.get("goal_image_path") == "PHOTO":
        goal = goal | {"goal_image_path": photo}
    result = rig.result(rig.send(**goal))
    assert result.status == GoalStatus.STATUS_ABORTED
    assert result.result.result == Result.BAD_GOAL
    assert message in result.result.reason
    assert rig.commands == []


def test_one_search_at_a_time(rig: Rig, photo: str) -> None:
    first = rig.send(goal_image_path=photo)
    second = rig.result(rig.send(goal_image_path=photo))
    assert second.result.reason == "a search is under way; cancel it first"
    rig.frame()
    assert first.accepted
    assert len(rig.commands) == 1


def test_a_goal_may_come_as_a_message(rig: Rig, photo: str) -> None:
    goal = ExploreToGoal.Goal()
    goal.goal_image.format = "png"
    goal.goal_image.data = Path(photo).read_bytes()
    rig.send(goal_image=goal.goal_image)
    rig.frame()
    assert len(rig.commands) == 1


def test_an_image_waits_for_its_odometry_and_gives_way_to_a_newer_one(rig: Rig, photo: str) -> None:
    rig.send(goal_image_path=photo)
    rig.publish_odometry(rig.stamp - 5.0)
    rig.publish_image(rig.stamp)
    rig.settle()
    rig.publish_image(rig.stamp + PERIOD)
    rig.settle()
    assert rig.commands == []
    rig.publish_odometry(rig.stamp + PERIOD)
    rig.wait_for(lambda: rig.commands)
    assert seconds_from_stamp(rig.commands[-1].header.stamp) == pytest.approx(rig.stamp + PERIOD)
    rig.settle()
    assert len(rig.commands) == 1


def test_a_fast_camera_is_taken_at_the_rate_of_the_policy(rig: Rig, photo: str) -> None:
    rig.send(goal_image_path=photo)
    rig.frame()
    for _ in range(20):
        rig.stamp += 0.05
        rig.publish_odometry(rig.stamp)
        rig.settle(0.02)
        rig.publish_image(rig.stamp)
        rig.settle(0.05)
    stamps = [seconds_from_stamp(message.header.stamp) for message in rig.commands]
    assert 4 <= len(stamps) <= 6
    assert np.diff(stamps).min() >= 0.2 - 1e-6


def test_the_geofence_ends_what_leaves_it(rig: Rig, photo: str) -> None:
    handle = rig.send(goal_image_path=photo, geofence_radius=2.0)
    rig.frame(x=0.0)
    rig.frame(x=2.5)
    assert rig.decisions[-1].phase == ExploreStatus.RECOVERING
    rig.frame(x=7.5)
    result = rig.result(handle).result
    assert (result.result, result.reason) == (Result.DISTANCE_BUDGET, "the robot has left the geofence")


def test_a_latched_gate_ends_the_search(rig: Rig, photo: str) -> None:
    handle = rig.send(goal_image_path=photo)
    rig.frame()
    rig.gate.publish(GateStatus(state=GateStatus.LATCHED, reason="emergency stop"))
    result = rig.result(handle).result
    assert (result.result, result.reason) == (Result.GATE_LATCHED, "the gate is latched: emergency stop")


def test_what_the_searcher_declares_is_the_result(
    rig: Rig, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = iter(
        [
            Decision(Twist(0.4, -0.2), Phase.SEEKING, "there", 12.0, 0.9, -1, 0, 0.8),
            Decision(Twist(), Phase.REACHED, "found", 0.5, 1.0, -1, 0, 0.8),
        ]
    )
    monkeypatch.setattr(rig.node._map.explorer, "step", lambda observation: next(decisions))
    handle = rig.send(goal_image_path=photo)
    rig.frame()
    rig.frame()
    result = rig.result(handle)
    assert result.status == GoalStatus.STATUS_SUCCEEDED
    assert (result.result.result, result.result.reason) == (Result.REACHED, "found")
    assert [(m.twist.linear.x, m.twist.angular.z) for m in rig.commands] == [(0.4, -0.2), (0.0, 0.0)]
    assert rig.decisions[0].predicted_steps == 12.0
    assert rig.decisions[0].match_probability == pytest.approx(0.9)
    assert rig.decisions[0].subgoal_node == -1


def test_a_map_is_saved_cleared_loaded_and_driven_to(rig: Rig, photo: str, tmp_path: Path) -> None:
    handle = rig.send(goal_image_path=photo)
    for step in range(8):
        rig.frame(x=0.8 * step)
    path = tmp_path / "yard.cairnmap"
    loading = rig.call(LoadMap, "map/load", path=str(path), start="start")
    assert (loading.success, "while a search is under way" in loading.message) == (False, True)
    handle.cancel_goal_async()
    rig.result(handle)

    saved = rig.call(SaveMap, "map/save", path=str(path))
    assert saved.success, saved.message
    assert saved.nodes >= 3
    assert rig.call(ClearMap, "map/clear").success
    rig.wait_for(lambda: rig.statuses[-1].phase == ExploreStatus.IDLE and rig.statuses[-1].nodes == 0)

    bad_start = rig.call(LoadMap, "map/load", path=str(path), start="node:999")
    assert "start must be start, node:N with N in the map, or unknown; got 'node:999'" in bad_start.message
    broken = tmp_path / "broken.cairnmap"
    broken.write_bytes(path.read_bytes()[:1000])
    assert not rig.call(LoadMap, "map/load", path=str(broken), start="start").success
    loaded = rig.call(LoadMap, "map/load", path=str(path), start="node:1")
    assert loaded.success, loaded.message
    assert loaded.nodes == saved.nodes

    rig.decisions.clear()
    rig.send(goal_node=saved.nodes - 1)
    rig.frame(x=0.0)
    rig.wait_for(lambda: rig.feedback and rig.feedback[-1].node >= 0)


def test_the_present_image_is_kept_as_a_goal_photo(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "kept.png"
    early = rig.call(CaptureGoal, "goal/capture", path=str(path))
    assert "no image came on /sensors/camera/image yet" in early.message
    rig.publish_image(rig.stamp)
    rig.wait_for(lambda: rig.node._newest is not None)
    assert rig.call(CaptureGoal, "goal/capture", path=str(path)).success
    assert (cv2.imread(str(path)) == 30).all()
    other = rig.call(CaptureGoal, "goal/capture", path=str(tmp_path / "kept.gif"))
    assert "must end in one of .png, .jpg, .jpeg" in other.message
    nowhere = rig.call(CaptureGoal, "goal/capture", path="/nowhere/kept.png")
    assert "can't be written: No such file or directory" in nowhere.message


def test_who_asked_hears_of_the_end_of_the_process(rig: Rig, photo: str) -> None:
    handle = rig.send(goal_image_path=photo)
    rig.frame()
    future = handle.get_result_async()
    rig.settle()
    rig.node.close()
    rig.wait_for(future.done)
    assert future.result().result.reason == "the explore node shuts down"


def test_a_second_one_is_refused(rig: Rig) -> None:
    second = ExploreNode()
    rig.executor.add_node(second)
    try:
        with pytest.raises(SecondInstance, match="only explore node, but /explore/status belongs to"):
            rig.settle(PATIENCE)
    finally:
        second.destroy_node()
