"""What hands in messages have in common, whatever robot they drive."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.hand_state import HandState

Seen = TypeVar("Seen", bound=HandState, covariant=True)


class AnyHands(Protocol[Seen]):
    """Levels of buttons, and whatever the hands want."""

    @property
    def deadman(self) -> bool:
        """Held."""

    @property
    def emergency_stop(self) -> bool:
        """Held."""

    @property
    def arm(self) -> bool:
        """Held: the button that arms the gate."""

    @property
    def actions(self) -> frozenset[EpisodeAction]:
        """Of the buttons held."""

    @property
    def lost(self) -> bool:
        """The deadman went out of sight while it was held, which is no letting go."""

    def seen(self, **buttons: Any) -> Seen:
        """The state of a gamepad in these hands; `buttons` are those of `HandState`."""
