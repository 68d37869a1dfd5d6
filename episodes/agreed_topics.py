"""Topics of several bags as one bag can hold them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cairn.episodes.bag_error import BagError
from cairn.episodes.topic import Topic

_COMMENT = re.compile(r"#[^\n\"']*$", re.MULTILINE)


def agreed_topics(bags: Iterable[tuple[str, Mapping[str, Topic]]]) -> dict[str, Topic]:
    """Topics by name, each with what all its publishers offered.

    Args:
        bags: each bag's name, and its topics by theirs.

    Raises BagError when bags disagree on the type of a topic or on that type's definition; comments and
    spaces of a definition don't matter, and a definition that one bag lacks is that of the other.
    """
    agreed: dict[str, tuple[str, Topic]] = {}
    for bag, topics in bags:
        for name, topic in topics.items():
            if name in agreed:
                owner, known = agreed[name]
                _check(name, owner, known, bag, topic)
                agreed[name] = (owner, _union(known, topic))
            else:
                agreed[name] = (bag, topic)
    return {name: topic for name, (_, topic) in agreed.items()}


def _check(name: str, owner: str, known: Topic, bag: str, topic: Topic) -> None:
    if known.type != topic.type:
        raise BagError(
            f"{name} is {known.type} in {owner}, but {topic.type} in {bag}: "
            "expected topics of one name to have one type"
        )
    both_known = known.definition and topic.definition
    if both_known and _layout(known.definition) != _layout(topic.definition):
        raise BagError(
            f"the definition of {topic.type} ({name}) in {bag} differs from that in {owner}: "
            "expected bags that were recorded with the same messages"
        )


def _union(known: Topic, topic: Topic) -> Topic:
    return replace(
        known,
        definition=known.definition or topic.definition,
        # Equal profiles within a bag are several publishers, those of two bags are the same ones again.
        offered_qos=tuple((Counter(known.offered_qos) | Counter(topic.offered_qos)).elements()),
        type_hash=known.type_hash or topic.type_hash,
    )


def _layout(definition: str) -> list[list[str]]:
    lines = (line.split() for line in _COMMENT.sub("", definition).splitlines())
    return [words for words in lines if words]
