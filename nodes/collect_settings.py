"""What the collect node can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import InvalidSetting, check_settings, setting


@dataclass(frozen=True)
class CollectNodeSettings:
    """Walk, limits and episodes.  Raises InvalidSetting; all are fixed while it runs."""

    seed: int = setting("of the random walk", 0, minimum=0, maximum=2**31 - 1, fixed=True)
    speed: float = setting("fastest [m/s]", 0.6, minimum=0.05, maximum=2.0, fixed=True)
    turn_rate: float = setting("fastest turn [rad/s]", 1.0, minimum=0.1, maximum=3.0, fixed=True)
    rate: float = setting("decisions per second", 5.0, minimum=1.0, maximum=20.0, fixed=True)
    time_budget: float = setting(
        "after which the collection ends [s]", 600.0, minimum=1.0, maximum=86400.0, fixed=True
    )
    distance_budget: float = setting(
        "driven, after which it ends [m]", 200.0, minimum=1.0, maximum=100000.0, fixed=True
    )
    geofence_radius: float = setting(
        "about the start, before which the robot turns back; 0: none [m]",
        0.0,
        minimum=0.0,
        maximum=10000.0,
        fixed=True,
    )
    geofence: tuple[float, ...] = setting(
        "corners x0, y0, x1, y1 ... in odom instead of a radius; empty: none [m]", (), fixed=True
    )
    stuck_after: float = setting(
        "commanded motion without any that counts as a contact [s]",
        1.0,
        minimum=0.2,
        maximum=10.0,
        fixed=True,
    )
    episode_duration: float = setting("of an episode [s]", 60.0, minimum=5.0, maximum=3600.0, fixed=True)
    end_episode_at_collision: bool = setting(
        "whether a contact ends an episode a second later", True, fixed=True
    )
    task: str = setting("of the episodes", "collect", fixed=True)
    require_recorder: bool = setting(
        "whether the robot waits while nobody serves recorder/episode", True, fixed=True
    )
    bundle: str = setting(
        "policy bundle whose range head sees walls ahead, a directory or a shipped name; empty: none",
        "",
        fixed=True,
    )
    base_frame: str = setting("frame of commands", "base_link", fixed=True)

    def __post_init__(self) -> None:
        check_settings(self)
        if self.geofence and self.geofence_radius:
            raise InvalidSetting("parameter geofence: expected corners or geofence_radius, got both")
