"""Whether a request was meant for this machine by a page of this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from cairn.monitor.errors import PageRefused


class SameHost:
    """Keeps out pages of other sites, also those that point a name of theirs at this machine's address.

    An address in the Host header can't be such a name; names must be known.

    Args:
        names: names that this machine answers to, besides localhost and its host name.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(name.lower() for name in names)}

    def check(self, headers: Mapping[str, str]) -> None:
        """Raises PageRefused for a foreign Host, or an Origin that is not the same host and port."""
        host = headers.get("Host", "")
        name = "" if "@" in host else _name(f"//{host}")
        if not (name in self._names or _is_address(name)):
            raise PageRefused(
                f"host {host!r} is not known here; valid are addresses and {', '.join(sorted(self._names))}"
                " (parameter hosts)"
            )
        origin = headers.get("Origin")
        # Programs that are no browsers send none; browsers always do where it matters.
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            raise PageRefused(f"origin {origin!r} is another site; expected a page of {host!r}")


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
