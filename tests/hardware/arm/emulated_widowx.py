"""The nine motors of a WidowX 250s, set as the vendor ships them."""

from __future__ import annotations

from emulated_bus import EmulatedBus
from emulated_servo import XL430, XM430, EmulatedServo

from cairn.hardware.arm.widowx_250s import widowx_250s

HALF_OPEN = 2321
"""Position of the gripper's motor at which its fingers are half open [ticks]."""
LEADERS = (1, 2, 4, 6, 7, 8, 9)
_JOINTS = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 4, 8: 5}
_LIMITS = {2: (819, 3345), 3: (819, 3345), 4: (648, 3094), 5: (648, 3094), 7: (910, 3447)}
_SECONDARY = {3: 2, 5: 4}
_MIRRORED = (3, 5, 7)


def emulated_servos(*, gripper: int = XL430) -> dict[int, EmulatedServo]:
    """By address, at the neutral pose and without torque, like an arm just switched on."""
    servos = {}
    for number in range(1, 10):
        model = {8: XL430, 9: gripper}.get(number, XM430)
        joint = _JOINTS.get(number)
        at = HALF_OPEN if joint is None else round(2048 + widowx_250s().neutral[joint] * 4096 / 6.283185307)
        servo = servos[number] = EmulatedServo(number, model, at)
        servo.put(9, 1, 0)
        servo.put(10, 1, int(number in _MIRRORED))
        servo.put(12, 1, _SECONDARY.get(number, 255))
        servo.put(44, 4, 131)
        lower, upper = _LIMITS.get(number, (0, 4095))
        servo.put(52, 4, lower)
        servo.put(48, 4, upper)
        if model == XL430:
            servo.put(38, 2, 0)
        elif number == 9:
            servo.put(11, 1, 5)
    for shadow, leader in _SECONDARY.items():
        servos[shadow].partner, servos[leader].partner = servos[leader], servos[shadow]
    return servos


def emulated_widowx() -> EmulatedBus:
    return EmulatedBus(emulated_servos().values())
