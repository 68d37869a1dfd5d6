"""What the robot's thread and the pages' thread hand each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cairn.monitor.access_token import AccessToken
from cairn.monitor.camera_feed import CameraFeed
from cairn.monitor.control_desk import ControlDesk
from cairn.monitor.driven_path import DrivenPath
from cairn.monitor.graph_slot import GraphSlot
from cairn.monitor.request_line import RequestLine
from cairn.monitor.robot_state import RobotState
from cairn.monitor.server_settings import ServerSettings


class Exchange:
    """Slots that hold the newest value, and one short queue: neither side ever waits for the other.

    Args:
        settings: of the server.
        robot: what the page calls the robot.

    Attributes:
        state, path, graph, camera: from the robot to the pages.
        desk, requests: from the pages to the robot.
        token: what allows control, None where nobody may control.
        refused: requests and messages of pages that were refused, by why; counted by the server's thread.

    Raises MonitorError when the token file is no good.
    """

    def __init__(self, settings: ServerSettings, robot: str) -> None:
        self.settings = settings
        self.robot = robot
        self.state = RobotState()
        self.path = DrivenPath()
        self.graph = GraphSlot()
        self.camera = CameraFeed(settings.picture_width, settings.picture_quality)
        self.desk = ControlDesk(settings.deadman_timeout, settings.longest_delay)
        self.requests = RequestLine()
        self.token = _token(settings)
        self.refused: Counter[str] = Counter()


def _token(settings: ServerSettings) -> AccessToken | None:
    if not settings.control:
        return None
    if settings.token_file:
        return AccessToken.read(Path(settings.token_file).expanduser())
    return AccessToken.random()
