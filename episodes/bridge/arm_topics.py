"""Which topics of a bag tell of an arm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cairn.episodes.bag_error import BagError

STATE, STATUS, COMMAND, HAND = "arm/state", "arm_gate/status", "arm/command", "arm/hand_pose"
TELEOP, POLICY = "arm_gate/teleop", "arm_gate/policy"
INSTRUCTION = "simulation/instruction"
_CAMERA = re.compile(
    r"(?P<namespace>/(?:.*/)?)sensors/camera(?:_(?P<number>[1-9]))?/image(?P<jpeg>/compressed)?"
)


@dataclass(frozen=True)
class ArmTopics:
    """Absolute names, "" for what the bag lacks.

    Attributes:
        state: ArmState.
        status: ArmGateStatus, whose target is what was wanted.
        command: ArmCommand, for what the gripper was told.
        hand: PoseStamped of the hand, where a bag was made from a data set that knows no joints.
        steps: HandStep, of teleop and policy.
        instruction: String.
        cameras: topic of each camera by number; JPEG rather than raw.
    """

    state: str
    status: str
    command: str
    hand: str
    steps: tuple[str, ...]
    instruction: str
    cameras: Mapping[int, str]

    @classmethod
    def resolve(cls, types: Mapping[str, str]) -> ArmTopics:
        """The topics of the one arm in a bag, whatever its namespace.

        Args:
            types: "package/msg/Name" of each topic of the bag, by absolute name.

        Raises BagError when the gate's status, the arm's state or a camera is missing, or there are several
        arms.
        """
        found = [name for name in types if name.endswith(f"/{STATUS}")]
        if len(found) != 1:
            raise BagError(
                f"expected one topic {STATUS}, got {', '.join(sorted(found)) or 'none'}; the bag has "
                f"{', '.join(sorted(types)) or 'nothing'}"
            )
        namespace = found[0].removesuffix(STATUS)

        def named(relative: str) -> str:
            return namespace + relative if namespace + relative in types else ""

        if not named(STATE):
            raise BagError(f"the bag has {found[0]}, but no {namespace}{STATE}")
        cameras: dict[int, str] = {}
        for name in sorted(types):  # the JPEGs of a camera come after its raw images
            match = _CAMERA.fullmatch(name)
            if match is not None and match["namespace"] == namespace:
                cameras[int(match["number"] or 0)] = name
        if not cameras:
            raise BagError(f"the bag has {found[0]}, but no camera {namespace}sensors/camera/image")
        steps = tuple(topic for topic in map(named, (TELEOP, POLICY)) if topic)
        return cls(named(STATE), found[0], named(COMMAND), named(HAND), steps, named(INSTRUCTION), cameras)
