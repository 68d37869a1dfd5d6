"""The secret that allows control."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from cairn.monitor.errors import MonitorError

SHORTEST = 12


class AccessToken:
    """Compared in constant time, and never part of a text by accident."""

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def random(cls) -> AccessToken:
        """A new one of 96 bits."""
        return cls(secrets.token_urlsafe(12))

    @classmethod
    def read(cls, path: Path) -> AccessToken:
        """The first line of a file that only its owner may read.  Raises MonitorError."""
        try:
            mode = path.stat().st_mode
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise MonitorError(f"the token file {path} can't be read: {error}") from error
        if mode & 0o077:
            raise MonitorError(f"others may read or change the token file {path}: chmod 600 {path}")
        text = lines[0].strip() if lines else ""
        if len(text) < SHORTEST:
            raise MonitorError(
                f"expected a token of at least {SHORTEST} characters in {path}, got {len(text)}"
            )
        return cls(text)

    def matches(self, given: str) -> bool:
        """Whether `given` is the token."""
        return hmac.compare_digest(self._text.encode("utf-8"), given.encode("utf-8", "replace"))

    def reveal(self) -> str:
        """The token itself, for the one line that tells the operator."""
        return self._text

    def __repr__(self) -> str:
        return "AccessToken(hidden)"
