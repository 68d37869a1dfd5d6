"""Small pictures of the nodes, kept on disk."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

logger = logging.getLogger(__name__)


class ThumbnailStore:
    """An unnamed spool file of JPEGs: nothing stays behind, whatever kills the process.

    One writer appends; any thread reads what was appended before (positional reads share no cursor).
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(prefix="cairn-thumbnails-", dir=directory, buffering=0)  # noqa: SIM115
        self._end = 0
        self._failed = False

    def append(self, jpeg: bytes) -> tuple[int, int]:
        """Store and return offset and length; (0, 0) and one warning when the disk is full.

        A robot goes on without pictures: they serve people, not planning.
        """
        try:
            written = os.pwrite(self._file.fileno(), jpeg, self._end) if jpeg else 0
        except OSError as error:
            written = -1
            reason = str(error)
        else:
            reason = f"wrote {written} of {len(jpeg)} bytes"
        if written != len(jpeg):
            if not self._failed:
                logger.warning("thumbnails are no longer kept: %s", reason)
            self._failed = True
            return 0, 0
        offset, self._end = self._end, self._end + len(jpeg)
        return offset, len(jpeg)

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, offset) if length else b""

    def close(self) -> None:
        self._file.close()
