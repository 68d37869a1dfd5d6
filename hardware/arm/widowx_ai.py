"""The WidowX AI (6 joints, wxai_v0): limits as its maker publishes them."""

from __future__ import annotations

from math import pi

from cairn.hardware.arm.arm_model import ArmJoint, ArmModel

FINGER_TRAVEL = 0.044
"""Of each of the two fingers [m]."""

# A folded arm stands at zero, at the end of three joints' range; this is raised, the gripper level.
_NEUTRAL = (0.0, pi / 3, pi / 6, pi / 5, 0.0, 0.0)
_LIMITS = (
    (-3.054, 3.054, 3.375, 27.0),
    (0.0, 3.14, 3.375, 27.0),
    (0.0, 4.712, 3.375, 27.0),
    (-1.57, 1.57, 7.0, 7.0),
    (-1.57, 1.57, 7.0, 7.0),
    (-3.14, 3.14, 7.0, 7.0),
)


def widowx_ai() -> ArmModel:
    """Nominal limits: https://docs.trossenrobotics.com/trossen_arm/main/specifications.html, "Joint Limits".

    A single arm may be set up with others; its driver holds to the stricter of both.
    """
    return ArmModel(
        "wxai_v0",
        tuple(ArmJoint(f"joint_{index}", *limits) for index, limits in enumerate(_LIMITS)),
        closed=0.0,
        opened=2 * FINGER_TRAVEL,
        neutral=_NEUTRAL,
    )
