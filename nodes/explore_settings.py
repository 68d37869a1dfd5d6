"""What the explore node can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cairn.hardware.setting import check_settings, setting
from cairn.nodes.image_topics import image_setting


@dataclass(frozen=True)
class ExploreNodeSettings:
    """Policy, speeds, budgets and the map file.  Raises InvalidSetting; all are fixed while it runs."""

    bundle: str = setting("policy bundle: a directory or a shipped name", "recon", fixed=True)
    image: str = image_setting()
    provider: str = setting("execution provider of ONNX Runtime; empty: the best there is", "", fixed=True)
    speed: float = setting("cruise speed [m/s]", 1.0, minimum=0.05, maximum=5.0, fixed=True)
    turn_rate: float = setting("fastest turn [rad/s]", 1.2, minimum=0.05, maximum=5.0, fixed=True)
    time_budget: float = setting(
        "of a search whose goal names none [s]", 1200.0, minimum=1.0, maximum=86400.0, fixed=True
    )
    distance_budget: float = setting(
        "of a search whose goal names none [m]", 2000.0, minimum=1.0, maximum=100000.0, fixed=True
    )
    goal_within: float = setting(
        "drive from the start within which the goal is expected; 0: anywhere [m]",
        60.0,
        minimum=0.0,
        maximum=100000.0,
        fixed=True,
    )
    odometry_tolerance: float = setting(
        "how much older than an image its odometry may be [s]", 0.1, minimum=0.001, maximum=2.0, fixed=True
    )
    map_file: str = setting(
        "map to save to while driving, and to begin with where it exists; empty: none", "", fixed=True
    )
    autosave_period: float = setting(
        "time between two saves of the map [s]", 30.0, minimum=1.0, maximum=3600.0, fixed=True
    )
    base_frame: str = setting("frame of commands and waypoints", "base_link", fixed=True)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def map_path(self) -> Path | None:
        """Where the map is kept, if anywhere."""
        return Path(self.map_file).expanduser() if self.map_file else None
