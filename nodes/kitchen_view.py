"""A simulated kitchen on topics: its camera, and whether its task is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Bool, String

from cairn.hardware.camera import CameraFrame
from cairn.nodes.camera_info_conversion import camera_info_from_model
from cairn.nodes.image_publisher import ImagePublisher
from cairn.nodes.qos_profiles import LATCHED
from cairn.nodes.stamps import stamp_from_seconds

if TYPE_CHECKING:
    from cairn.hardware.sim.kitchens.kitchen_simulation import KitchenSimulation

CAMERA_FRAME = "camera_optical"


class KitchenView:
    """Publishes what the camera over the shoulder sees, the task in words, and whether it is done; latched.

    Args:
        node: whose topics these are.
        kitchen: stepped by somebody else.
        rate: pictures a simulated second.
        size: of the pictures, width and height [pixels].
    """

    def __init__(self, node: Node, kitchen: KitchenSimulation, rate: float, size: tuple[int, int]) -> None:
        self._kitchen = kitchen
        self._period = 1.0 / rate
        self._lens = kitchen.kitchen.camera.model.scaled(*size)
        self._due = self._period  # a stamp of zero would count as not set
        self._sequence = 0
        self._was_done: bool | None = None
        self._images = ImagePublisher(node)
        self._infos = node.create_publisher(CameraInfo, "sensors/camera/camera_info", 10)
        self._done = node.create_publisher(Bool, "simulation/task_done", LATCHED)
        self._instruction = node.create_publisher(String, "simulation/instruction", LATCHED)
        self._instruction.publish(String(data=kitchen.kitchen.instruction))

    def publish(self, now: float) -> None:
        """A picture where one is due at `now` [simulated s], and a change of whether the task is done."""
        if now >= self._due:
            # What a slow machine missed is not caught up.
            self._due = max(self._due, now - self._period) + self._period
            image = self._kitchen.image(size=(self._lens.width, self._lens.height))
            self._infos.publish(camera_info_from_model(self._lens, CAMERA_FRAME, stamp_from_seconds(now)))
            self._images.publish(CameraFrame(image, now, self._sequence, CAMERA_FRAME))
            self._sequence += 1
        is_done = self._kitchen.is_done()
        if is_done != self._was_done:
            self._was_done = is_done
            self._done.publish(Bool(data=is_done))
