"""The WidowX 250s as a MuJoCo model, from its published description."""

from __future__ import annotations

from itertools import pairwise

import mujoco

from cairn.hardware.arm.widowx_250s import FINGERS, HAND, JOINTS, urdf, widowx_250s

GRASP = "grasp"
"""The site between the finger tips: what an end-effector pose means."""

# Stiffness [N·m/rad] and damping [N·m·s/rad] of a position servo at the vendor's gain of 800: a loaded joint
# sags by a degree or two, and lags a moving target by some 60 ms.
_STIFFNESS = {
    "waist": 60.0,
    "shoulder": 140.0,
    "elbow": 110.0,
    "forearm_roll": 40.0,
    "wrist_angle": 40.0,
    "wrist_rotate": 20.0,
}
_LAG = 0.05
_ARMATURE = 0.02  # of rotor and gears [kg·m²]
_FRICTION = 0.05  # [N·m]
_GRIP = 25.0  # force of a finger [N]: half of what the gripper's motor gives at its current limit
_PADS = (1.5, 0.02, 0.001)  # friction of the rubber on the fingers
_BLACK = (0.12, 0.12, 0.13, 1.0)
_RUBBER = (0.05, 0.05, 0.05, 1.0)


def widowx_spec() -> mujoco.MjSpec:
    """A fresh editable model: links, joints and actuators named as in the description, and the site `grasp`.

    Actuators take positions: of the joints [rad], of the left finger [m]; the right one follows.
    """
    spec = mujoco.MjSpec.from_string(urdf())
    # Welded links keep their names, which frames and tests ask for.
    spec.compiler.fusestatic = False
    spec.modelname = widowx_250s().name
    for geom in spec.geoms:
        geom.rgba = _BLACK
    # The fingers' cog turns on the real arm, and nothing hangs on it.
    spec.delete(spec.joint("gripper"))
    for joint, limits in zip(JOINTS, widowx_250s().joints, strict=True):
        _add_servo(spec, joint, limits.effort)
    _add_gripper(spec)
    # Neighbours in the chain overlap by construction.
    links = ["base_link", "shoulder_link", "upper_arm_link", "upper_forearm_link", "lower_forearm_link"]
    links += ["wrist_link", "gripper_link"]
    hand = ["gripper_prop_link", "gripper_bar_link", *(f"{finger}_link" for finger in FINGERS)]
    excluded = [*pairwise(links), *((one, part) for part in hand for one in links[-2:])]
    excluded += [(one, other) for one in hand for other in hand if one < other and {one, other} != _fingers()]
    for one, other in excluded:
        spec.add_exclude(bodyname1=one, bodyname2=other)
    spec.body(HAND).add_site(name=GRASP, size=[0.004] * 3, group=4)
    return spec


def _fingers() -> set[str]:
    return {f"{finger}_link" for finger in FINGERS}


def _add_servo(spec: mujoco.MjSpec, name: str, effort: float) -> None:
    joint = spec.joint(name)
    joint.armature, joint.frictionloss = _ARMATURE, _FRICTION
    actuator = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=_STIFFNESS[name], kv=_STIFFNESS[name] * _LAG)
    actuator.forcelimited, actuator.forcerange = True, [-effort, effort]
    actuator.ctrllimited, actuator.ctrlrange = True, list(joint.range)


def _add_gripper(spec: mujoco.MjSpec) -> None:
    left, right = FINGERS
    for name, side in ((left, -1.0), (right, 1.0)):
        joint = spec.joint(name)
        joint.armature, joint.damping, joint.frictionloss = 0.1, [8.0, 0, 0], 0.5
        pad = spec.body(f"{name}_link").add_geom(
            name=f"{name}_pad",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.0275, side * 0.0115, 0.0],
            size=[0.0155, 0.0025, 0.012],
            rgba=_RUBBER,
            mass=0.002,
        )
        pad.friction, pad.condim, pad.priority = list(_PADS), 4, 1
        pad.solref, pad.solimp = [0.01, 1.0], [0.95, 0.99, 0.001, 0.5, 2]
    # One motor moves both fingers, by the description's rule that the right one mimics the left.
    actuator = spec.add_actuator(name="gripper", target=left, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=2500.0)
    actuator.forcelimited, actuator.forcerange = True, [-2 * _GRIP, 2 * _GRIP]
    actuator.ctrllimited, actuator.ctrlrange = True, list(spec.joint(left).range)
