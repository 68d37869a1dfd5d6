"""The monitor's ROS side: from topics to the page, from the page to topics and services."""

from __future__ import annotations

import asyncio
import re
import time
from itertools import pairwise
from math import inf, nan

import cv2
import numpy as np
import pytest
import yaml
from builtin_interfaces.msg import Time
from cairn_interfaces.msg import (
    EpisodeEvent,
    ExploreStatus,
    GateStatus,
    OperatorInput,
    RecorderStatus,
    TeleopStatus,
)
from cairn_interfaces.srv import LabelEpisode
from geometry_msgs.msg import Point, TransformStamped
from monitor_rig import PARAMETERS, PATIENCE, MonitorRig
from nav_msgs.msg import Odometry
from page_client import visit
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CompressedImage, Image
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from cairn.hardware.errors import CairnError
from cairn.hardware.setting import setting_types
from cairn.navigation.graph.outline import GraphOutline
from cairn.navigation.pose import Pose
from cairn.nodes.graph_messages import graph_message
from cairn.nodes.graph_publisher import LATCHED
from cairn.nodes.monitor_messages import graph_panel
from cairn.nodes.monitor_settings import MonitorSettings
from cairn.nodes.odometry_conversion import rotation_about_z

LIMIT = 0.3
"""From the last word of a page to the release of its deadman [s]."""


@pytest.fixture
def rig():
    made = MonitorRig()
    yield made
    made.close()


def repeat(rig, kind, topic, message, depth=10):
    """Publish a message ten times a second."""
    publisher = rig.node.create_publisher(kind, topic, depth)
    rig.node.create_timer(0.1, lambda: publisher.publish(message))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"port": 70000}, "parameter port: expected int from 0 to 65535, got 70000"),
        ({"image": "theora"}, "expected str one of raw, compressed, got 'theora'"),
        ({"controll": "true"}, "unknown parameter controll; valid are address, port"),
        ({"control": "true", "token_file": "/nowhere/token"}, "the token file /nowhere/token can't be read"),
        ({"address": "192.0.2.1"}, "can't listen at 192.0.2.1:"),
    ],
)
def test_what_can_not_be_is_refused_with_status_2(rig, parameters, message):
    process = rig.start("monitor", pipe=True, **parameters)
    _, err = process.communicate(timeout=PATIENCE)
    assert message in err
    assert "Traceback" not in err
    assert process.returncode == 2


def test_the_shipped_parameters_are_valid():
    given = yaml.safe_load((PARAMETERS / "monitor.yaml").read_text())["/**"]["ros__parameters"]
    assert set(setting_types(MonitorSettings)) - set(given) == {"hosts"}
    MonitorSettings(**given)
    assert (given["control"], given["address"]) == (False, "127.0.0.1")


def test_the_page_shows_what_the_robot_says(rig):
    rig.start_monitor("-r", "__ns:=/j100", "-p", "control:=false")
    gate = GateStatus(state=GateStatus.LATCHED, reason="emergency stop", rejected_stale=2, rejected_future=1)
    gate.commanded.linear.x, gate.commanded.angular.z = 0.5, nan
    odometry = Odometry()
    odometry.pose.pose.position.x = 2.0
    odometry.pose.pose.orientation = rotation_about_z(0.5)
    odometry.twist.twist.linear.x = 0.25
    transform = TransformStamped(child_frame_id="odom")
    transform.header.frame_id = "map"
    transform.transform.translation.x = 7.0
    transform.transform.rotation = rotation_about_z(-1.0)
    recorder = RecorderStatus(recording=True, bag="/data/bags/monday/", episode="003", messages_lost=4)
    explore = ExploreStatus(phase=ExploreStatus.SEEKING, nodes=12, predicted_steps=nan, node=-1)
    repeat(rig, GateStatus, "/j100/gate/status", gate)
    repeat(rig, RecorderStatus, "/j100/recorder/status", recorder)
    repeat(rig, TeleopStatus, "/j100/teleop/status", TeleopStatus(reason="deadman not pressed"))
    repeat(rig, ExploreStatus, "/j100/explore/status", explore)
    repeat(rig, Odometry, "/j100/platform/odom/filtered", odometry)
    repeat(rig, TFMessage, "/tf", TFMessage(transforms=[transform]))
    names = {"gate", "recorder", "teleop", "explore", "pose", "map"}

    async def look(page):
        state = await page.hear("state", lambda state: names <= set(state["panels"]))
        panels = state["panels"]
        assert state["robot"] == "j100"
        assert panels["gate"]["state"] == "latched"
        assert panels["gate"]["commanded"] == [0.5, None]
        assert panels["gate"]["rejected"] == 3
        assert (panels["recorder"]["bag"], panels["recorder"]["lost"]) == ("monday", 4)
        assert panels["teleop"]["reason"] == "deadman not pressed"
        assert (panels["explore"]["phase"], panels["explore"]["steps"]) == ("seeking", None)
        assert (panels["pose"]["yaw"], panels["pose"]["linear"]) == (0.5, 0.25)
        assert (panels["map"]["x"], round(panels["map"]["yaw"], 6)) == (7.0, -1.0)
        assert (await page.hear("path"))["points"] == [[2.0, 0.0]]

    visit(rig, look)


