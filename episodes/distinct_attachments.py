"""The files attached to several bags as those of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from cairn.episodes.distinct_names import distinct_name
from cairn.episodes.provenance import Attachment


def distinct_attachments(
    bags: Iterable[tuple[str, Iterable[Attachment]]],
) -> Iterator[tuple[str, str, Attachment]]:
    """Attachments under distinct names; those of equal name and content, as in the files of a bag, once.

    Args:
        bags: the name of each bag, and what is attached to it.

    Yields the name of the bag, the name of the attachment in it, and the attachment under its new name.
    """
    taken: set[str] = set()
    known: set[tuple[str, bytes]] = set()
    for bag, attachments in bags:
        for attachment in attachments:
            key = (attachment.name, hashlib.sha256(attachment.data).digest())
            if key in known:
                continue
            known.add(key)
            name = distinct_name(attachment.name, taken, suffix=True)
            taken.add(name)
            yield bag, attachment.name, Attachment(name, attachment.data)
