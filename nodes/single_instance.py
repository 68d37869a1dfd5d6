"""Refuse to be the second of what there may be one of."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from std_msgs.msg import Header

from cairn.hardware.errors import CairnError
from cairn.nodes.event_callbacks import NO_PUBLISHER_EVENTS, NO_SUBSCRIPTION_EVENTS
from cairn.nodes.qos_profiles import LATCHED

DISCOVERY_TIME = 4.0
"""Seconds in which whoever is there already is heard of: Fast DDS repeats lost announcements every 3 s."""
LONG_DISCOVERY_TIME = 10.0
"""Seconds to look for others where nothing waits for it."""
_PERIOD = 0.1
# An endpoint and its claim vanish one after the other: what is no stranger may look like one for a moment.
_LOOKS = 3
_SETTLED = 0
# As deep as there may be others: each latches one.
_ALL_CLAIMS = QoSProfile(depth=20, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class SecondInstance(CairnError):
    """Another process already does the same work on the same topics."""


class Claim(NamedTuple):
    """Who claims a topic since when [ns]; of two, the smaller counts.  Whoever has settled claims since 0."""

    since: int
    who: str


class SingleInstance:
    """Sees to it that a node is alone with its work: of two, the later one ends with SecondInstance.

    Discovery takes up to three seconds, and two may start at once.  So each publishes a latched claim on the
    hidden topic `<topic>/_claim`, listens for `patience` seconds while the executor spins, and ends as soon
    as it hears of an older one, or of a publisher of `topic` that makes no claim.  Of two new ones the first
    to start goes on.  Who has heard of none by then has settled, and never ends for another's sake.

    Make it before the node's own publisher of `topic`.

    Args:
        node: the node; its executor is where SecondInstance is raised.
        topic: what only one may publish.
        what: what there may be one of, in words.
        patience: how long to look for others [s].
        begin: called when it has settled: the place to begin with what would disturb another.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        what: str,
        patience: float = LONG_DISCOVERY_TIME,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._node, self._what, self._begin = node, what, begin
        self._topic = node.resolve_topic_name(topic)
        self._hidden = f"{self._topic}/_claim"
        process = f"process {os.getpid()} on {socket.gethostname()}"
        name = node.get_fully_qualified_name()
        self._claim = Claim(time.time_ns(), f"{name}, {process} ({secrets.token_hex(4)})")
        self._settles = time.monotonic() + patience
        self._looks = self._strangers = 0
        self._is_refused = False
        self._claims = node.create_publisher(
            Header, self._hidden, LATCHED, event_callbacks=NO_PUBLISHER_EVENTS
        )
        self._publish()
        node.create_subscription(
            Header, self._hidden, self._on_claim, _ALL_CLAIMS, event_callbacks=NO_SUBSCRIPTION_EVENTS
        )
        self._timer = node.create_timer(_PERIOD, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    @property
    def has_settled(self) -> bool:
        """Whether the time to find others is over."""
        return self._claim.since == _SETTLED

    def _publish(self) -> None:
        self._claims.publish(
            Header(stamp=Time(nanoseconds=self._claim.since).to_msg(), frame_id=self._claim.who)
        )

    def _on_claim(self, message: Header) -> None:
        if self._is_refused:
            return
        other = Claim(message.stamp.sec * 10**9 + message.stamp.nanosec, message.frame_id)
        if not self.has_settled:
            if other < self._claim:
                self._refuse(f"belongs to {other.who} already")
        elif other.since == _SETTLED and other.who != self._claim.who:
            self._node.get_logger().error(f"there are two {self._what}s: {self._topic} is also {other.who}'s")

    def _look(self) -> None:
        if self._is_refused:  # and the node spins once more to close
            return
        # A node that was long in the making has its messages still before it at the first look.
        self._looks += 1
        if self._looks >= _LOOKS and time.monotonic() >= self._settles:
            self._node.destroy_timer(self._timer)
            self._claim = Claim(_SETTLED, self._claim.who)
            self._publish()
            self._begin()
            return
        self._strangers = self._strangers + 1 if self._is_stranger_there() else 0
        if self._strangers >= _LOOKS:
            self._refuse("has a publisher already")

    def _is_stranger_there(self) -> bool:
        """Whether somebody publishes who makes no claim: those who do, claim first."""
        own = sum(publisher.topic_name == self._topic for publisher in self._node.publishers)
        others = self._node.count_publishers(self._topic) - own
        return others > self._node.count_publishers(self._hidden) - 1

    def _refuse(self, why: str) -> None:
        self._is_refused = True
        raise SecondInstance(
            f"expected to be the only {self._what}, but {self._topic} {why}; stop the other one, or give "
            "this one a namespace or a ROS_DOMAIN_ID of its own"
        )
