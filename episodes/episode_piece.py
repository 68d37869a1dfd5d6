"""A bag may hold a piece of an episode only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import METADATA_PREFIX, Episode
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.record_names import CUT_RECORD, MERGE_RECORD


@dataclass(frozen=True)
class EpisodePiece:
    """As much of an episode as a bag holds.

    Attributes:
        episode: its start, end and interventions are those within the bag; what is said of it, such as its
            outcome, is said of the whole.
        whole: log times [ns] of start and end of the whole episode.
    """

    episode: Episode
    whole: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """The bag holds all of it."""
        return (self.episode.start, self.episode.end) == self.whole

    def clip(self, start: int, end: int) -> EpisodePiece | None:
        """What of it lies in log times [start, end); None for nothing."""
        episode = self.episode
        first, last = max(episode.start, start), min(episode.end, end)
        inside = start <= episode.start and episode.end < end
        # An instant is shared by the episodes before and after it, and belongs to both in full only.
        if min(last, end - 1) <= first and not inside:
            return None
        kept = tuple(moment for moment in episode.interventions if start <= moment < end)
        return replace(self, episode=replace(episode, start=first, end=last, interventions=kept))

    def join(self, other: EpisodePiece) -> EpisodePiece | None:
        """Both as one, None where they are not adjoining pieces of one episode."""
        early, late = sorted((self, other), key=lambda piece: piece.episode.start)
        if self._identity() != other._identity() or self.is_whole or other.is_whole:
            return None
        if not early.episode.start < late.episode.start <= early.episode.end < late.episode.end:
            return None
        moments = sorted({*early.episode.interventions, *late.episode.interventions})
        joined = replace(early.episode, end=late.episode.end, interventions=tuple(moments))
        return replace(early, episode=joined)

    def as_metadata(self) -> dict[str, str]:
        """The episode's own entries, and the extent of the whole where this is but a piece."""
        entries: dict[str, str] = self.episode.as_metadata()
        if not self.is_whole:
            entries |= {"whole_start": str(self.whole[0]), "whole_end": str(self.whole[1])}
        return entries

    def _identity(self) -> object:
        return self.whole, replace(self.episode, start=0, end=0, interventions=())


def read_pieces(reader: BagReader) -> list[EpisodePiece]:
    """The episodes of a bag, whole or not; none where it was cut out between two.

    Raises BagError when their description can't be read.
    """
    if _is_made(reader) and not any(name.startswith(METADATA_PREFIX) for name in reader.metadata):
        return []
    _, end = reader.time_range
    pieces = []
    for episode in read_episodes(reader):
        closed = replace(episode, end=episode.end or max(end, episode.start))
        entries = reader.metadata.get(METADATA_PREFIX + episode.name, {})
        pieces.append(EpisodePiece(closed, _whole(entries, closed)))
    return pieces


def _is_made(reader: BagReader) -> bool:
    """It was cut or merged, and so describes all of its episodes."""
    return any(name.startswith((CUT_RECORD, MERGE_RECORD)) for name in reader.metadata)


def _whole(entries: Mapping[str, str], episode: Episode) -> tuple[int, int]:
    try:
        return int(entries["whole_start"]), int(entries["whole_end"])
    except (KeyError, ValueError):
        return episode.start, episode.end
