"""The WidowX 250s (6 joints): its description and limits."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from pathlib import Path
from xml.etree import ElementTree

from cairn.hardware.arm.arm_model import ArmJoint, ArmModel
from cairn.hardware.errors import CairnError

JOINTS = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate")
FINGERS = ("left_finger", "right_finger")

# The motors turn these the other way round than the description does.
_REVERSED = ("elbow", "wrist_angle")
# Stall torques at 11 to 12 V [N·m] of XM430-W350 and XL430-W250, shoulder and elbow have two: the description
# says 100 for each.
_EFFORTS = {
    "waist": 4.1,
    "shoulder": 8.2,
    "elbow": 8.2,
    "forearm_roll": 4.1,
    "wrist_angle": 4.1,
    "wrist_rotate": 1.4,
}
# The gripper points down over the table, as demonstrations of Bridge Data begin.
_NEUTRAL = (0.0, -0.762, 0.445, 0.0, 1.74, 0.0)
HAND = "ee_gripper_link"
"""The frame between the finger tips that poses of the hand mean; x points the way it grips."""
HULL = tuple((x, y, z) for x in (-0.12, 0.025) for y in (-0.06, 0.06) for z in (-0.035, 0.035))
"""Corners of a box around gripper and open fingers in the frame `HAND` [m]."""

_PREFIX = "cairn_arm"
_PACKAGE = "package://trossen_descriptions"


@lru_cache(maxsize=1)
def widowx_250s() -> ArmModel:
    """Limits of position and speed from the description, of effort from the motors.

    Raises CairnError where `description` does.
    """
    joints = {
        joint.get("name"): joint for joint in description().iter("joint") if joint.find("parent") is not None
    }
    finger = joints[FINGERS[0]].find("limit")
    assert finger is not None
    return ArmModel(
        "wx250s",
        tuple(_joint(joints[name]) for name in JOINTS),
        closed=2 * _number(finger, "lower"),
        opened=2 * _number(finger, "upper"),
        neutral=_NEUTRAL,
    )


@lru_cache(maxsize=1)
def urdf() -> str:
    """`description` as text.  Raises CairnError where it does."""
    return ElementTree.tostring(description(), encoding="unicode")


def description() -> ElementTree.Element:
    """The arm as URDF in the conventions of its motors, meshes named by absolute paths.

    Links are named as in the robot's own tf tree without a prefix.  Raises CairnError when the library that
    holds the description is not installed.
    """
    try:
        import rtbdata
        import xacro
    except ImportError as error:
        raise CairnError(
            f"the WidowX 250s needs rtb-data and xacro, and there is no {error.name}: "
            "pip install 'cairn-robotics[arm]'"
        ) from error
    folder = Path(rtbdata.__file__).parent / "xacro/trossen_descriptions"
    document = xacro.process_file(str(folder / "urdf/wx250s.urdf.xacro"), mappings={"robot_name": _PREFIX})
    text = document.toxml().replace(_PACKAGE, str(folder)).replace(f"{_PREFIX}/", "")
    robot = ElementTree.fromstring(text)
    for joint in robot.iter("joint"):
        if joint.get("name") in _REVERSED and joint.find("parent") is not None:
            _reverse(joint)
    return robot


def _reverse(joint: ElementTree.Element) -> None:
    axis, limit = joint.find("axis"), joint.find("limit")
    assert axis is not None
    assert limit is not None
    axis.set("xyz", " ".join(str(-float(part)) for part in axis.get("xyz", "").split()))
    lower, upper = _number(limit, "lower"), _number(limit, "upper")
    limit.set("lower", str(-upper))
    limit.set("upper", str(-lower))


def _joint(joint: ElementTree.Element) -> ArmJoint:
    name, limit = joint.get("name", ""), joint.find("limit")
    assert limit is not None
    effort = min(_number(limit, "effort"), _EFFORTS.get(name, inf))
    return ArmJoint(
        name, _number(limit, "lower"), _number(limit, "upper"), _number(limit, "velocity"), effort
    )


def _number(limit: ElementTree.Element, name: str) -> float:
    return float(limit.get(name, "nan"))
