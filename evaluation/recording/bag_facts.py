"""Where a recording comes from, in words."""

from __future__ import annotations

from contextlib import suppress

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.record_names import CUT_RECORD, MERGE_RECORD, PROVENANCE_RECORD, SUMMARY_RECORD

_LARGEST_TEXT = 32768  # [bytes] of an attachment on the page
_OF_ONE_TOPIC = ("cairn.longest_gap.", "cairn.lost.", "cairn.late.", "cairn.gaps.")


def bag_facts(reader: BagReader) -> dict[str, str]:
    """Provenance, the recorder's last words, and what the bag was cut or merged from; nothing empty."""
    entries = {**reader.metadata.get(PROVENANCE_RECORD, {}), **reader.metadata.get(SUMMARY_RECORD, {})}
    facts = {
        key.removeprefix("cairn.").replace("_", " "): value
        for key, value in entries.items()
        if value and not key.startswith(_OF_ONE_TOPIC)
    }
    if (cut := reader.metadata.get(CUT_RECORD)) and MERGE_RECORD not in reader.metadata:
        facts["cut from"] = cut.get("bag", "?")
        with suppress(KeyError, ValueError):
            start, end = int(cut["start"]) * 1e-9, int(cut["end"]) * 1e-9
            facts["cut from"] += f", {end - start:.1f} s from log time {start:.3f} s on"
    if merged := reader.metadata.get(MERGE_RECORD):
        facts["merged from"] = ", ".join(merged.values())
    return facts


def readable_attachments(reader: BagReader) -> dict[str, str | None]:
    """Attached files by name: their text, None for what is no text or a long one."""
    texts: dict[str, str | None] = {}
    for attachment in reader.attachments:
        try:
            text = attachment.data.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        readable = 0 < len(text) <= _LARGEST_TEXT and "\0" not in text
        texts[attachment.name] = text if readable else None
    return texts
