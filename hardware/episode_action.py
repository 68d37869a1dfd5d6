"""What can be said about an episode of a recording: by a button, a script or a program."""

from __future__ import annotations

from enum import IntEnum


class EpisodeAction(IntEnum):
    """The numbers are those of cairn_interfaces/EpisodeEvent."""

    START = 0
    KEEP = 1
    DISCARD = 2
    SUCCESS = 3
    FAILURE = 4
    INTERVENTION = 5
    MARK = 6

    @property
    def word(self) -> str:
        """For people, scripts and the names of settings."""
        return self.name.lower()
