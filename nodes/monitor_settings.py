"""What the monitor can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import setting
from cairn.monitor.server_settings import ServerSettings


@dataclass(frozen=True)
class MonitorSettings(ServerSettings):
    """The server's settings and those of its ROS side."""

    image: str = setting(
        "message of the camera topic: raw subscribes sensors/camera/image (Image), compressed"
        " sensors/camera/image/compressed (CompressedImage)",
        "raw",
        choices=("raw", "compressed"),
        fixed=True,
    )
