"""When an unattended collection begins and ends its episodes."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class Remark:
    """Something to tell the recorder, and why."""

    action: EpisodeAction
    note: str = ""


class EpisodeSchedule:
    """Episodes of at most `duration` seconds, which a contact ends `tail` seconds later.

    What is shorter than `shortest` when it ends is discarded.  Times are seconds of the odometry's stamps.

    Args:
        duration: of an episode.
        ends_at_collision: whether a contact ends it.
        tail: what an episode holds of the time after a contact or the end of driving.
        shortest: that is worth keeping.
        retry: time to wait after the recorder refused.
    """

    def __init__(
        self,
        duration: float,
        ends_at_collision: bool = True,
        tail: float = 1.0,
        shortest: float = 3.0,
        retry: float = 5.0,
    ) -> None:
        if not duration > shortest:
            raise CairnError(f"expected episodes longer than {shortest:g} s, got {duration}")
        self._duration = duration
        self._ends_at_collision = ends_at_collision
        self._tail = tail
        self._shortest = shortest
        self._retry = retry
        self._began: float | None = None
        self._end: tuple[float, str] | None = None
        self._not_before = float("-inf")

    @property
    def is_under_way(self) -> bool:
        return self._began is not None

    def update(self, stamp: float, drives: bool, collided: bool, retreats: bool) -> Remark | None:
        """What to say at `stamp`.

        Args:
            stamp: now.
            drives: the robot follows this collection's commands.
            collided: it touched something just now.
            retreats: it is getting away from a contact: no time to begin.
        """
        if self._began is None:
            if drives and not retreats and not collided and stamp >= self._not_before:
                self._began, self._end = stamp, None
                return Remark(EpisodeAction.START)
            return None
        if self._end is None:
            if collided and self._ends_at_collision:
                self._end = (stamp + self._tail, "ended by a collision")
            elif not drives:
                self._end = (stamp + self._tail, "ended with the drive")
            elif stamp - self._began >= self._duration:
                self._end = (stamp, "")
        if self._end is not None and stamp >= self._end[0]:
            return self._conclude(stamp, self._end[1])
        return None

    def finish(self, stamp: float) -> Remark | None:
        """The collection ends."""
        return None if self._began is None else self._conclude(stamp, "ended with the collection")

    def refused(self, stamp: float) -> None:
        """The recorder didn't begin the episode."""
        self._began = None
        self._not_before = stamp + self._retry

    def _conclude(self, stamp: float, note: str) -> Remark:
        assert self._began is not None
        length, self._began = stamp - self._began, None
        return Remark(EpisodeAction.KEEP if length >= self._shortest else EpisodeAction.DISCARD, note)
