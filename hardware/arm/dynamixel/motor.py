"""The motors of a WidowX 250s, and what their numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, pi

TICKS = 4096
"""Of position a turn."""
ZERO = 2048
"""Ticks at which a joint stands at 0 rad."""
VELOCITY_UNIT = 0.229 * 2 * pi / 60
"""[rad/s], of all registers of velocity."""
ACCELERATION_UNIT = 214.577 * 2 * pi / 3600
"""[rad/s²], of Profile Acceleration."""


@dataclass(frozen=True)
class MotorModel:
    """A kind of motor.

    Attributes:
        number: what it answers to a ping.
        name: as printed on it.
        effort_unit: torque [N·m] of one unit of Present Current, by the data sheet's stall torque.
        effort_range: the greatest such number.
        measures_current: otherwise it estimates its load, and can't be limited by current.
    """

    number: int
    name: str
    effort_unit: float
    effort_range: int
    measures_current: bool


# 4.1 N·m at 2.3 A (12 V), in steps of 2.69 mA.
XM430_W350 = MotorModel(1020, "XM430-W350", 2.69e-3 * 4.1 / 2.3, 1193, True)
# 1.4 N·m (11.1 V), in steps of a thousandth.
XL430_W250 = MotorModel(1060, "XL430-W250", 1.4e-3, 1000, False)

_OTHER_MODELS = {
    1000: "XH430-W350",
    1010: "XH430-W210",
    1030: "XM430-W210",
    1090: "2XL430-W250",
    1120: "XM540-W270",
    1130: "XM540-W150",
    1190: "XL330-M077",
    1200: "XL330-M288",
}


def model_name(number: int) -> str:
    """The name of a kind of motor by its number."""
    names = {model.number: model.name for model in (XM430_W350, XL430_W250)} | _OTHER_MODELS
    return names.get(number, f"a motor of model {number}")


@dataclass(frozen=True)
class Motor:
    """One motor of the arm.

    Attributes:
        number: its address on the bus.
        joint: of the arm's model, or "gripper".
        models: kinds that may stand here.
        mirrored: turns the other way round, by its Drive Mode.
        leader: address of the motor that it helps on the same shaft.
    """

    number: int
    joint: str
    models: tuple[MotorModel, ...] = (XM430_W350,)
    mirrored: bool = False
    leader: int | None = None

    def __str__(self) -> str:
        return f"{self.joint}{'_shadow' if self.leader else ''} (motor {self.number})"


GRIPPER = "gripper"
MOTORS = (
    Motor(1, "waist"),
    Motor(2, "shoulder"),
    Motor(3, "shoulder", mirrored=True, leader=2),
    Motor(4, "elbow"),
    Motor(5, "elbow", mirrored=True, leader=4),
    Motor(6, "forearm_roll"),
    Motor(7, "wrist_angle", mirrored=True),
    Motor(8, "wrist_rotate", (XL430_W250,)),
    Motor(9, GRIPPER, (XL430_W250, XM430_W350)),
)


def to_radians(ticks: float) -> float:
    return (ticks - ZERO) * 2 * pi / TICKS


def to_ticks(radians: float) -> float:
    return ZERO + radians * TICKS / (2 * pi)


def limit_ticks(radians: float) -> int:
    """A limit as the vendor rounds it, so that its own settings are not taken for wrong ones."""
    return min(TICKS - 1, max(0, floor(to_ticks(radians))))
