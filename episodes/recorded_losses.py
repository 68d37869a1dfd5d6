"""What a recorder counted as lost, as its bag tells it."""

from __future__ import annotations

import re

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.record_names import SUMMARY_RECORD

_PREFIX = "cairn.lost."
_TEXT = re.compile(r"dropped (\d+), missing (\d+)")


def recorded_losses(reader: BagReader) -> dict[str, tuple[int, int]] | None:
    """Messages dropped by the recorder and messages that never reached it, of topics that lost some.

    None when nobody counted: the recorder was killed, or was another one.
    """
    summary = reader.metadata.get(SUMMARY_RECORD, {})
    if "cairn.messages_lost" not in summary:
        return None
    found = {key: _TEXT.fullmatch(text) for key, text in summary.items() if key.startswith(_PREFIX)}
    return {
        key.removeprefix(_PREFIX): (int(match[1]), int(match[2])) for key, match in found.items() if match
    }
