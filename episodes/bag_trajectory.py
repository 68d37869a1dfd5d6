"""An episode of a bag as a trajectory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cairn.episodes import message_values as values
from cairn.episodes.alignment import DEFAULTS, Alignment, Method
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_source import BagSource
from cairn.episodes.episode import Episode
from cairn.episodes.frame_sampler import Frame, FrameSampler
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.picture import PictureError
from cairn.episodes.step import CollisionFlags, ImuReading, Step
from cairn.episodes.step_tally import DropReason, StepTally
from cairn.episodes.stream_buffer import StreamBuffer
from cairn.episodes.trajectory import Trajectory, TrajectoryInfo

LOOKAHEAD = 1_000_000_000
"""How long after an image a sample of its moment may still be logged [ns]."""
FARTHEST_AHEAD = 5.0
"""How much farther a stamp may move on than the time at which messages are logged [s].  One stamp from the
far future would otherwise make all that follow look old."""

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "odometry": values.odometry,
    "command": values.command,
    "collision": values.collision,
    "imu": values.imu,
    "magnetic_field": values.magnetic_field,
    "compass": values.compass,
    "gps": values.gps,
    "lidar": values.lidar,
}
_INTERPOLATORS: Mapping[str, Callable[[Any, Any, float], Any]] = {
    "odometry": values.between,
    "command": values.between_twists,
}


class BagTrajectory(Trajectory):
    """Reads the messages of one episode in one pass, holding about a second of them.

    Args:
        source: the bag.
        topics: the topic of each stream, as `TopicMapping.resolve` gives it.
        episode: the stretch to read.
        alignment: how streams become steps.
        info: what is known before.
    """

    def __init__(
        self,
        source: BagSource,
        topics: Mapping[str, str],
        episode: Episode,
        alignment: Alignment,
        info: TrajectoryInfo,
    ) -> None:
        super().__init__(info)
        self.episode = episode
        self._source = source
        self._topics = dict(topics)
        self._alignment = alignment

    def steps(self) -> Iterator[Step]:
        """See `Trajectory`.  Raises BagError when a chunk of the bag can't be read."""
        self.tally = StepTally()
        return _Pass(self._source, self._topics, self.episode, self._alignment, self.tally).steps()


@dataclass
class _Pass:
    """One reading of the episode."""

    source: BagSource
    topics: dict[str, str]
    episode: Episode
    alignment: Alignment
    tally: StepTally

    def __post_init__(self) -> None:
        streams = self.alignment.streams
        self._sampler = FrameSampler(self.alignment.rate, streams["image"])
        self._buffers: dict[str, StreamBuffer[Any]] = {
            name: StreamBuffer(streams[name], _INTERPOLATORS.get(name))
            for name in DEFAULTS
            if name in self.topics and name != "image"
        }
        self._pending: deque[Frame] = deque()
        self._last_stamp: float | None = None
        self._clocks: dict[str, tuple[float, int]] = {}

    def steps(self) -> Iterator[Step]:
        streams = {topic: name for name, topic in self.topics.items() if name != "camera_info"}
        end = self.episode.end + 1 if self.episode.end else None
        for message in self.source.messages(streams, self.episode.start, end):
            self._take(streams[message.topic.name], message)
            while self._pending and self._is_ready(self._pending[0], message.log_time):
                yield from self._step(self._pending.popleft())
        if (frame := self._sampler.finish()) is not None:
            self._pending.append(frame)
        while self._pending:
            yield from self._step(self._pending.popleft())

    def _take(self, stream: str, message: BagMessage) -> None:
        try:
            decoded = self.source.decode(message)
            value = values.picture(decoded) if stream == "image" else _READERS[stream](decoded)
        except PictureError:
            self.tally.dropped[DropReason.CORRUPT_IMAGE] += 1
            return
        except BagError:
            self.tally.dropped[DropReason.UNREADABLE_MESSAGE] += 1
            return
        stamp = values.header_stamp(decoded)
        if stamp is None:
            stamp = values.seconds(*divmod(message.log_time, 1_000_000_000))
        reason = self._doubt(stream, stamp, message.log_time)
        if reason is not None:
            self.tally.dropped[reason] += 1
        elif stream != "image":
            self._buffers[stream].add(stamp, value)
        elif (frame := self._sampler.add(Frame(stamp, value, message.log_time))) is not None:
            self._pending.append(frame)

    def _doubt(self, stream: str, stamp: float, log_time: int) -> DropReason | None:
        """What is wrong with a stamp, seen from the one before in its stream."""
        if stream in self._clocks:
            last_stamp, last_log_time = self._clocks[stream]
            if stamp == last_stamp:
                return DropReason.REPEATED_STAMP
            if stamp < last_stamp:
                return DropReason.BACKWARD_STAMP
            if stamp - last_stamp > (log_time - last_log_time) * 1e-9 + FARTHEST_AHEAD:
                return DropReason.FORWARD_STAMP
        self._clocks[stream] = (stamp, log_time)
        return None

    def _is_ready(self, frame: Frame, now: int) -> bool:
        if now > frame.log_time + LOOKAHEAD:
            return True
        return all(buffer.newest >= frame.stamp for buffer in self._buffers.values())

    def _step(self, frame: Frame) -> Iterator[Step]:
        before = self._last_stamp
        self._count_gap(frame.stamp)
        found, errors = {}, {"image": frame.error}
        for name, buffer in self._buffers.items():
            sample = buffer.at(frame.stamp)
            if name == "collision" and sample is not None and before is not None:
                sample = _any_of(sample[0], buffer.within(before, frame.stamp)), sample[1]
            buffer.forget_before(frame.stamp)
            if sample is not None:
                found[name], errors[name] = sample
            elif name == "odometry" or self.alignment.streams[name].method is Method.DROP:
                self.tally.dropped[DropReason.UNSYNCHRONISED] += 1
                return
        if found["odometry"] is None:
            self.tally.dropped[DropReason.INVALID_ODOMETRY] += 1
            return
        for name, error in errors.items():
            self.tally.note_error(name, error)
        reading: ImuReading | None = found.get("imu")
        if reading is not None:
            reading = reading._replace(
                magnetometer=found.get("magnetic_field"), compass_bearing=found.get("compass")
            )
        yield Step(
            stamp=frame.stamp,
            picture=frame.picture,
            pose=found["odometry"].pose,
            velocity=found["odometry"].velocity,
            command=found.get("command"),
            collision=found.get("collision"),
            imu=reading,
            gps=found.get("gps"),
            lidar=found.get("lidar"),
        )

    def _count_gap(self, stamp: float) -> None:
        """Ticks without an image since the one before."""
        if self._last_stamp is not None:
            missing = round((stamp - self._last_stamp) * self.alignment.rate) - 1
            if missing > 0:
                self.tally.dropped[DropReason.UNSYNCHRONISED] += missing
        self._last_stamp = stamp


def _any_of(flags: CollisionFlags, since: list[CollisionFlags]) -> CollisionFlags:
    """Flags that are set now or were at any moment since the step before: contacts are short."""
    return CollisionFlags(*map(any, zip(flags, *since, strict=True)))
