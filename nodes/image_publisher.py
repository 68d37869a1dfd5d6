"""A camera's images, raw and as JPEG."""

from __future__ import annotations

from rclpy.node import Node

from cairn.hardware.camera import CameraFrame
from cairn.nodes.image_conversion import compressed_from_frame, image_from_frame
from cairn.nodes.image_topics import IMAGE_TOPICS

_QUEUE = 10


class ImagePublisher:
    """Publishes frames on `sensors/camera/image` and, while somebody listens there, as JPEG beside it."""

    def __init__(self, node: Node) -> None:
        self._raw = node.create_publisher(*IMAGE_TOPICS["raw"], _QUEUE)
        self._compressed = node.create_publisher(*IMAGE_TOPICS["compressed"], _QUEUE)

    def publish(self, frame: CameraFrame) -> None:
        # The robot drives by the raw image: it goes first.
        self._raw.publish(image_from_frame(frame))
        if self._compressed.get_subscription_count():
            self._compressed.publish(compressed_from_frame(frame))
