"""Bags of a drive in the simulator, made without ROS, and altered copies of them."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rosbags.typesys import Stores, get_typestore

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.evaluation.replay.recorded_world import RecordedWorld
from cairn.hardware.sim.simulated_robot import SimulatedRobot
from cairn.hardware.twist import Twist

STORE = get_typestore(Stores.ROS2_JAZZY)
COMMAND, ODOMETRY, TRUTH = "/cmd_vel", "/platform/odom/filtered", "/simulation/ground_truth"
EFFECT = "/simulation/applied_command"
IMAGE, INFO = "/sensors/camera/image", "/sensors/camera/camera_info"
TYPES = {
    COMMAND: "geometry_msgs/msg/TwistStamped",
    ODOMETRY: "nav_msgs/msg/Odometry",
    TRUTH: "nav_msgs/msg/Odometry",
    EFFECT: "geometry_msgs/msg/TwistStamped",
    IMAGE: "sensor_msgs/msg/Image",
    INFO: "sensor_msgs/msg/CameraInfo",
}
PERIOD = 0.02  # [s] between commands and between odometry messages
Alteration = Callable[[int, float, float], tuple[int, float, float]]
"""Of a command: time [ns], forward, turn."""


def topic(name: str, type_name: str) -> Topic:
    return Topic(name, type_name, STORE.generate_msgdef(type_name, ros_version=2)[0])


def open_bag(bag: Path, attachments: tuple[Attachment, ...] = (), topics: Any = TYPES) -> BagWriter:
    provenance = Provenance("simulation", "pytest", attachments=attachments)
    writer = BagWriter(bag, StorageOptions(min_free_mb=0.0, chunk_kb=64), provenance)
    for name in topics:
        writer.add_topic(topic(name, topics[name]))
    return writer


def make(name: str, *values: Any) -> Any:
    return STORE.types[name](*values)


def stamp(nanoseconds: int) -> Any:
    return make("builtin_interfaces/msg/Time", *divmod(nanoseconds, 1_000_000_000))


def header(nanoseconds: int, frame: str) -> Any:
    return make("std_msgs/msg/Header", stamp(nanoseconds), frame)


def twist(linear: float, angular: float) -> Any:
    vector = "geometry_msgs/msg/Vector3"
    return make("geometry_msgs/msg/Twist", make(vector, linear, 0.0, 0.0), make(vector, 0.0, 0.0, angular))


def twist_stamped(nanoseconds: int, linear: float, angular: float) -> bytes:
    message = make(TYPES[COMMAND], header(nanoseconds, "base_link"), twist(linear, angular))
    return bytes(STORE.serialize_cdr(message, TYPES[COMMAND]))


def odometry(nanoseconds: int, pose: tuple[float, float, float], linear: float, angular: float) -> bytes:
    point = make("geometry_msgs/msg/Point", pose[0], pose[1], 0.0)
    turned = make("geometry_msgs/msg/Quaternion", 0.0, 0.0, sin(pose[2] / 2), cos(pose[2] / 2))
    placed = make("geometry_msgs/msg/Pose", point, turned)
    unknown = np.zeros(36)
    message = make(
        TYPES[ODOMETRY],
        header(nanoseconds, "odom"),
        "base_link",
        make("geometry_msgs/msg/PoseWithCovariance", placed, unknown),
        make("geometry_msgs/msg/TwistWithCovariance", twist(linear, angular), unknown),
    )
    return bytes(STORE.serialize_cdr(message, TYPES[ODOMETRY]))


def drive(bag: Path, world: Path, seconds: float = 20.0, seed: int = 3) -> Path:
    """Drive to and fro with turns that change twice a second, as a real command stream does."""
    given = RecordedWorld(world=str(world), seed=seed, conditions="clear")
    parameters = yaml.safe_dump({"/sim": {"ros__parameters": dict(vars(given))}}).encode()
    writer = open_bag(bag, (Attachment("parameters/sim.yaml", parameters),))
    simulation = given.open()
    robot, random = SimulatedRobot(simulation), np.random.default_rng(seed)
    robot.place(given.start(simulation))
    robot.base.start()
    command = Twist()
    for step in range(round(seconds / PERIOD)):
        if step >= 50 and step % 25 == 0:
            forward = 1.0 if (step // 250) % 2 == 0 else -1.0
            command = Twist(forward * float(random.uniform(0.2, 0.6)), float(random.uniform(-0.8, 0.8)))
        until = robot.time + PERIOD
        while not robot.has_reached(until):
            robot.advance(until)
            now = round(robot.time * 1e9)
            state = robot.base.odometry()
            measured = (state.linear, state.angular)
            writer.write(ODOMETRY, odometry(now, (state.x, state.y, state.yaw), *measured), now, now)
            writer.write(TRUTH, odometry(now, simulation.pose, *measured), now, now)
            for since, told in robot.take_effects():
                data = twist_stamped(round(since * 1e9), told.linear, told.angular)
                writer.write(EFFECT, data, now, now)
        robot.base.command(command)
        writer.write(COMMAND, twist_stamped(now, command.linear, command.angular), now, now)
    simulation.close()
    writer.close()
    return bag


def altered(bag: Path, copy: Path, alter: Alteration) -> Path:
    """A copy whose commands are others, and everything else the same."""
    reader = BagReader(bag)
    writer = open_bag(copy, tuple(reader.attachments))
    for message in reader.messages():
        time, data = message.log_time, message.data
        if message.topic.name == COMMAND:
            content = reader.decode(message).twist
            time, linear, angular = alter(time, content.linear.x, content.angular.z)
            data = twist_stamped(time, linear, angular)
        writer.write(message.topic.name, data, time, time)
    writer.close()
    return copy


def thinned(bag: Path, copy: Path, keep: Callable[[str, int], bool]) -> Path:
    """A copy with some messages left out, by topic and time [ns]."""
    reader = BagReader(bag)
    writer = open_bag(copy, tuple(reader.attachments))
    for message in reader.messages():
        if keep(message.topic.name, message.log_time):
            writer.write(message.topic.name, message.data, message.log_time, message.log_time)
    writer.close()
    return copy
