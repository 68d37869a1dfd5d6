"""The recorder: whatever is published goes into a bag, as the bytes that came over the wire."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from cairn_interfaces.msg import RecorderStatus
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.git_revision import git_revision
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.recorder import Recorder
from cairn.episodes.snapshot_ring import SnapshotRing
from cairn.episodes.topic_selection import TopicSelection
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameter_snapshots import ParameterSnapshots
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.recorder_health import RecorderHealth
from cairn.nodes.recorder_load import LoadMeter
from cairn.nodes.recorder_messages import diagnostics_message, status_message
from cairn.nodes.recorder_services import RecorderServices
from cairn.nodes.recorder_settings import RecorderSettings
from cairn.nodes.recorder_subscriptions import RecorderSubscriptions
from cairn.nodes.ros_distribution import ros_distribution
from cairn.nodes.single_instance import SingleInstance
from cairn.policies.bundle import find_bundle, load_bundle

GRAPH_PERIOD = 1.0
STATUS_PERIOD = 1.0
_ALWAYS = ("robot_description",)
"""Without it nobody can say which robot a bag is about."""


class RecorderNode(Node):
    """Subscribes to what is to be recorded as it appears, and hands the bytes to the writers' threads.

    When the disk fails, it reports an ERROR and goes on reporting; nobody else notices.

    Raises InvalidSetting on bad parameters, BagError when the bag can't be made, and SecondInstance soon
    after the start where another recorder is at work: what was recorded until then is kept.
    """

    def __init__(self) -> None:
        super().__init__("recorder")
        self._settings = NodeParameters(self, RecorderSettings)
        settings = self._settings.value
        SingleInstance(self, "recorder/status", "recorder")
        self._load = LoadMeter()
        self._before: tuple[Path | None, BagSummary | None] = None, None
        self._fixed_provenance = self._read_provenance(settings)
        ring = SnapshotRing(settings.snapshot_seconds, int(settings.snapshot_mb * 1e6))
        self._recorder = Recorder(settings.storage, ring)
        self._snapshot_failure = ""
        if settings.autostart:
            self._recorder.start(settings.bag(settings.name), self._provenance())
            self.get_logger().info(f"recording to {self._recorder.bag}")

        self._status = self.create_publisher(RecorderStatus, "recorder/status", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._parameter_files = ParameterSnapshots(self, self._attach_parameters)
        self._asked = RecorderServices(
            self,
            self._recorder,
            lambda: self._settings.value,
            self._provenance,
            lambda name, kind: self._subscribed.describe(name, kind),
            self._publish_status,
        )
        self._subscribed = RecorderSubscriptions(
            self,
            TopicSelection((*settings.topics, *_ALWAYS), settings.exclude, self.get_namespace()),
            self._asked.event_topic,
            settings.depth,
            self._recorder.add_topic,
            self._recorder.add,
            self._load.note_callback,
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(GRAPH_PERIOD, self._look_around, clock=steady)
        self.create_timer(STATUS_PERIOD, self._report, clock=steady)
        self._look_around()

    @property
    def failed(self) -> bool:
        """A recording ended by itself."""
        return self._recorder.failed

    def close(self) -> None:
        """Record the last words of the others, then complete the bag."""
        deadline = time.monotonic() + self._settings.value.linger
        while (left := deadline - time.monotonic()) > 0.0 and self.executor is not None:
            self.executor.spin_once(timeout_sec=left)
        last = self._recorder.close("stopped")
        self._report()
        if last is not None:
            self.get_logger().info(f"{last.bag}: {last.summary().in_words()}")

    def _read_provenance(self, settings: RecorderSettings) -> Provenance:
        attachments = [Attachment.read(Path(path).expanduser()) for path in settings.attachments if path]
        if settings.urdf:
            urdf = Attachment.read(Path(settings.urdf).expanduser())
            attachments.append(Attachment("robot_description.urdf", urdf.data))
        fingerprint = ""
        if settings.bundle:
            bundle = load_bundle(find_bundle(settings.bundle))
            fingerprint = bundle.fingerprint
            attachments.append(Attachment.read(bundle.directory / "policy.yaml"))
        return Provenance(
            clock_source="simulation" if self.get_parameter("use_sim_time").value else "system",
            command_line=settings.command_line or shlex.join(sys.orig_argv),
            git_revision=git_revision(Path(__file__).parent),
            bundle_sha256=fingerprint,
            ros_distro=ros_distribution(),
            attachments=tuple(attachments),
        )

    def _provenance(self) -> Provenance:
        """That of a bag which begins now."""
        settings = self._settings.value
        said = {"cairn.task": settings.task, "cairn.operator": settings.operator}
        return replace(self._fixed_provenance, further=said)

    def _look_around(self) -> None:
        self._parameter_files.poll()
        self._subscribed.look_around()

    def _attach_parameters(self, node: str, text: str) -> None:
        self._recorder.attach(Attachment(f"parameters{node}.yaml", text.encode("utf-8")))

    def _publish_status(self) -> None:
        self._status.publish(
            status_message(
                self._recorder.summary(),
                str(self._recorder.bag or ""),
                self._settings.value.task,
                self._free_mb(),
                self.get_clock().now().to_msg(),
            )
        )

    def _report(self) -> None:
        self._settle()
        summary, bag = self._recorder.summary(), self._recorder.bag
        health = RecorderHealth(
            summary=summary,
            before=self._before[1] if self._before[0] == bag else None,
            problems=self._subscribed.problems,
            load=self._load.read(),
            free_mb=self._free_mb(),
            warn_free_mb=self._settings.value.warn_free_mb,
            snapshot_mb=self._recorder.ring.bytes / 1e6,
            snapshot_failure=self._snapshot_failure,
        )
        self._before = bag, summary
        if health.error:
            self.get_logger().error(health.error, throttle_duration_sec=10.0)
        elif health.warning:
            self.get_logger().warning(health.warning, throttle_duration_sec=10.0)
        self._publish_status()
        self._diagnostics.publish(diagnostics_message(health, self.get_clock().now().to_msg()))

    def _settle(self) -> None:
        """Tell what became of snapshots and of recordings that were stopped."""
        failures = []
        for writer in self._recorder.settle():
            summary = writer.summary()
            self.get_logger().info(f"{writer.bag}: {summary.in_words()}")
            if summary.failed:
                failures.append(f"{writer.bag} was cut short: {summary.reason}")
        self._snapshot_failure = "; ".join(failures)

    def _free_mb(self) -> float:
        """What the disk of the bags has left [MB]; their directory may not exist yet."""
        directory = Path(self._settings.value.directory).expanduser().absolute()
        existing = next(path for path in (directory, *directory.parents) if path.exists())
        return shutil.disk_usage(existing).free / 1e6


def main() -> int:
    """Record until a signal; returns the exit status, 1 when a recording ended by itself before."""
    nodes: list[RecorderNode] = []

    def build() -> RecorderNode:
        nodes.append(RecorderNode())
        return nodes[0]

    status = run_node(build)
    return status or int(any(node.failed for node in nodes))


if __name__ == "__main__":
    sys.exit(main())
