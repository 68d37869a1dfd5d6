"""What a bag says of an arm, apart from its pictures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_source import BagSource
from cairn.episodes.bridge.arm_topics import ArmTopics
from cairn.episodes.message_values import header_stamp

DRIVING = 1
"""State of an ArmGateStatus whose target is one."""
_SLACK = 1_000_000_000  # [ns] beyond an episode in which what belongs to it may be logged


@dataclass
class Series:
    """Values by their stamps [s], which grow."""

    stamps: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, stamp: float, value: Any) -> None:
        """What comes late, or twice, is passed over."""
        if not self.stamps or stamp > self.stamps[-1]:
            self.stamps.append(stamp)
            self.values.append(value)
        elif stamp == self.stamps[-1]:
            self.values[-1] = value

    def held(self, stamp: float) -> Any:
        """The latest not after `stamp`; None before the first."""
        place = bisect_right(self.stamps, stamp)
        return self.values[place - 1] if place else None

    def before(self, stamp: float) -> Any:
        """The latest before `stamp`; None before the first."""
        place = bisect_right(self.stamps, np.nextafter(stamp, -np.inf))
        return self.values[place - 1] if place else None

    def nearest(self, stamp: float, tolerance: float) -> Any:
        """None where there is none within `tolerance` [s]."""
        place = bisect_right(self.stamps, stamp)
        near = [index for index in (place - 1, place) if 0 <= index < len(self.stamps)]
        best = min(near, key=lambda index: abs(self.stamps[index] - stamp), default=None)
        if best is None or abs(self.stamps[best] - stamp) > tolerance:
            return None
        return self.values[best]


@dataclass(frozen=True)
class JointReading:
    """Positions [rad], velocities [rad/s] and efforts [N·m], empty where unknown; opening of the gripper."""

    names: tuple[str, ...]
    positions: tuple[float, ...]
    velocities: tuple[float, ...]
    efforts: tuple[float, ...]
    opening: float


class ArmRecord:
    """Joints, targets and grippers of an episode, by the stamps in their headers.

    Args:
        source: the bag.
        topics: of the arm.
        start, end: of the episode, log times [ns].

    Raises BagError when a message can't be read.
    """

    def __init__(self, source: BagSource, topics: ArmTopics, start: int, end: int) -> None:
        self.joints, self.targets, self.told, self.hands = Series(), Series(), Series(), Series()
        self._asked = Series()
        self.instruction = ""
        names = [topics.state, topics.status, topics.command, topics.hand, *topics.steps]
        for message in source.messages([name for name in names if name], start - _SLACK, end + _SLACK):
            decoded = source.decode(message)
            stamp = header_stamp(decoded)
            if stamp is None:  # said before the simulated clock was heard
                continue
            if message.topic.name == topics.state:
                self.joints.add(stamp, _reading(decoded))
            elif message.topic.name == topics.status:
                driving = decoded.state == DRIVING
                self.targets.add(stamp, _pose(decoded.target) if driving else None)
            elif message.topic.name == topics.command:
                self.told.add(stamp, float(decoded.opening))
            elif message.topic.name == topics.hand:
                self.hands.add(stamp, _pose(decoded.pose))
            else:
                self._asked.add(stamp, float(decoded.opening))
        if topics.instruction:
            for message in source.messages([topics.instruction], None, end + _SLACK):
                self.instruction = str(source.decode(message).data)

    def opening_told(self, stamp: float) -> float | None:
        """What the gripper was told by `stamp`: by the gate, or as asked for in a step before."""
        told: float | None = self.told.held(stamp)
        if told is None:
            told = self._asked.before(stamp)
        return told


def _reading(message: Any) -> JointReading:
    def numbers(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(float(value) for value in values)

    return JointReading(
        tuple(message.names),
        numbers(message.positions),
        numbers(message.velocities),
        numbers(message.efforts),
        float(message.opening),
    )


def _pose(message: Any) -> NDArray[np.float64]:
    """Shape (4, 4).  Raises BagError."""
    at, turned = message.position, message.orientation
    pose = np.eye(4)
    pose[:3, 3] = at.x, at.y, at.z
    try:
        pose[:3, :3] = Rotation.from_quat([turned.x, turned.y, turned.z, turned.w]).as_matrix()
    except ValueError as error:
        raise BagError(f"a pose's orientation is no rotation: {error}") from error
    return pose
