"""A button that counts only when its press was seen."""

from __future__ import annotations


class FreshPress:
    """Held from a press to the release that follows, if a release was seen before the press."""

    def __init__(self) -> None:
        self._was_released = False
        self._held = False

    @property
    def is_held(self) -> bool:
        return self._held

    def update(self, pressed: bool) -> None:
        """The state of the button as it is now."""
        if not pressed:
            self._was_released = True
        self._held = pressed and self._was_released

    def forget(self) -> None:
        """The button was out of sight: it must be released and pressed afresh."""
        self._was_released = False
        self._held = False
