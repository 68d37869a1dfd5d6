"""Which episodes a bag holds."""

from __future__ import annotations

from contextlib import suppress

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import METADATA_PREFIX, Episode
from cairn.episodes.episode_log import EVENT_TOPIC, EpisodeEvent, EpisodeLog, EventKind


def read_episodes(reader: BagReader) -> tuple[Episode, ...]:
    """The episodes of a bag in the order of their starts, discarded ones included.

    A bag that was closed describes them in its metadata; of a cut one the events are told again.  A bag
    without events is one undecided episode.
    """
    described = [
        Episode.from_metadata(entries)
        for name, entries in reader.metadata.items()
        if name.startswith(METADATA_PREFIX)
    ]
    if described:
        return tuple(sorted(described, key=lambda episode: episode.start))
    log, (start, end) = EpisodeLog(), reader.time_range
    for name in reader.topics:
        if name.endswith(f"/{EVENT_TOPIC}"):
            _tell(reader, name, log)
    log.close(end)
    return log.episodes or (Episode("000", start, end),)


def _tell(reader: BagReader, topic: str, log: EpisodeLog) -> None:
    for message in reader.messages([topic]):
        event = reader.decode(message)
        # The recorder published nothing that its own log refused; another's doubtful event is passed over.
        with suppress(BagError, ValueError):
            log.add(
                EpisodeEvent(
                    EventKind(event.kind),
                    message.log_time,
                    event.episode,
                    event.task,
                    event.operator_name,
                    event.note,
                )
            )
