"""Refuse to be the second of what there may be one of."""

from __future__ import annotations

import time

from rclpy.node import Node

from cairn.hardware.errors import CairnError

DISCOVERY_TIME = 1.0
"""Seconds in which whoever is there already must have been heard of."""


class SecondInstance(CairnError):
    """Another process already does the same work on the same topics."""


def refuse_second_instance(node: Node, topic: str, what: str, patience: float = DISCOVERY_TIME) -> None:
    """Raises SecondInstance when `topic` has a publisher, or gets one within `patience` seconds.

    Call it before the node makes its own publisher.
    """
    deadline = time.monotonic() + patience
    while not node.count_publishers(topic):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    raise SecondInstance(
        f"expected to be the only {what}, but {node.resolve_topic_name(topic)} has a publisher already; stop "
        "the other one, or give this one a namespace or a ROS_DOMAIN_ID of its own"
    )
