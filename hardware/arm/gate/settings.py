"""The settings of the arm's gate."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.arm.cartesian_servo import ServoSettings
from cairn.hardware.setting import setting


@dataclass(frozen=True)
class ArmGateSettings(ServoSettings):
    """Limits and watchdogs.  Raises InvalidSetting."""

    linear_speed: float = setting(
        "fastest motion of the hand's target [m/s]; Bridge's .05 m a step at 5 Hz",
        0.25,
        minimum=0.005,
        maximum=1.0,
        fixed=True,
    )
    angular_speed: float = setting(
        "fastest turn of the hand's target [rad/s]; Bridge's .25 rad a step at 5 Hz",
        1.25,
        minimum=0.05,
        maximum=6.0,
        fixed=True,
    )
    longest_step: float = setting(
        "time that one step may make up for [s]: after a pause the hand does not leap",
        0.2,
        minimum=0.02,
        maximum=1.0,
        fixed=True,
    )
    workspace_lower: tuple[float, ...] = setting(
        "corner of the box that the whole hand stays in: x, y, z in the arm's base frame [m]",
        (0.02, -0.35, -0.03),
        fixed=True,
    )
    workspace_upper: tuple[float, ...] = setting(
        "opposite corner: x, y, z [m]", (0.6, 0.35, 0.55), fixed=True
    )
    policy_max_age: float = setting(
        "oldest observation that a step of the policy may come from [s]",
        0.5,
        minimum=0.02,
        maximum=5.0,
        fixed=True,
    )
    teleop_max_age: float = setting(
        "oldest stamp of a step of teleop [s]", 0.3, minimum=0.02, maximum=5.0, fixed=True
    )
    teleop_priority: float = setting(
        "how long after a step of teleop the policy must wait [s]", 0.5, minimum=0.0, maximum=10.0, fixed=True
    )
    future_tolerance: float = setting(
        "how far a stamp may be ahead of the clock [s]", 0.1, minimum=0.0, maximum=1.0, fixed=True
    )
    state_timeout: float = setting(
        "longest silence of the joint states [s]; then the arm holds",
        0.1,
        minimum=0.01,
        maximum=1.0,
        fixed=True,
    )
    state_max_age: float = setting(
        "oldest stamp of joint states [s]", 0.1, minimum=0.01, maximum=1.0, fixed=True
    )
    resume_states: int = setting(
        "good joint states in a row after which they are trusted (again)",
        5,
        minimum=1,
        maximum=100,
        fixed=True,
    )
    effort: float = setting(
        "share of a joint's greatest effort that stops the arm", 0.9, minimum=0.05, maximum=1.0, fixed=True
    )
    effort_time: float = setting(
        "how long an effort must last to count [s]", 0.1, minimum=0.0, maximum=2.0, fixed=True
    )
    emergency_stop_timeout: float = setting(
        "silence of the emergency stop topic that stops the arm [s]; 0: silence is fine",
        0.0,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    non_finite_latch: int = setting(
        "non-finite steps of one source, since armed, that latch the stop",
        3,
        minimum=1,
        maximum=100,
        fixed=True,
    )