OUTLINE = GraphOutline(
    places=np.array([[0.0, 0.0], [2.0, -1.5]]),
    driven=np.array([[[0.0, 0.0], [2.0, -1.5]]]),
    seen=np.zeros((0, 2, 2)),
)


def test_the_page_gets_the_graph_of_before_it_was_there_and_no_broken_one(rig):
    publisher = rig.node.create_publisher(MarkerArray, "explore/graph", LATCHED)
    publisher.publish(graph_message(OUTLINE, Pose(5.0, 1.0, 2.0), None, Time()))
    rig.start_monitor()

    async def look(page):
        graph = await page.hear("graph")
        assert (graph["places"], graph["driven"]) == ([0, 0, 200, -150], [0, 0, 200, -150])
        assert (graph["seen"], graph["goal"], graph["target"]) == ([], [500, 100], None)

        broken = GraphOutline(np.array([[0.0, nan]]), OUTLINE.driven, OUTLINE.seen)
        publisher.publish(graph_message(broken, None, None, Time()))
        publisher.publish(graph_message(OUTLINE, None, (1.0, 0.25), Time()))
        graph = await page.hear("graph")
        assert (graph["places"], graph["goal"], graph["target"]) == ([0, 0, 200, -150], None, [100, 25])

    visit(rig, look)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda markers: markers[1].points.pop(), "expected two points a line of 'driven', got 1 in all"),
        (lambda markers: markers[2].points.extend(20_000 * [Point()]), "at most 20000 points a marker, got"),
        (lambda markers: setattr(markers[3].pose.position, "x", inf), "expected points within 1e+06 m"),
    ],
)
def test_a_graph_that_is_none_is_refused(change, message):
    graph = graph_message(OUTLINE, Pose(), (0.0, 0.0), Time())
    change(graph.markers)
    with pytest.raises(CairnError, match=re.escape(message)):
        graph_panel(graph)


@pytest.mark.parametrize("kind", ["raw", "compressed"])
def test_pictures_come_raw_or_compressed_and_bad_ones_do_not(rig, kind):
    rig.start_monitor(image=kind)
    colour = np.full((60, 80, 3), (20, 200, 90), np.uint8)
    if kind == "raw":
        good = Image(height=60, width=80, encoding="rgb8", step=240, data=colour.tobytes())
        bad, topic = Image(height=60, width=80, encoding="rgb8", step=10), "sensors/camera/image"
    else:
        data = cv2.imencode(".jpg", cv2.cvtColor(colour, cv2.COLOR_RGB2BGR))[1].tobytes()
        good = CompressedImage(format="jpeg", data=data)
        bad, topic = CompressedImage(format="jpeg", data=data[:-9]), "sensors/camera/image/compressed"
    repeat(rig, type(bad), topic, bad)

    async def look(page):
        await page.hear("state", lambda state: state["panels"].get("camera", {}).get("refused"))
        repeat(rig, type(good), topic, good)
        data = await page.hear("picture")
        shown = cv2.imdecode(np.frombuffer(data[8:], np.uint8), cv2.IMREAD_COLOR_RGB)
        assert np.abs(shown.astype(int) - colour).max() < 12

    visit(rig, look)


def test_a_read_only_monitor_can_not_publish_hands(rig):
    rig.start_monitor()

    async def look(page):
        await page.say("stop")
        assert "read-only" in (await page.hear("error"))["message"]

    visit(rig, look)
    assert rig.token == ""
    assert rig.node.count_publishers("teleop/operator") == 0


def test_hands_go_out_twenty_times_a_second_and_let_go_when_the_page_goes(rig):
    rig.start_monitor(control="true")
    closed = []

    async def drive(page):
        await page.take_control(rig.token)
        await page.hold(PATIENCE, until=lambda: rig.operator)
        await page.hold(2.0, forward=0.5, turn=-0.25, deadman=True, turbo=True)
        closed.append(time.monotonic())

    visit(rig, drive)
    rig.wait_for(lambda: not rig.newest().deadman)

    driving = [(at, message) for at, message in rig.operator if message.deadman]
    first = driving[0][1]
    assert (first.controller, first.forward, first.turn, first.turbo) == ("web", 0.5, -0.25, True)
    assert 0.04 < np.median(np.diff([at for at, _ in driving])) < 0.07
    stamps = [message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec for _, message in driving]
    assert all(later > earlier for earlier, later in pairwise(stamps))
    assert abs(stamps[-1] - time.time()) < PATIENCE
    last = rig.operator[-1]
    assert (last[1].forward, last[1].turn, last[1].deadman, last[1].lost) == (0.0, 0.0, False, True)
    assert last[0] - closed[0] < LIMIT


