"""A topic as a bag knows it."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.episodes.offered_qos import OfferedQos


@dataclass(frozen=True)
class Topic:
    """What a bag must know of a topic before its first message.

    Attributes:
        name: absolute topic name.
        type: "package/msg/Name".
        definition: the message's .msg text with all dependencies (`MessageDefinitions.find`); empty when
            unknown: the bytes are kept, but can't be decoded from the bag alone.
        offered_qos: what the publishers offered, one entry a publisher.
        type_hash: REP-2011 hash ("RIHS01_..."), empty when unknown.
    """

    name: str
    type: str
    definition: str = ""
    offered_qos: tuple[OfferedQos, ...] = ()
    type_hash: str = ""
