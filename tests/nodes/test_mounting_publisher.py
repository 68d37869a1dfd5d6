"""The camera's process says where the camera is, if that was calibrated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

from cairn.calibration.camera_info_file import write_yaml
from cairn.calibration.transform_file import CalibratedTransform
from cairn.nodes.qos_profiles import LATCHED

PATIENCE = 40.0


def test_a_kept_mounting_is_published_as_static_tf(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path / "kept"))
    device = tmp_path / "front"
    device.mkdir()
    cv2.imwrite(str(device / "0.png"), np.zeros((48, 64, 3), np.uint8))
    pose = np.eye(4)
    pose[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    pose[:3, 3] = 0.2, 0.03, 0.55
    mounting = CalibratedTransform("base_link", "front_optical", pose, np.zeros(6), {})
    write_yaml(tmp_path / "kept/front.tf.yaml", mounting.document())
    parameters = {"driver": "file", "device": str(device), "width": 64, "height": 48, "horizontal_fov": 90.0}
    words = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
    command = [sys.executable, "-m", "cairn.nodes.camera_node", "--ros-args", *words]
    process = subprocess.Popen(command, env=dict(os.environ))
    context = Context()
    rclpy.init(args=[], context=context)
    node = Node("listener", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    heard: list[TFMessage] = []
    node.create_subscription(TFMessage, "/tf_static", heard.append, LATCHED)
    try:
        deadline = time.monotonic() + PATIENCE
        while not heard and time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.1)
        assert heard, "the mounting is published once, for whoever comes later too"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
    (told,) = heard[0].transforms
    # The driver's own frame is the child, whatever the calibration called the camera.
    assert (told.header.frame_id, told.child_frame_id) == ("base_link", "camera_optical")
    place, turn = told.transform.translation, told.transform.rotation
    assert (place.x, place.y, place.z) == pytest.approx((0.2, 0.03, 0.55))
    assert abs(turn.x) == abs(turn.y) == abs(turn.z) == abs(turn.w) == pytest.approx(0.5)
