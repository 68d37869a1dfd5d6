"""Demonstrations in bags of an arm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.episodes import message_values
from cairn.episodes.alignment import Method, StreamAlignment
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_source import BagSource, open_bag
from cairn.episodes.bag_trajectories import has_episodes, safe_name
from cairn.episodes.bridge.arm_record import ArmRecord, JointReading, Series
from cairn.episodes.bridge.arm_topics import ArmTopics
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import RATE, BridgeInfo, BridgeOpener, BridgeTrajectory
from cairn.episodes.episode import Episode, Outcome, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.frame_sampler import Frame, FrameSampler
from cairn.episodes.picture import Picture
from cairn.hardware.arm.bridge_pose import bridge_state

if TYPE_CHECKING:
    from cairn.hardware.arm.kinematics import ArmKinematics

STEPS_RECORD = "cairn/bridge_steps"
"""Metadata record of a bag whose every picture is a step: it was made from a data set."""
TOLERANCE = 0.1
"""From a picture to the joints of its step [s]; half a step."""
LONGEST_GAP = 1.0
"""Between two pictures of one demonstration [s]."""


def bag_demonstrations(path: Path) -> Iterator[BridgeOpener]:
    """The episodes of a bag that were kept and did not fail; the whole bag where nobody marked any.

    Raises BagError when the bag can't be read or is not of an arm.
    """
    source = open_bag(path)
    topics = ArmTopics.resolve({name: topic.type for name, (topic, _) in source.topics.items()})
    marked = has_episodes(source)
    for episode in read_episodes(source):
        if marked and (episode.verdict is not Verdict.KEPT or episode.outcome is Outcome.FAILURE):
            continue
        name = safe_name(f"{path.stem}_{episode.name}" if marked else path.stem)
        yield partial(BagDemonstration, source, topics, episode, name, path)


class BagDemonstration(BridgeTrajectory):
    """An episode at 5 Hz: of each tick the picture nearest to it makes a step.

    The state is that of the hand by the joints nearest to the picture.  An action is what the target of the
    arm's gate did from one picture to the next, and what the gripper was told by then; while the gate stops
    the arm its target is where the hand is.  Raises CairnError when joints or gripper are unknown, or
    pictures are missing for more than a second.
    """

    def __init__(self, source: BagSource, topics: ArmTopics, episode: Episode, name: str, path: Path) -> None:
        self._source, self._topics, self._episode = source, topics, episode
        self._end = episode.end or source.time_range[1]
        self._record = ArmRecord(source, topics, episode.start, self._end)
        said = episode.task or self._record.instruction
        super().__init__(
            BridgeInfo(
                name=name,
                source=path,
                cameras=tuple(sorted(topics.cameras)),
                language=(said,) if said else (),
                provenance=f"{path.name}: {episode.name}",
            )
        )

    def steps(self) -> Iterator[BridgeStep]:
        self.left_out.clear()
        last: _Moment | None = None
        for stamp, pictures in self._pictures():
            moment = self._moment(stamp, pictures)
            if last is not None:
                if stamp - last.stamp > LONGEST_GAP:
                    raise self._damage(f"no picture for {stamp - last.stamp:.1f} s")
                missed = round((stamp - last.stamp) * RATE) - 1
                if missed > 0:
                    self.left_out["ticks without a picture"] += missed
                yield last.step(_action(last.target, moment.target, moment.told))
            last = moment
        if last is None:
            raise self._damage("it has no picture")
        yield last.step(None)

    def _pictures(self) -> Iterator[tuple[float, dict[int, Picture]]]:
        """Stamp and pictures of each step; the camera of the lowest number sets the pace."""
        pace, *others = sorted(self._topics.cameras)
        beside: dict[int, Series] = {}
        for camera in others:
            beside[camera] = Series()
            for frame in self._frames(camera):
                beside[camera].add(frame.stamp, frame.picture)
        frames = self._frames(pace)
        for frame in frames if STEPS_RECORD in self._source.metadata else _thinned(frames):
            pictures = {pace: frame.picture}
            for camera, series in beside.items():
                picture = series.nearest(frame.stamp, 0.5 / RATE)
                if picture is None:
                    raise self._damage(f"camera {camera} has no picture at {frame.stamp:.2f} s")
                pictures[camera] = picture
            yield frame.stamp, pictures

    def _frames(self, camera: int) -> Iterator[Frame]:
        """By rising stamps."""
        newest = -np.inf
        topic = self._topics.cameras[camera]
        for message in self._source.messages([topic], self._episode.start, self._end + 1):
            decoded = self._source.decode(message)
            stamp = message_values.header_stamp(decoded)
            if stamp is None:
                self.left_out["pictures without a stamp"] += 1
            elif stamp > newest:
                newest = stamp
                yield Frame(stamp, message_values.picture(decoded), message.log_time)
            else:
                self.left_out["pictures with a stamp that is not new"] += 1

    def _moment(self, stamp: float, pictures: dict[int, Picture]) -> _Moment:
        record = self._record
        joints = record.joints.nearest(stamp, TOLERANCE)
        told = record.opening_told(stamp)
        if joints is None:
            raise self._damage(f"no joints are known at {stamp:.2f} s")
        known = record.hands.nearest(stamp, TOLERANCE)
        hand = _kinematics(joints) if known is None else known
        target = record.targets.held(stamp)
        # At the first picture nobody may have told the gripper anything.
        told = joints.opening if told is None else told
        return _Moment(stamp, pictures, joints, hand, hand if target is None else target, told)

    def _damage(self, why: str) -> BagError:
        return BagError(f"{self.info.source}, {self.info.name}: {why}")


@dataclass(frozen=True, eq=False)
class _Moment:
    """Of one picture: poses (4, 4) of the hand and its target, and what the gripper was told."""

    stamp: float
    pictures: dict[int, Picture]
    joints: JointReading
    hand: NDArray[np.float64]
    target: NDArray[np.float64]
    told: float

    def step(self, action: NDArray[np.float64] | None) -> BridgeStep:
        extras = {"desired_state": bridge_state(self.target, self.told)}
        for name, numbers in (
            ("qpos", self.joints.positions),
            ("qvel", self.joints.velocities),
            ("joint_effort", self.joints.efforts),
        ):
            if numbers:
                extras[name] = np.array(numbers)
        state = bridge_state(self.hand, self.joints.opening)
        return BridgeStep(self.pictures, state, action, self.stamp, extras=extras)


def _action(target: NDArray[np.float64], following: NDArray[np.float64], told: float) -> NDArray[np.float64]:
    """From a target, shape (4, 4), to the one after it, about the axes of the base; shape (7,)."""
    turned = Rotation.from_matrix(following[:3, :3] @ target[:3, :3].T).as_euler("xyz")
    return np.concatenate([following[:3, 3] - target[:3, 3], turned, [told]])


def _thinned(frames: Iterable[Frame]) -> Iterator[Frame]:
    sampler = FrameSampler(RATE, StreamAlignment(Method.NEAREST, 0.5 / RATE))
    for frame in frames:
        if (chosen := sampler.add(frame)) is not None:
            yield chosen
    if (chosen := sampler.finish()) is not None:
        yield chosen


@cache
def _kinematics_of(names: tuple[str, ...]) -> ArmKinematics:
    from cairn.hardware.arm.kinematics import ArmKinematics
    from cairn.hardware.arm.widowx_250s import HAND, urdf, widowx_250s

    arm = widowx_250s()
    if sorted(names) != sorted(arm.joint_names):
        raise BagError(
            f"expected the joints of a {arm.name}, {', '.join(arm.joint_names)}; "
            f"got {', '.join(names) or 'none'}"
        )
    return ArmKinematics(arm, urdf(), HAND)


def _kinematics(joints: JointReading) -> NDArray[np.float64]:
    """The hand's pose, shape (4, 4).  Raises BagError for another arm's joints."""
    kinematics = _kinematics_of(joints.names)
    at = dict(zip(joints.names, joints.positions, strict=True))
    return kinematics.pose([at[name] for name in kinematics.arm.joint_names])
