"""What the Jackal's launch file starts lets a person at the page take the robot from the policy."""

from __future__ import annotations

import asyncio
import re
import subprocess
import threading
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from cairn_interfaces.msg import GateStatus
from geometry_msgs.msg import TwistStamped
from monitor_rig import PATIENCE, MonitorRig
from nav_msgs.msg import Odometry
from page_client import visit
from rcl_interfaces.srv import GetParameters
from sensor_msgs.msg import Image

from cairn.launch.command import node_command
from cairn.launch.parser import read_launch_file

LAUNCH = Path(__file__).parents[2] / "launch"
POLICY = 0.25
"""Speed of the policy [m/s], other than any of the hands."""
LOSS_WATCHED = 3.0
"""How long the robot is watched after it was left [s]."""
LIMIT = 0.3
"""Of the time from closing a page to zero [s]."""


@pytest.fixture
def rig():
    made = MonitorRig()
    yield made
    made.close()


def start(rig, launch_file, **arguments):
    """Gate, teleop and monitor just as the launch file says; waits for the page."""
    nodes = {node.name: node for node in read_launch_file(LAUNCH / launch_file, arguments).nodes}
    for name in ("command_gate", "teleop", "monitor"):
        process = subprocess.Popen(node_command(nodes[name]), stderr=subprocess.PIPE, text=True)
        rig.processes.append(process)
        if name != "monitor":
            # Nobody reads what it says, and a full pipe would stop it.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            continue
        said = ""
        while not (rig.url and rig.token):
            line = process.stderr.readline()
            assert line, f"the monitor ended: {said}"
            said += line
            rig.url = rig.url or (re.findall(r"the page is at (http://\S+/),", line) or [""])[0]
            rig.token = rig.token or (re.findall(r"#token=(\S+)", line) or [""])[0]


def play_the_rest(rig):
    """Camera, odometry and a policy that wants to go ahead."""
    node = rig.node
    image = node.create_publisher(Image, "sensors/camera/image", 1)
    odometry = node.create_publisher(Odometry, "platform/odom/filtered", 1)
    policy = node.create_publisher(TwistStamped, "gate/policy", 1)
    numbers = count()

    def publish():
        stamp = node.get_clock().now().to_msg()
        picture = np.full((24, 32, 3), next(numbers) % 256, np.uint8)
        seen = Image(height=24, width=32, encoding="rgb8", step=96, data=picture.tobytes())
        driven = Odometry()
        driven.pose.pose.orientation.w = 1.0
        wanted = TwistStamped()
        wanted.twist.linear.x = POLICY
        for publisher, message in ((image, seen), (odometry, driven), (policy, wanted)):
            message.header.stamp = stamp
            publisher.publish(message)

    node.create_timer(0.05, publish)


def test_the_page_takes_the_jackal_from_the_policy_and_gives_it_back(rig):
    statuses = []
    rig.node.create_subscription(GateStatus, "gate/status", statuses.append, 10)
    start(rig, "jackal.launch.yaml", monitor="true", port="0")
    play_the_rest(rig)

    def drives(source, low, high):
        driving = statuses and statuses[-1].state == GateStatus.DRIVING and statuses[-1].source == source
        return driving and low <= rig.commands[-1][1] <= high

    rig.wait_for(lambda: drives("policy", 0.01, POLICY), "for the policy")

    async def obeyed(page, wanted, low, high):
        deadline = time.monotonic() + PATIENCE
        while not drives("teleop", low, high):
            assert time.monotonic() < deadline, f"hands that want {wanted} are not obeyed"
            # A busy machine may starve the page for longer than the deadman allows: press afresh.
            await page.hold(0.3)
            await page.hold(3.0, until=lambda: drives("teleop", low, high), forward=wanted, deadman=True)

    async def take_over(page):
        await page.take_control(rig.token)
        await obeyed(page, 1.0, 0.4, 0.5)
        await obeyed(page, 0.0, 0.0, 0.0)
        await page.hold(PATIENCE, until=lambda: drives("policy", 0.1, POLICY))
        assert drives("policy", 0.1, POLICY), "the policy goes on where hands let go"
        await obeyed(page, 1.0, 0.4, 0.5)

    async def take_over_again(page):
        await page.take_control(rig.token)
        await page.hold(LOSS_WATCHED)
        left = statuses[-1]
        assert left.state == GateStatus.STOPPED, "the page was closed while it drove: nobody has let go"
        assert left.reason == "the deadman switch was lost while it was held: press it afresh"
        assert all(command[1:] == (0.0, 0.0) for command in rig.commands if command[0] > closed[0] + LIMIT)
        await obeyed(page, 1.0, 0.4, 0.5)
        await page.hold(PATIENCE, until=lambda: drives("policy", 0.1, POLICY))
        assert drives("policy", 0.1, POLICY), "a fresh press and its release free the robot"
        await page.say("stop")
        await asyncio.to_thread(rig.wait_for, lambda: statuses[-1].state == GateStatus.LATCHED)

    visit(rig, take_over)
    closed = [time.monotonic()]
    visit(rig, take_over_again)
    rig.wait_for(lambda: rig.commands[-1][1:] == (0.0, 0.0))


def test_the_jackals_own_gamepad_stays_with_its_own_nodes(rig):
    start(rig, "jackal.launch.yaml", monitor="true", port="0")
    client = rig.node.create_client(GetParameters, "teleop/get_parameters")
    rig.wait_for(client.service_is_ready)
    answer = client.call_async(GetParameters.Request(names=["controllers", "idle"]))
    rig.wait_for(answer.done)
    controllers, idle = answer.result().values
    assert (controllers.string_array_value, idle.string_value) == (["operator"], "nothing")
