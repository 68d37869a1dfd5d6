"""From events to episodes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cairn.episodes.bag_error import BagError
from cairn.episodes.episode import Episode, Outcome, Verdict
from cairn.hardware.episode_action import EpisodeAction

EVENT_TOPIC = "episode/event"
"""Relative name of the topic on which a recorder publishes events."""


@dataclass(frozen=True)
class EpisodeEvent:
    """Something said about an episode at log time `stamp` [ns]; an empty `episode` means the latest."""

    kind: EpisodeAction
    stamp: int
    episode: str = ""
    task: str = ""
    operator: str = ""
    note: str = ""


class EpisodeLog:
    """Folds events, in the order they came, into episodes.

    START ends the episode under way and begins another.  KEEP and DISCARD end it and say what becomes of it;
    on one that has ended they change the verdict.  SUCCESS and FAILURE judge it and end it too.
    """

    def __init__(self) -> None:
        self._episodes: dict[str, Episode] = {}
        self._current = ""

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """In the order of their starts."""
        return tuple(self._episodes.values())

    @property
    def current(self) -> Episode | None:
        """The one under way."""
        return self._episodes.get(self._current)

    def add(self, event: EpisodeEvent) -> Episode:
        """The episode as it is after the event.

        Raises BagError, and changes nothing, when the event speaks of an episode that there is not.
        """
        if event.kind is EpisodeAction.START:
            return self._start(event)
        episode = self._meant(event)
        stamp = event.stamp
        if event.kind is EpisodeAction.INTERVENTION:
            episode = replace(episode, interventions=(*episode.interventions, stamp))
        elif event.kind is not EpisodeAction.MARK:
            episode = replace(episode, end=episode.end or stamp)
            if event.kind is EpisodeAction.KEEP:
                episode = replace(episode, verdict=Verdict.KEPT)
            elif event.kind is EpisodeAction.DISCARD:
                episode = replace(episode, verdict=Verdict.DISCARDED)
            else:
                success = event.kind is EpisodeAction.SUCCESS
                episode = replace(episode, outcome=Outcome.SUCCESS if success else Outcome.FAILURE)
        episode = replace(
            episode,
            task=event.task or episode.task,
            operator=event.operator or episode.operator,
            note="\n".join(filter(None, (episode.note, event.note))),
        )
        self._episodes[episode.name] = episode
        if episode.end and episode.name == self._current:
            self._current = ""
        return episode

    def close(self, stamp: int) -> None:
        """The recording ends at log time `stamp` [ns], and with it the episode under way."""
        if self.current is not None:
            self._episodes[self._current] = replace(self.current, end=stamp)
            self._current = ""

    def _start(self, event: EpisodeEvent) -> Episode:
        name = event.episode or f"{len(self._episodes):03d}"
        if name in self._episodes:
            raise BagError(f"there is an episode {name} already; each needs a name of its own")
        self.close(event.stamp)
        started = Episode(name, event.stamp, task=event.task, operator=event.operator, note=event.note)
        self._episodes[name] = started
        self._current = name
        return started

    def _meant(self, event: EpisodeEvent) -> Episode:
        name = event.episode or self._current or next(reversed(self._episodes), "")
        if name not in self._episodes:
            known = ", ".join(self._episodes) or "none"
            raise BagError(f"there is no episode {name!r} to {event.kind.word}; started were: {known}")
        return self._episodes[name]
