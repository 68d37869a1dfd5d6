"""A rosbag2 bag for each trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from math import nan
from pathlib import Path
from typing import Any

from cairn.episodes.bag_builder import BagBuilder
from cairn.episodes.episode import METADATA_PREFIX, Episode, Verdict
from cairn.episodes.formats import bag_messages as messages
from cairn.episodes.formats.dataset_writer import DatasetWriter
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.message_factory import SECOND
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step import Step
from cairn.episodes.topic import Topic
from cairn.episodes.trajectory import TrajectoryInfo
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

TYPES = {
    "sensors/camera/image/compressed": "sensor_msgs/msg/CompressedImage",
    "sensors/camera/image": "sensor_msgs/msg/Image",
    "sensors/camera/camera_info": "sensor_msgs/msg/CameraInfo",
    "platform/odom/filtered": "nav_msgs/msg/Odometry",
    "cmd_vel": "geometry_msgs/msg/TwistStamped",
    "collision": messages.COLLISION_TYPE,
    "sensors/imu_0/data": "sensor_msgs/msg/Imu",
    "sensors/imu_0/magnetic_field": "sensor_msgs/msg/MagneticField",
    "sensors/imu_0/compass_bearing": "std_msgs/msg/Float64",
    "sensors/gps_0/fix": "sensor_msgs/msg/NavSatFix",
    "sensors/lidar2d_0/scan": "sensor_msgs/msg/LaserScan",
}
"""Of our topics, by relative name; those that `TopicMapping` looks for first."""


class BagFolderWriter(DatasetWriter):
    """Writes `<name>/`, a bag with our topics in `namespace` and the trajectory as its one kept episode.

    An image recorded as JPEG stays as it is; others are written as raw pixels, so that nothing is lost.  A
    velocity that is unknown is NaN in the odometry.
    """

    def __init__(self, directory: Path, namespace: str) -> None:
        self._directory = directory
        self._namespace = namespace.strip("/")
        self._bag = ExitStack()
        self._info: TrajectoryInfo | None = None

    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        self._info = info
        self._topics: dict[str, Topic] = {}
        self._start = self._end = _nanoseconds(first.step.stamp)
        reason = f"converted from {info.source.name}"
        self._builder = self._bag.enter_context(BagBuilder(self._directory / info.name, reason))
        if info.camera is not None:
            self._add(
                "sensors/camera/camera_info", self._start, messages.camera_info(self._start, info.camera)
            )

    def add(self, judged: JudgedStep) -> None:
        self._end = stamp = _nanoseconds(judged.step.stamp)
        for topic, message in _messages(judged.step, stamp):
            self._add(topic, stamp, message)

    def end(self) -> None:
        assert self._info is not None
        info, self._info = self._info, None
        episode = Episode(
            info.name,
            self._start,
            self._end,
            Verdict.KEPT,
            info.outcome,
            task=info.task,
            operator=info.operator,
        )
        self._builder.describe(METADATA_PREFIX + episode.name, episode.as_metadata())
        self._bag.close()

    def close(self) -> None:
        if self._info is not None:
            # Leaving the builder with an error is how it is told to discard what it has.
            self._bag.__exit__(RuntimeError, RuntimeError("not completed"), None)

    def _add(self, relative: str, stamp: int, message: Any) -> None:
        if relative not in self._topics:
            name = f"/{self._namespace}/{relative}" if self._namespace else f"/{relative}"
            self._topics[relative] = messages.topic_of(name, TYPES[relative])
            self._builder.add_topic(self._topics[relative])
        data = messages.serialise(message)
        self._builder.add(BagMessage(self._topics[relative], stamp, stamp, 0, data))


def _messages(step: Step, stamp: int) -> Iterator[tuple[str, Any]]:
    if step.jpeg is not None:
        yield "sensors/camera/image/compressed", messages.compressed_image(stamp, step.jpeg)
    else:
        yield "sensors/camera/image", messages.image(stamp, step.picture)
    velocity = step.velocity or Twist(nan, nan)
    yield "platform/odom/filtered", messages.odometry(stamp, step.pose, velocity.linear, velocity.angular)
    if step.command is not None:
        yield "cmd_vel", messages.twist_stamped(stamp, step.command.linear, step.command.angular)
    if step.collision is not None:
        yield "collision", messages.collision_state(stamp, step.collision)
    if step.imu is not None:
        yield (
            "sensors/imu_0/data",
            messages.imu(stamp, step.imu.linear_acceleration, step.imu.angular_velocity),
        )
        if step.imu.magnetometer is not None:
            yield "sensors/imu_0/magnetic_field", messages.magnetic_field(stamp, step.imu.magnetometer)
        if step.imu.compass_bearing is not None:
            yield "sensors/imu_0/compass_bearing", messages.bearing(step.imu.compass_bearing)
    if step.gps is not None:
        yield "sensors/gps_0/fix", messages.fix(stamp, step.gps.latitude, step.gps.longitude, step.gps.fixed)
    if step.lidar is not None:
        yield "sensors/lidar2d_0/scan", messages.scan(stamp, step.lidar)


def _nanoseconds(stamp: float) -> int:
    if not 0.0 <= stamp < 2.0**31:
        raise CairnError(f"a message's stamp must lie in [0, 2^31) s, got {stamp}")
    # A header of zero counts as not set.
    return max(1, round(stamp * SECOND))
