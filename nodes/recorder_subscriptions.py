"""Hear what is to be recorded, from whoever publishes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from cairn.episodes.bag_error import BagError
from cairn.episodes.message_definitions import MessageDefinitions
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.topic import Topic
from cairn.episodes.topic_selection import TopicSelection
from cairn.nodes.event_callbacks import NO_SUBSCRIPTION_EVENTS
from cairn.nodes.matched_qos import matched_qos, offered_qos
from cairn.nodes.message_class import message_class

_UNNUMBERED = (1 << 64) - 1
"""What a middleware that doesn't number messages says."""


class RecorderSubscriptions:
    """Subscribes to the selected topics as they appear, with a quality of service that hears all publishers.

    Args:
        node: to subscribe with.
        selection: which topics.
        own: absolute name of the topic that the recorder writes itself.
        depth: messages that the middleware keeps while the recorder is busy.
        on_topic: told of a topic before its first message.
        on_message: gets every message.
        note_callback: told how long each took [s].
    """

    def __init__(
        self,
        node: Node,
        selection: TopicSelection,
        own: str,
        depth: int,
        on_topic: Callable[[Topic], None],
        on_message: Callable[[ReceivedMessage], None],
        note_callback: Callable[[float], None],
    ) -> None:
        self._node = node
        self._selection = selection
        self._own = own
        self._depth = depth
        self._on_topic = on_topic
        self._on_message = on_message
        self._note_callback = note_callback
        self._simulated = bool(node.get_parameter("use_sim_time").value)
        self._definitions = MessageDefinitions()
        self._subscriptions: dict[str, tuple[QoSProfile, Subscription[Any]]] = {}
        self.problems: dict[str, str] = {}

    def look_around(self) -> None:
        """Subscribe to what has appeared, and again where a new publisher offers less than the others."""
        for name, types in self._node.get_topic_names_and_types():
            if name == self._own:
                self._check_own(name)
                continue
            if not self._selection.matches(name):
                continue
            publishers = self._node.get_publishers_info_by_topic(name)
            if not publishers:
                continue
            if len(types) != 1:
                self._note_problem(name, f"publishers disagree on its type: {', '.join(types)}")
                continue
            wanted = matched_qos(publishers, self._depth)
            known = self._subscriptions.get(name)
            if known is None:
                self._on_topic(self.describe(name, types[0]))
            elif known[0] != wanted:
                self._node.destroy_subscription(known[1])
            else:
                continue
            subscription = self._subscribe(name, types[0], wanted)
            if subscription is not None:
                self._subscriptions[name] = (wanted, subscription)

    def describe(self, name: str, type_name: str) -> Topic:
        """What a bag must know of a topic, as its present publishers offer it."""
        publishers: list[TopicEndpointInfo] = self._node.get_publishers_info_by_topic(name)
        try:
            definition = self._definitions.find(type_name)
        except BagError as error:
            self._note_problem(name, f"recorded, but can't be decoded: {error}")
            definition = ""
        hashes = {str(getattr(publisher, "topic_type_hash", "")) for publisher in publishers}
        return Topic(
            name=name,
            type=type_name,
            definition=definition,
            offered_qos=tuple(map(offered_qos, publishers)),
            type_hash=hashes.pop() if len(hashes) == 1 else "",
        )

    def _check_own(self, name: str) -> None:
        own = (self._node.get_name(), self._node.get_namespace())
        others = [
            publisher.node_name
            for publisher in self._node.get_publishers_info_by_topic(name)
            if (publisher.node_name, publisher.node_namespace) != own
        ]
        if others:
            reason = f"only the recorder's own events are recorded, not those of {', '.join(sorted(others))}"
            self._note_problem(name, reason)

    def _subscribe(self, name: str, type_name: str, qos: QoSProfile) -> Subscription[Any] | None:
        try:
            kind = message_class(type_name)
        except BagError as error:
            self._note_problem(name, f"not recorded: {error}")
            return None
        return self._node.create_subscription(
            kind,
            name,
            self._receiver(name),
            qos,
            event_callbacks=NO_SUBSCRIPTION_EVENTS,
            raw=True,
        )

    def _receiver(self, name: str) -> Callable[[Any, Any], None]:
        on_message, clock, simulated = self._on_message, self._node.get_clock(), self._simulated
        note_duration = self._note_callback

        def receive(data: bytes, info: dict[str, Any]) -> None:
            begun = time.perf_counter()
            received = clock.now().nanoseconds
            # The middleware stamps with the system's clock, which says nothing in a simulation.
            published = received if simulated else info["source_timestamp"]
            publisher = (info.get("publisher_gid") or {}).get("data", b"")
            sequence = info.get("publication_sequence_number")
            if sequence == _UNNUMBERED:
                sequence = None
            on_message(ReceivedMessage(name, data, received, published, publisher, sequence))
            note_duration(time.perf_counter() - begun)

        return receive

    def _note_problem(self, topic: str, reason: str) -> None:
        if self.problems.get(topic) != reason:
            self._node.get_logger().warning(f"{topic} {reason}")
        self.problems[topic] = reason
