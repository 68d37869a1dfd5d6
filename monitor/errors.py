"""The monitor's own errors."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class MonitorError(CairnError):
    """The page can't be served: an address in use, a bad token file."""


class PageRefused(CairnError):
    """Something that a page asks for is not given; the page shows the message."""
