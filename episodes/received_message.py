"""A message on its way from a subscription to a bag."""

from __future__ import annotations

from typing import NamedTuple


class ReceivedMessage(NamedTuple):
    """A message as it came; a tuple, for a thousand of them are made in a second.

    Attributes:
        topic: name of the topic.
        data: the message as CDR.
        log_time: when it was received [ns].
        publish_time: when it was published [ns].
        publisher: who published it; empty when unknown.
        sequence: its number in the publisher's count, None when unknown.
    """

    topic: str
    data: bytes
    log_time: int
    publish_time: int
    publisher: bytes = b""
    sequence: int | None = None
