"""What a data set should not contain."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting


@dataclass(frozen=True)
class QualityLimits:
    """Thresholds for leaving out steps.  Raises InvalidSetting when one is out of range."""

    min_steps: int = setting("fewest steps without a gap that make a trajectory", 8, minimum=1, maximum=1000)
    max_reverse: float = setting(
        "speed backwards above which a step is left out [m/s]", 0.1, minimum=0.0, maximum=100.0
    )
    max_speed: float = setting(
        "speed between two steps above which odometry has jumped [m/s]", 3.0, minimum=0.01, maximum=1000.0
    )
    max_turn_rate: float = setting(
        "turn rate between two steps above which odometry has jumped [rad/s]",
        4.0,
        minimum=0.01,
        maximum=1000.0,
    )
    min_sharpness: float = setting(
        "variance of the Laplacian of the grey image below which it is blurred; 0: not checked",
        0.0,
        minimum=0.0,
        maximum=1e6,
    )
    stale_distance: float = setting(
        "distance [m] or turn [rad] over which an image that has not changed at all is stale",
        0.05,
        minimum=0.001,
        maximum=100.0,
    )
    max_gap: float = setting(
        "longest time between two steps of a trajectory, in periods of its rate",
        1.75,
        minimum=1.0,
        maximum=100.0,
    )

    def __post_init__(self) -> None:
        check_settings(self)