def test_a_silent_page_lets_go_within_300_ms(rig):
    rig.start_monitor(control="true")
    silent = []

    async def drive(page):
        await page.take_control(rig.token)
        await page.hold(PATIENCE, until=lambda: rig.operator)
        held = lambda: rig.newest().deadman  # noqa: E731
        await page.hold(PATIENCE, until=held, forward=1.0, deadman=True)
        silent.append(time.monotonic())
        await asyncio.to_thread(rig.wait_for, lambda: not held())

    visit(rig, drive)
    released = next(at for at, message in rig.operator if at > silent[0] and not message.deadman)
    assert 0.1 < released - silent[0] < LIMIT


def test_a_tap_on_stop_is_published_for_half_a_second(rig):
    rig.start_monitor(control="true")

    async def stop(page):
        await page.hear("state", lambda state: state["panels"].get("operator", {}).get("listeners"))
        await page.say("stop")
        await asyncio.to_thread(rig.wait_for, lambda: rig.operator and not rig.newest().emergency_stop)

    visit(rig, stop)
    pressed = [at for at, message in rig.operator if message.emergency_stop]
    assert len(pressed) >= 5
    assert 0.3 < pressed[-1] - pressed[0] < 0.6
    assert all(
        message == OperatorInput(header=message.header, controller="web") for _, message in rig.operator[-1:]
    )


def test_episodes_and_arming_are_asked_of_their_services(rig):
    asked = []

    def label(request, response):
        asked.append(request)
        response.success, response.message, response.episode = request.kind != 4, "noted", "007"
        return response

    def arm(request, response):
        response.success, response.message = False, "refused: the emergency stop is still pressed"
        return response

    rig.start_monitor(control="true")

    async def ask(page):
        await page.take_control(rig.token)
        await page.say("episode", kind="mark")
        missing = await page.hear("answer")
        assert not missing["success"]
        assert missing["message"] == "there is no recorder: nobody offers /recorder/episode"

        rig.node.create_service(LabelEpisode, "recorder/episode", label)
        rig.node.create_service(Trigger, "gate/arm", arm)
        answer = missing
        while "nobody offers" in answer["message"]:
            await page.say("episode", kind="start", task="to the gâte")
            answer = await page.hear("answer")
        assert (answer["to"], answer["success"], answer["message"]) == ("start", True, "noted")
        await page.say("episode", kind="failure", note="fell")
        assert not (await page.hear("answer"))["success"]
        answer = missing
        while "nobody offers" in answer["message"]:
            await page.say("arm")
            answer = await page.hear("answer")
        assert answer["message"] == "refused: the emergency stop is still pressed"

    visit(rig, ask)
    assert (asked[0].kind, asked[0].task) == (EpisodeEvent.START, "to the gâte")
    assert (asked[-1].kind, asked[-1].note, asked[-1].operator_name) == (EpisodeEvent.FAILURE, "fell", "Ada")


def test_the_token_is_printed_once_and_never_logged(rig):
    logs = []
    latched = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    rig.node.create_subscription(Log, "/rosout", lambda message: logs.append(message.msg), latched)
    process = rig.start_monitor(control="true")

    async def use(page):
        await page.take_control(rig.token)
        await asyncio.to_thread(rig.wait_for, lambda: "Ada has control" in logs)
        await page.say("sign_in", token=rig.token[:-1])
        await page.hear("error")

    visit(rig, use)
    rig.wait_for(lambda: any("the page is at" in line for line in logs))
    rig.wait_for(lambda: any("wrong token" in line for line in logs))
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert len(rig.token) >= 16
    assert rig.token[:-1] not in err
    assert not any(rig.token[:-1] in line for line in logs)
    assert "refused from pages so far: 1 x wrong token, 1 x bad message" in logs
    assert process.returncode == 0


def test_a_token_of_a_file_is_not_printed(rig, tmp_path):
    file = tmp_path / "token"
    file.write_text("correct horse battery\n")
    file.chmod(0o600)
    process = rig.start_monitor(control="true", token_file=file)

    async def use(page):
        await page.take_control("correct horse battery")

    visit(rig, use)
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert "correct" not in err
    assert rig.token == ""


def test_a_monitor_that_ends_lets_go_first(rig):
    process = rig.start_monitor(control="true")

    async def drive(page):
        await page.take_control(rig.token)
        await page.hold(PATIENCE, until=lambda: rig.operator)
        await page.hold(PATIENCE, until=lambda: rig.newest().deadman, forward=1.0, deadman=True)
        process.terminate()
        await asyncio.to_thread(rig.wait_for, lambda: rig.newest().lost)

    visit(rig, drive)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
