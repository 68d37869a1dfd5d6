"""Publish a recorded topic as it was published: the same bytes, with the same quality of service."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.topic import Topic
from cairn.nodes.message_class import message_class

_LATCHED, _BEST_EFFORT = 1, 2  # of rmw/types.h
_KEPT_BYTES = 32 << 20
_DEEPEST = 1000


def recorded_qos(offered: tuple[OfferedQos, ...], message_size: int) -> QoSProfile:
    """What satisfies every subscriber that the recorded publishers satisfied.

    Reliable and latched where any of them was.  Discovery does not tell how many messages a publisher kept:
    as many as fit into 32 MB, so that a subscriber that is busy for a moment loses none.
    """
    reliable = not offered or any(profile.reliability != _BEST_EFFORT for profile in offered)
    latched = any(profile.durability == _LATCHED for profile in offered)
    known = [profile.depth for profile in offered if profile.history == 1 and profile.depth > 0]
    fitting = max(10, min(_DEEPEST, _KEPT_BYTES // max(message_size, 1)))
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=max(known, default=1) if latched else max([fitting, *known]),
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def recorded_publisher(node: Node, topic: Topic, name: str, message_size: int) -> Publisher[Any]:
    """A publisher that takes the recorded bytes.  Raises BagError where the type is not installed."""
    qos = recorded_qos(topic.offered_qos, message_size)
    return node.create_publisher(message_class(topic.type), name, qos)
