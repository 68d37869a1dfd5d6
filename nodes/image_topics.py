"""Where a camera's images come, raw or compressed; names and types as image_transport has them."""

from __future__ import annotations

from typing import Any

from sensor_msgs.msg import CompressedImage, Image

from cairn.hardware.setting import setting

IMAGE_TOPICS: dict[str, tuple[type[Image] | type[CompressedImage], str]] = {
    "raw": (Image, "sensors/camera/image"),
    "compressed": (CompressedImage, "sensors/camera/image/compressed"),
}


def image_setting() -> Any:
    """Which of them a node listens to."""
    told = "; ".join(f"{name}: {topic} ({kind.__name__})" for name, (kind, topic) in IMAGE_TOPICS.items())
    return setting(f"images to listen to; {told}", "raw", choices=tuple(IMAGE_TOPICS), fixed=True)
