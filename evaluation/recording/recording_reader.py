"""Read a bag as a page shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_overview import describe_bag
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.cutting import Stretch, episode_stretch
from cairn.episodes.episode_piece import EpisodePiece, read_pieces
from cairn.episodes.latched_state import holds_on
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.recorded_losses import recorded_losses
from cairn.episodes.repeat_filter import RepeatFilter
from cairn.evaluation.recording.bag_facts import bag_facts, readable_attachments
from cairn.evaluation.recording.event_reader import EventReader
from cairn.evaluation.recording.frame_reader import frames_to_show, read_frames, with_circumstances
from cairn.evaluation.recording.path_builder import PathBuilder
from cairn.evaluation.recording.recording import DrivenPath, Event, EventKind, Frame, Recording, TopicTrack
from cairn.evaluation.recording.shown_topics import camera_topic, odometry_topic
from cairn.evaluation.recording.topic_reader import TopicReader


def read_recording(
    bag: Path, episode: str = "", camera: str = "", report: Callable[[float], None] = lambda share: None
) -> Recording:
    """Read a bag, or one episode of it, once from start to end, and a dozen images of it after that.

    Nothing is kept of a message but when it came, and of odometry where the robot was.

    Args:
        bag: the bag; that of a killed recorder is read up to the cut.
        episode: name of the only episode to show; empty: all of the bag.
        camera: topic of the images to show; empty: a colour camera's.
        report: called with the share done, 0 to 1.

    Raises BagError when the bag can't be read, or lacks that episode or those images.
    """
    return _Reading(bag, episode, camera).recording(report)


class _Reading:
    def __init__(self, bag: Path, episode: str, camera: str) -> None:
        self._bag, self._episode = bag, episode
        self._reader = BagReader(bag)
        start, end = self._reader.time_range
        self._stretch = episode_stretch(self._reader, episode) if episode else Stretch(start, end + 1)
        types = {name: topic.type for name, (topic, count) in self._reader.topics.items() if count}
        self._types = types
        self._camera = camera_topic(types, camera)
        self._odometry = odometry_topic(types)
        self._topics = {
            name: TopicReader(name, topic.type) for name, (topic, _) in sorted(self._reader.topics.items())
        }
        self._events = EventReader()
        self._path = PathBuilder(self._odometry)
        self._problems: list[str] = []

    def recording(self, report: Callable[[float], None]) -> Recording:
        self._read_messages(report)
        reader, start, end = self._reader, self._stretch.start, self._stretch.end - 1
        path = self._path.build()
        pieces = [piece.clip(start, end + 1) for piece in read_pieces(reader)]
        shown = [piece for piece in pieces if piece is not None]
        events = sorted(
            [*self._events.events, *self._labels_without_events(shown)], key=lambda event: event.time
        )
        overview = describe_bag(self._bag)
        return Recording(
            name=self._bag.resolve().name,
            episode=self._episode,
            state=overview.state,
            start=start,
            end=end,
            simulated=start < 10**17,
            size=overview.size,
            topics=self._tracks(),
            episodes=tuple(piece.episode for piece in shown),
            events=tuple(events),
            gate=self._events.gate(),
            path=path,
            camera=self._camera,
            frames=with_circumstances(self._frames(path), path, events),
            missing=tuple(self._missing(path is None, overview.state)),
            facts=bag_facts(reader),
            attachments=readable_attachments(reader),
        )

    def _read_messages(self, report: Callable[[float], None]) -> None:
        start, end = self._stretch.start, self._stretch.end
        repeats = self._known_before()
        for count, message in enumerate(self._reader.messages(start=start, end=end)):
            if repeats.is_repeat(message):
                continue
            name, kind = message.topic.name, message.topic.type
            self._topics[name].add(message.log_time, message.sequence)
            time = (message.log_time - start) * 1e-9
            if name == self._odometry and not self._path.wants(time):
                continue
            if name == self._odometry or kind in EventReader.TYPES:
                self._take(message, time)
            if not count % 1000:
                report((message.log_time - start) / (end - start))

    def _take(self, message: BagMessage, time: float) -> None:
        name = message.topic.name
        try:
            content = self._reader.decode(message)
            if name == self._odometry:
                self._path.add(time, content)
            else:
                self._events.add(name, message.topic.type, time, content)
        except BagError as error:
            self._note(f"{name} can't be decoded: {error}")
        except AttributeError as error:
            # A bag brings its own definitions, those of other versions too.
            self._note(f"{name} is no {message.topic.type} as it is known here: {error}")

    def _known_before(self) -> RepeatFilter:
        """A later file of a split bag repeats what is latched: a label would be told at a wrong moment."""
        repeats = RepeatFilter()
        topics = [name for name, (topic, _) in self._reader.topics.items() if holds_on(topic)]
        for message in self._reader.messages(topics, end=self._stretch.start):
            repeats.is_repeat(message)
        return repeats

    def _labels_without_events(self, pieces: list[EpisodePiece]) -> list[Event]:
        """What episodes say of themselves where nobody published it, as in data that was converted."""
        if self._events.has_labels:
            return []
        return [
            Event((moment - self._stretch.start) * 1e-9, EventKind.INTERVENTION, piece.episode.name)
            for piece in pieces
            for moment in piece.episode.interventions
        ]

    def _tracks(self) -> tuple[TopicTrack, ...]:
        counted = None if self._episode else recorded_losses(self._reader)
        return tuple(
            reader.track(self._stretch.start, None if counted is None else counted.get(name, (0, 0)))
            for name, reader in self._topics.items()
        )

    def _frames(self, path: DrivenPath | None) -> list[Frame]:
        if not self._camera:
            return []
        stamps = np.frombuffer(self._topics[self._camera].stamps, np.int64)
        start = self._stretch.start
        times = np.asarray((stamps - start) * 1e-9, np.float64)
        chosen = frames_to_show(times, path)
        moments = [int(stamps[place]) for place in chosen]
        found = read_frames(self._reader, self._camera, moments, self._problems)
        return [Frame((moment - start) * 1e-9, image) for moment, image in found]

    def _missing(self, no_path: bool, state: str) -> list[str]:
        told = list(self._problems)
        if not self._camera:
            told.append("No camera: the bag has no messages of sensor_msgs/Image or CompressedImage.")
        if not self._odometry:
            told.append("No odometry: the bag has no messages of nav_msgs/Odometry, so no path can be drawn.")
        elif no_path:
            told.append(f"No path: {self._odometry} has fewer than two poses that are finite.")
        if state == "recording":
            told.append("It is still being recorded: shown is what had reached the disk.")
        elif not self._reader.complete:
            told.append("The recorder was killed: shown is what had reached the disk.")
        return told

    def _note(self, problem: str) -> None:
        if problem not in self._problems:
            self._problems.append(problem)
