"""What the monitor can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.monitor.server_settings import ServerSettings
from cairn.nodes.image_topics import image_setting


@dataclass(frozen=True)
class MonitorSettings(ServerSettings):
    """The server's settings and those of its ROS side."""

    image: str = image_setting()
