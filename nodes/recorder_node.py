"""The recorder: whatever is published goes into a bag, as the bytes that came over the wire."""

from __future__ import annotations

import importlib
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cairn_interfaces.msg import RecorderStatus
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.git_revision import git_revision
from cairn.episodes.message_definitions import MessageDefinitions
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.topic import Topic
from cairn.episodes.topic_selection import TopicSelection
from cairn.nodes.lifetime import run_node
from cairn.nodes.matched_qos import matched_qos, offered_qos
from cairn.nodes.parameter_snapshots import ParameterSnapshots
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.recorder_load import LoadMeter
from cairn.nodes.recorder_messages import diagnostics_message, status_message
from cairn.nodes.recorder_settings import RecorderSettings
from cairn.nodes.ros_distribution import ros_distribution
from cairn.policies.bundle import find_bundle, load_bundle

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # ROS 2 Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

GRAPH_PERIOD = 1.0
STATUS_PERIOD = 1.0


class RecorderNode(Node):
    """Subscribes to what is to be recorded as it appears, and hands the bytes to the writer's thread.

    When the disk fails, it reports an ERROR and goes on reporting; nobody else notices.

    Raises InvalidSetting on bad parameters and BagError when the bag can't be made.
    """

    def __init__(self) -> None:
        super().__init__("recorder")
        self._settings = NodeParameters(self, RecorderSettings).value
        self._simulated = bool(self.get_parameter("use_sim_time").value)
        self._definitions = MessageDefinitions()
        self._selection = TopicSelection(self._settings.topics, self._settings.exclude, self.get_namespace())
        self._subscriptions_by_topic: dict[str, tuple[QoSProfile, Subscription[Any]]] = {}
        self._problems: dict[str, str] = {}
        self._lost = 0
        self._load = LoadMeter()
        self._writer = BagWriter(self._settings.bag, self._settings.storage, self._provenance())
        self.get_logger().info(f"recording to {self._writer.bag}")

        self._snapshots = ParameterSnapshots(self, self._attach_parameters)
        self._status = self.create_publisher(RecorderStatus, "recorder/status", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(GRAPH_PERIOD, self._look_around, clock=steady)
        self.create_timer(STATUS_PERIOD, self._report, clock=steady)
        self._look_around()

    @property
    def failed(self) -> bool:
        """The recording ended by itself."""
        return self._writer.summary().failed

    def close(self) -> None:
        """Record the last words of the others, then complete the bag."""
        deadline = time.monotonic() + self._settings.linger
        while (left := deadline - time.monotonic()) > 0.0 and self.executor is not None:
            self.executor.spin_once(timeout_sec=left)
        summary = self._writer.close("stopped")
        self._report()
        self.get_logger().info(
            f"{self._writer.bag}: {summary.messages_written} messages, {summary.bytes_written / 1e6:.1f} MB, "
            f"{summary.messages_lost} lost"
        )

    def _provenance(self) -> Provenance:
        settings = self._settings
        attachments = [Attachment.read(Path(path).expanduser()) for path in settings.attachments if path]
        fingerprint = ""
        if settings.bundle:
            bundle = load_bundle(find_bundle(settings.bundle))
            fingerprint = bundle.fingerprint
            attachments.append(Attachment.read(bundle.directory / "policy.yaml"))
        return Provenance(
            clock_source="simulation" if self._simulated else "system",
            command_line=settings.command_line or shlex.join(sys.orig_argv),
            git_revision=git_revision(Path(__file__).parent),
            bundle_sha256=fingerprint,
            ros_distro=ros_distribution(),
            attachments=tuple(attachments),
        )

    def _look_around(self) -> None:
        """Subscribe to what has appeared, and again where a new publisher offers less than the others."""
        self._snapshots.poll()
        for name, types in self.get_topic_names_and_types():
            if not self._selection.matches(name):
                continue
            publishers = self.get_publishers_info_by_topic(name)
            if not publishers:
                continue
            if len(types) != 1:
                self._note_problem(name, f"publishers disagree on its type: {', '.join(types)}")
                continue
            wanted = matched_qos(publishers, self._settings.depth)
            known = self._subscriptions_by_topic.get(name)
            if known is None:
                subscription = self._subscribe_first(name, types[0], publishers, wanted)
            elif known[0] != wanted:
                self.destroy_subscription(known[1])
                subscription = self._subscribe(name, types[0], wanted)
            else:
                continue
            if subscription is not None:
                self._subscriptions_by_topic[name] = (wanted, subscription)

    def _subscribe_first(
        self, name: str, type_name: str, publishers: list[Any], qos: QoSProfile
    ) -> Subscription[Any] | None:
        try:
            definition = self._definitions.find(type_name)
        except BagError as error:
            self._note_problem(name, f"recorded, but can't be decoded: {error}")
            definition = ""
        hashes = {str(getattr(publisher, "topic_type_hash", "")) for publisher in publishers}
        topic = Topic(
            name=name,
            type=type_name,
            definition=definition,
            offered_qos=tuple(map(offered_qos, publishers)),
            type_hash=hashes.pop() if len(hashes) == 1 else "",
        )
        self._writer.add_topic(topic)
        return self._subscribe(name, type_name, qos)

    def _subscribe(self, name: str, type_name: str, qos: QoSProfile) -> Subscription[Any] | None:
        package, _, message = type_name.split("/")
        try:
            kind = getattr(importlib.import_module(f"{package}.msg"), message)
        except (ImportError, AttributeError):
            self._note_problem(name, f"not recorded: no message class of {type_name} is installed here")
            return None
        return self.create_subscription(
            kind,
            name,
            self._receiver(name),
            qos,
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False),
            raw=True,
        )

    def _receiver(self, name: str) -> Callable[[Any, Any], None]:
        write, clock, simulated = self._writer.write, self.get_clock(), self._simulated
        note_duration = self._load.note_callback

        def on_message(data: bytes, info: dict[str, Any]) -> None:
            begun = time.perf_counter()
            received = clock.now().nanoseconds
            # The middleware stamps with the system's clock, which says nothing in a simulation.
            published = received if simulated else info["source_timestamp"]
            publisher = info.get("publisher_gid") or {}
            write(
                name,
                data,
                received,
                published,
                publisher.get("data", b""),
                info.get("publication_sequence_number"),
            )
            note_duration(time.perf_counter() - begun)

        return on_message

    def _attach_parameters(self, node: str, text: str) -> None:
        self._writer.attach(Attachment(f"parameters{node}.yaml", text.encode("utf-8")))

    def _note_problem(self, topic: str, reason: str) -> None:
        if self._problems.get(topic) != reason:
            self.get_logger().warning(f"{topic} {reason}")
        self._problems[topic] = reason

    def _report(self) -> None:
        summary = self._writer.summary()
        newly_lost, self._lost = summary.messages_lost - self._lost, summary.messages_lost
        if summary.failed:
            self.get_logger().error(f"not recording: {summary.reason}", throttle_duration_sec=10.0)
        elif newly_lost:
            self.get_logger().error(f"{newly_lost} messages lost", throttle_duration_sec=10.0)
        stamp = self.get_clock().now().to_msg()
        free_gb = shutil.disk_usage(self._writer.bag).free / 1e9
        self._status.publish(status_message(summary, str(self._writer.bag), free_gb, stamp))
        load = self._load.read()
        self._diagnostics.publish(diagnostics_message(summary, newly_lost, self._problems, load, stamp))


def main() -> int:
    """Record until a signal; returns the exit status, 1 when the recording ended by itself before."""
    nodes: list[RecorderNode] = []

    def build() -> RecorderNode:
        nodes.append(RecorderNode())
        return nodes[0]

    status = run_node(build)
    return status or int(any(node.failed for node in nodes))


if __name__ == "__main__":
    sys.exit(main())
