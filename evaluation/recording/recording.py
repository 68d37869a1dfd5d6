"""What a page shows of a recording."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.episode import Episode


class EventKind(Enum):
    """What can happen on a drive, in the words of the page."""

    START = "start"
    KEEP = "keep"
    DISCARD = "discard"
    SUCCESS = "success"
    FAILURE = "failure"
    INTERVENTION = "intervention"
    MARK = "mark"
    COLLISION = "collision"
    GATE_STOP = "gate stop"


@dataclass(frozen=True)
class Event:
    """Something that happened `time` seconds after the start, and what was said about it."""

    time: float
    kind: EventKind
    detail: str = ""


@dataclass(frozen=True)
class TopicTrack:
    """When the messages of a topic came.

    Attributes:
        name, type: of the topic.
        times: since the start, in the order of log times, shape (n,) [s].
        losses: moments at which messages are missing, and how many.
        lost: how many are missing in all, None where the bag doesn't tell.
    """

    name: str
    type: str
    times: NDArray[np.float64]
    losses: tuple[tuple[float, int], ...] = ()
    lost: int | None = None


@dataclass(frozen=True)
class DrivenPath:
    """Where the robot went by its odometry; all arrays have shape (n,).

    Attributes:
        topic: whose odometry.
        times: since the start [s].
        x, y: in its frame [m].
        speeds: along the path, without a sign [m/s].
        distances: driven so far [m]; a jump of the odometry, as after a reset, is no way driven.
        jumps: whether the sample follows a jump.
    """

    topic: str
    times: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speeds: NDArray[np.float64]
    distances: NDArray[np.float64]
    jumps: NDArray[np.bool_]

    @property
    def length(self) -> float:
        """Distance driven in all [m]."""
        return float(self.distances[-1])

    def at(self, time: float, values: NDArray[np.float64]) -> float:
        """One of the arrays between its samples."""
        return float(np.interp(time, self.times, values))


@dataclass(frozen=True)
class Frame:
    """A camera image: RGB, shape (height, width, 3); distance and speed are None without odometry."""

    time: float
    image: NDArray[np.uint8]
    distance: float | None = None
    speed: float | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class GateSpan:
    """From `start` to `end` [s] the gate drove, or stopped for a reason."""

    start: float
    end: float
    driving: bool
    reason: str = ""


@dataclass(frozen=True)
class Recording:
    """A bag, or an episode of it, as a page shows it; times are seconds since `start`.

    Attributes:
        name: of the bag.
        episode: name of the episode shown, empty for the whole bag.
        state: "complete", "cut", "recording" or "no metadata".
        start, end: log times [ns].
        simulated: log times are those of a simulation.
        size: of the bag's files [bytes].
        topics: by name.
        episodes: that lie in it at least in part.
        events: in order.
        gate: spans in order.
        path: None without odometry.
        camera: whose images are shown; empty for none.
        frames: some of its images, in order.
        missing: what can't be shown, and why.
        facts: where it comes from, by name.
        attachments: text by name, None for what is no text.
    """

    name: str
    episode: str
    state: str
    start: int
    end: int
    simulated: bool
    size: int
    topics: tuple[TopicTrack, ...]
    episodes: tuple[Episode, ...] = ()
    events: tuple[Event, ...] = ()
    gate: tuple[GateSpan, ...] = ()
    path: DrivenPath | None = None
    camera: str = ""
    frames: tuple[Frame, ...] = ()
    missing: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, str | None] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Its duration [s]."""
        return (self.end - self.start) * 1e-9

    def since_start(self, moment: int) -> float:
        """A log time [ns] in seconds since the start."""
        return (moment - self.start) * 1e-9
