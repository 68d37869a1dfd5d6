"""What motors complain of."""

from __future__ import annotations

# Bits of Hardware Error Status.
_WORDS = {0: "input voltage", 2: "overheating", 3: "encoder", 4: "electrical shock", 5: "overload"}


def error_words(status: int) -> tuple[str, ...]:
    """The complaints in a Hardware Error Status, e.g. ("overload",)."""
    return tuple(_WORDS.get(bit, f"error bit {bit}") for bit in range(8) if status >> bit & 1)
