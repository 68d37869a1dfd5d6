"""The node's process with a folder of images for a camera."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from cairn.nodes.camera_info_conversion import model_from_camera_info
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.stamps import seconds_from_stamp

PATIENCE = 40.0
COMMAND = [sys.executable, "-m", "cairn.nodes.camera_node", "--ros-args", "-r", "__ns:=/robot"]


def arguments(folder: Path, **changes: object) -> list[str]:
    parameters = {
        "driver": "file",
        "device": str(folder),
        "width": 64,
        "height": 48,
        "rate": 10.0,
        "horizontal_fov": 90.0,
        "loop": "true",
        "retry_period": 0.1,
    } | changes
    return COMMAND + [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]


class Listener:
    """Hears what the node publishes."""

    def __init__(self) -> None:
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
        self.context = Context()
        rclpy.init(args=[], context=self.context)
        self.node = Node("listener", context=self.context, namespace="robot")
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.images: list[Image] = []
        self.ages: list[float] = []
        self.infos: list[CameraInfo] = []
        self.statuses: list[DiagnosticStatus] = []
        self.node.create_subscription(Image, "sensors/camera/image", self._on_image, qos_profile_sensor_data)
        self.node.create_subscription(CameraInfo, "sensors/camera/camera_info", self.infos.append, 10)
        self.node.create_subscription(
            DiagnosticArray, "/diagnostics", lambda array: self.statuses.extend(array.status), 10
        )

    def _on_image(self, image: Image) -> None:
        self.images.append(image)
        self.ages.append(time.time() - seconds_from_stamp(image.header.stamp))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never came true; last status: {self.statuses[-1:]}"
            self.executor.spin_once(timeout_sec=0.1)

    def last(self) -> DiagnosticStatus:
        return self.statuses[-1] if self.statuses else DiagnosticStatus(level=DiagnosticStatus.STALE)

    def change_state(self, transition: int) -> bool:
        client = self.node.create_client(ChangeState, "camera/change_state")
        self.wait_until(client.service_is_ready)
        request = ChangeState.Request()
        request.transition.id = transition
        future = client.call_async(request)
        self.wait_until(future.done)
        self.node.destroy_client(client)
        return bool(future.result().success)

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "images"
    made.mkdir()
    for index in range(3):
        cv2.imwrite(str(made / f"{index}.png"), np.full((48, 64, 3), (0, 0, 200), np.uint8))
    return made


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def start() -> Iterator[Callable[[list[str]], subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def run(command: list[str]) -> subprocess.Popen[str]:
        processes.append(subprocess.Popen(command, text=True, stderr=subprocess.PIPE))
        return processes[-1]

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_publishes_images_with_their_info_and_health_and_ends_on_a_signal(
    folder: Path, listener: Listener, start: Callable[[list[str]], subprocess.Popen[str]]
) -> None:
    process = start(arguments(folder))
    listener.wait_until(lambda: len(listener.images) >= 20 and len(listener.infos) >= 20)
    frame = ImageReader(64, 48).read(listener.images[-1])
    assert frame.image[..., 0].mean() > 190
    assert frame.frame_id == "camera_optical"
    assert min(listener.ages) < 0.5
    stamps = [(image.header.stamp.sec, image.header.stamp.nanosec) for image in listener.images]
    info_stamps = {(info.header.stamp.sec, info.header.stamp.nanosec) for info in listener.infos}
    assert stamps == sorted(set(stamps))
    assert len(info_stamps & set(stamps)) >= 15
    model = model_from_camera_info(listener.infos[-1])
    assert (model.width, model.height, model.horizontal_fov) == pytest.approx((64, 48, 90.0))
    listener.wait_until(lambda: listener.last().message == "streaming")
    status = listener.last()
    assert (status.name, status.level, status.hardware_id) == (
        "camera: file",
        DiagnosticStatus.OK,
        str(folder),
    )
    assert float(status.values[0].value) == pytest.approx(10, rel=0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_who_wants_jpeg_gets_the_same_images_small(
    folder: Path, listener: Listener, start: Callable[[list[str]], subprocess.Popen[str]]
) -> None:
    small: list[CompressedImage] = []
    topic = "sensors/camera/image/compressed"
    listener.node.create_subscription(CompressedImage, topic, small.append, qos_profile_sensor_data)
    start(arguments(folder))
    listener.wait_until(lambda: len(small) >= 5 and len(listener.images) >= 5)
    stamps = {(image.header.stamp.sec, image.header.stamp.nanosec) for image in listener.images}
    assert {(image.header.stamp.sec, image.header.stamp.nanosec) for image in small} & stamps
    assert small[-1].header.frame_id == "camera_optical"
    assert len(small[-1].data) < 48 * 64
    frame = ImageReader(64, 48).read(small[-1])
    assert np.abs(frame.image.astype(int) - (200, 0, 0)).max() < 10


def test_a_lost_camera_is_an_error_until_it_is_back(
    folder: Path, listener: Listener, start: Callable[[list[str]], subprocess.Popen[str]]
) -> None:
    start(arguments(folder))
    listener.wait_until(lambda: len(listener.images) >= 3)
    away = folder.with_name("away")
    folder.rename(away)
    listener.wait_until(lambda: listener.last().level == DiagnosticStatus.ERROR)
    assert "which is neither" in listener.last().message or "can't be decoded" in listener.last().message
    seen = len(listener.images)
    away.rename(folder)
    listener.wait_until(lambda: len(listener.images) > seen)
    # Not OK: a starved machine may lose frames, which is a warning.
    listener.wait_until(lambda: listener.last().level in (DiagnosticStatus.OK, DiagnosticStatus.WARN))
    assert {value.key: value.value for value in listener.last().values}["reopened"] == "1"


def test_deactivation_silences_it(
    folder: Path, listener: Listener, start: Callable[[list[str]], subprocess.Popen[str]]
) -> None:
    start(arguments(folder, autostart="false"))
    assert listener.change_state(Transition.TRANSITION_CONFIGURE)
    listener.wait_until(lambda: listener.last().message == "not started")
    assert not listener.images
    assert listener.change_state(Transition.TRANSITION_ACTIVATE)
    listener.wait_until(lambda: len(listener.images) >= 3)
    assert listener.change_state(Transition.TRANSITION_DEACTIVATE)
    listener.wait_until(lambda: listener.last().message == "stopped")
    seen = len(listener.images)
    listener.statuses.clear()
    listener.wait_until(lambda: len(listener.statuses) >= 1)
    assert len(listener.images) == seen
    assert listener.change_state(Transition.TRANSITION_ACTIVATE)
    listener.wait_until(lambda: len(listener.images) > seen)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"driver": "webcam"}, "driver: expected str one of realsense, uvc, file, got 'webcam'"),
        ({"exposure": 3}, "unknown parameter exposure; valid are driver, device"),
        ({"horizontal_fov": 0.0}, "needs either calibration"),
    ],
)
def test_bad_parameters_end_it_with_a_message(folder: Path, changes: dict[str, object], message: str) -> None:
    ended = subprocess.run(
        arguments(folder, **changes), capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
