"""The settings of the command gate."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting
from cairn.hardware.twist import TwistLimits


@dataclass(frozen=True)
class GateSettings:
    """Limits, watchdogs and who needs which of them.  Raises InvalidSetting.

    Only the limits can be changed while the gate runs.
    """

    linear_speed: float = setting("limit of forward and backward speed [m/s]", 1.0, minimum=0.01, maximum=5.0)
    angular_speed: float = setting("limit of turning speed [rad/s]", 1.0, minimum=0.01, maximum=10.0)
    linear_acceleration: float = setting("limit of speeding up [m/s^2]", 1.0, minimum=0.05, maximum=20.0)
    angular_acceleration: float = setting("limit of turning up [rad/s^2]", 2.0, minimum=0.05, maximum=50.0)
    linear_braking: float = setting(
        "deceleration when a source asks for less [m/s^2]; a fault stops at once",
        2.0,
        minimum=0.05,
        maximum=20.0,
    )
    angular_braking: float = setting(
        "angular deceleration when a source asks for less [rad/s^2]; a fault stops at once",
        4.0,
        minimum=0.05,
        maximum=50.0,
    )
    policy_timeout: float = setting(
        "how long a command of the policy stands [s]; at least 1.2 periods of the policy",
        0.12,
        minimum=0.02,
        maximum=2.0,
        fixed=True,
    )
    policy_max_age: float = setting(
        "oldest observation that a command of the policy may come from [s]",
        0.5,
        minimum=0.02,
        maximum=5.0,
        fixed=True,
    )
    teleop_timeout: float = setting(
        "how long a command of teleop stands [s]", 0.12, minimum=0.02, maximum=2.0, fixed=True
    )
    teleop_max_age: float = setting(
        "oldest stamp of a command of teleop [s]", 0.3, minimum=0.02, maximum=5.0, fixed=True
    )
    future_tolerance: float = setting(
        "how far a stamp may be ahead of the clock [s]", 0.1, minimum=0.0, maximum=1.0, fixed=True
    )
    require_camera: bool = setting(
        "whether the robot may move only while camera images arrive", True, fixed=True
    )
    camera_timeout: float = setting(
        "longest silence of the camera [s]; about 1.5 periods", 0.16, minimum=0.02, maximum=5.0, fixed=True
    )
    camera_max_age: float = setting(
        "oldest stamp of an image [s]", 0.5, minimum=0.02, maximum=5.0, fixed=True
    )
    camera_frozen_frames: int = setting(
        "images of the same content, in a row, that mean a frozen camera; 0: any content will do"
        " (a simulated camera without noise)",
        5,
        minimum=0,
        maximum=100,
        fixed=True,
    )
    require_odometry: bool = setting(
        "whether the robot may move only while odometry arrives", True, fixed=True
    )
    odometry_timeout: float = setting(
        "longest silence of the odometry [s]", 0.16, minimum=0.02, maximum=5.0, fixed=True
    )
    odometry_max_age: float = setting(
        "oldest stamp of odometry [s]", 0.5, minimum=0.02, maximum=5.0, fixed=True
    )
    resume_frames: int = setting(
        "good messages in a row after which a sensor is trusted (again)",
        5,
        minimum=1,
        maximum=100,
        fixed=True,
    )
    sensors_guard_teleop: bool = setting(
        "whether a lost camera or odometry also stops teleop; if not, a person can drive the robot home",
        False,
        fixed=True,
    )
    deadman: str = setting(
        "which sources need the deadman switch on gate/deadman",
        "none",
        choices=("none", "teleop", "all"),
        fixed=True,
    )
    deadman_timeout: float = setting(
        "silence of the deadman switch that counts as its loss [s]",
        0.4,
        minimum=0.02,
        maximum=0.5,
        fixed=True,
    )
    emergency_stop_timeout: float = setting(
        "silence of the emergency stop topic that stops the robot [s]; 0: silence is fine",
        0.0,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    non_finite_latch: int = setting(
        "non-finite commands of one source, since armed, that latch the stop",
        3,
        minimum=1,
        maximum=100,
        fixed=True,
    )
    stop_on_foreign_publisher: bool = setting(
        "whether a second publisher on the command topic stops the robot, besides the alarm", True, fixed=True
    )

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def limits(self) -> TwistLimits:
        return TwistLimits(
            self.linear_speed, self.angular_speed, self.linear_acceleration, self.angular_acceleration
        )
