"""Files that are whole or not there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cairn.hardware.errors import CairnError


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 beside `path` and rename, so that a reader never sees half of it.

    Raises CairnError when it can't be written; nothing new is left there then.
    """
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise CairnError(f"{path} can't be written: {error}") from error
