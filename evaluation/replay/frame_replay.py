"""Show recorded frames to a policy, and note what it would have done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.replay.gate_replay import GateReplay
from cairn.evaluation.replay.recorded_drive import COMMAND
from cairn.evaluation.replay.recorded_frames import RecordedFrame, RecordedFrames
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.policies.bundle.image_input import ImageInput
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_CANDIDATE, _DECISION = "gate/policy", "explore/decision"
_OTHER_VIEW = 0.15  # share by which the field of view may differ from the one of training
_LAST_FRAME = 0.25  # [s] that the last command stands

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class PolicyAnswer:
    """What the policy says of one image and the goal.

    Attributes:
        linear, angular: the action [m/s], [rad/s].
        steps, distance: predicted to the goal, in control steps and metres.
        match: probability that the goal is in view.
    """

    linear: float
    angular: float
    steps: float
    distance: float
    match: float


@dataclass(frozen=True)
class FrameRow:
    """One line of the table; stamps in seconds of the recording's clock."""

    stamp: float
    log_time: int
    action_linear: float
    action_angular: float
    logged_linear: float | None
    logged_angular: float | None
    logged_from: str
    predicted_steps: float
    predicted_distance: float
    match_probability: float
    latency_ms: float
    gate_verdict: str
    gate_reason: str
    gate_linear: float
    gate_angular: float


def answer(policy: LatentGoalPolicy, image: Image, goal: Embedding) -> PolicyAnswer:
    """Encode, compare with the goal, decode the mean of the latent goal."""
    here = policy.encode(image)
    seen = policy.compare(here, [goal])
    action = policy.decode(here, seen.latent_mean)
    linear, angular = action.twist[0].tolist()
    return PolicyAnswer(linear, angular, float(seen.steps[0]), float(seen.distance[0]), float(seen.match[0]))


def check_camera(camera: CameraModel | None, wanted: ImageInput) -> tuple[str, ...]:
    """Notes on a camera that is not the one of training.

    Raises CairnError where the bundle can't be used with it.
    """
    if camera is None:
        if wanted.view:
            raise CairnError(
                "the bundle looks through a virtual camera and needs the intrinsics of the bag's, but the "
                "bag has no camera info"
            )
        return ("the bag has no camera info: its camera is taken for the bundle's",)
    seen, trained = camera.horizontal_fov, wanted.horizontal_fov
    if wanted.view is None and abs(seen / trained - 1) > _OTHER_VIEW:
        raise CairnError(
            f"the bundle was trained with the camera {wanted.camera.name!r} of {trained:.0f} degrees, the "
            f"bag's has {seen:.0f}: choose a bundle for this camera"
        )
    if seen < trained * (1 - _OTHER_VIEW):
        return (
            f"the bundle looks {trained:.0f} degrees wide, the bag's camera {seen:.0f}: the rest is black",
        )
    return ()


class LoggedActions:
    """What was commanded on each image when the bag was recorded, by the image's stamp."""

    def __init__(self, reader: BagReader, prefix: str) -> None:
        self._by_stamp: dict[int, tuple[float, float]] = {}
        self._source = ""
        self._times: list[int] = []
        self._twists: list[tuple[float, float]] = []
        for name in (_CANDIDATE, _DECISION, COMMAND):
            topic = prefix + name
            if not reader.topics.get(topic, (None, 0))[1]:
                continue
            self._source = name
            for message in reader.messages([topic]):
                content = reader.decode(message)
                twist = content.twist if hasattr(content, "twist") else content
                row = (float(twist.linear.x), float(twist.angular.z))
                if name == COMMAND:
                    self._times.append(message.log_time)
                    self._twists.append(row)
                else:
                    stamp = content.header.stamp
                    self._by_stamp[stamp.sec * 1_000_000_000 + stamp.nanosec] = row
            return

    def of(self, frame: RecordedFrame) -> tuple[float | None, float | None, str]:
        """Forward, turn, and the topic that says so; a command of the base is that in force at the image."""
        found = self._by_stamp.get(round(frame.stamp * 1e9))
        if found is None and self._times:
            place = int(np.searchsorted(self._times, frame.log_time, side="right")) - 1
            found = self._twists[place] if place >= 0 else None
        return (None, None, "") if found is None else (*found, self._source)


def replay_frames(
    frames: RecordedFrames,
    policy: LatentGoalPolicy,
    goal: Image,
    gate: GateReplay,
    logged: LoggedActions,
    also: Callable[[RecordedFrame, PolicyAnswer], None] = lambda frame, clean: None,
) -> list[FrameRow]:
    """A row a frame.

    Args:
        also: called with every frame and the answer to it.
    """
    wanted = policy.encode(goal)
    rows: list[FrameRow] = []
    for frame, following in _with_next(frames):
        begun = time.perf_counter()
        said = answer(policy, frame.image, wanted)
        latency = 1e3 * (time.perf_counter() - begun)
        until = frame.stamp + _LAST_FRAME if following is None else following.stamp
        outcome = gate.offer(Twist(said.linear, said.angular), frame.stamp, until)
        rows.append(
            FrameRow(
                frame.stamp,
                frame.log_time,
                said.linear,
                said.angular,
                *logged.of(frame),
                said.steps,
                said.distance,
                said.match,
                latency,
                outcome.verdict,
                outcome.reason,
                outcome.commanded.linear,
                outcome.commanded.angular,
            )
        )
        also(frame, said)
    return rows


def _with_next(frames: Iterable[RecordedFrame]) -> Iterable[tuple[RecordedFrame, RecordedFrame | None]]:
    previous: RecordedFrame | None = None
    for frame in frames:
        if previous is not None:
            yield previous, frame
        previous = frame
    if previous is not None:
        yield previous, None
