"""Names that clash, told apart."""

from __future__ import annotations

from collections.abc import Container
from pathlib import PurePosixPath


def distinct_name(name: str, taken: Container[str], suffix: bool = False) -> str:
    """`name` if it is free, else the first of name-2, name-3, ... that is.

    Args:
        name: as wanted.
        taken: the names in use.
        suffix: the number goes before the ending of a file's name.
    """
    ending = PurePosixPath(name).suffix if suffix else ""
    stem, number, found = name.removesuffix(ending), 1, name
    while found in taken:
        number += 1
        found = f"{stem}-{number}{ending}"
    return found
