"""Which episodes a bag holds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_source import BagSource
from cairn.episodes.episode import METADATA_PREFIX, Episode
from cairn.episodes.episode_log import EVENT_TOPIC, EpisodeEvent, EpisodeLog
from cairn.episodes.repeat_filter import RepeatFilter
from cairn.hardware.episode_action import EpisodeAction


def read_episodes(reader: BagSource) -> tuple[Episode, ...]:
    """The episodes of a bag in the order of their starts, discarded ones included.

    A bag describes them in its metadata; where it doesn't, the events are told again.  A bag without events
    is one undecided episode.
    """
    described = [
        Episode.from_metadata(entries)
        for name, entries in reader.metadata.items()
        if name.startswith(METADATA_PREFIX)
    ]
    start, end = reader.time_range
    if described:
        # One that was under way when its recorder was killed ends with the bag.
        ended = (replace(episode, end=episode.end or max(episode.start, end)) for episode in described)
        return tuple(sorted(ended, key=lambda episode: episode.start))
    log = EpisodeLog()
    for name in reader.topics:
        if name.endswith(f"/{EVENT_TOPIC}"):
            _tell(reader, name, log)
    log.close(end)
    return log.episodes or (Episode("000", start, end),)


def _tell(reader: BagSource, topic: str, log: EpisodeLog) -> None:
    repeats = RepeatFilter()
    for message in reader.messages([topic]):
        if repeats.is_repeat(message):
            continue
        event = reader.decode(message)
        # The recorder published nothing that its own log refused; another's doubtful event is passed over.
        with suppress(BagError, ValueError):
            log.add(
                EpisodeEvent(
                    EpisodeAction(event.kind),
                    message.log_time,
                    event.episode,
                    event.task,
                    event.operator_name,
                    event.note,
                )
            )
