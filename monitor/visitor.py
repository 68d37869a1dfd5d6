"""One page that is open somewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """`number` tells pages apart; `name` is what the person at it goes by."""

    number: int
    name: str
