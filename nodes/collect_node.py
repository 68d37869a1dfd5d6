"""Collects explorative data without a person: drives at random within limits, labels, keeps episodes."""

from __future__ import annotations

import sys
import time

from cairn_interfaces.msg import CollisionState, GateStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry as OdometryMessage
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.hardware.twist import Twist
from cairn.navigation.budget import Budget
from cairn.navigation.collection.collector import CollectionStep, Collector, Situation
from cairn.navigation.collection.episode_schedule import EpisodeSchedule, Remark
from cairn.navigation.collection.geofence import Geofence
from cairn.nodes.collect_settings import CollectNodeSettings
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.episode_client import EpisodeClient
from cairn.nodes.lifetime import run_node
from cairn.nodes.odometry_conversion import odometry_from_message
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.range_source import RangeSource
from cairn.nodes.single_instance import DISCOVERY_TIME, SingleInstance
from cairn.nodes.twist_conversion import twist_from_message, twist_to_stamped_message

COMMAND_PERIOD = 0.04
"""Seconds of odometry between two commands: the gate wants several in its timeout."""
GATE_SILENCE = 1.0
"""Seconds after which nothing is known of the gate."""
MOST_REFUSALS = 3
"""Of the recorder, in a row, that end the collection: nobody needs a drive that isn't recorded."""
FAREWELL = 10.0
"""Seconds for the recorder to confirm the last episode."""


class CollectNode(Node):
    """Acts on odometry as it arrives and is one of the gate's candidates; its commands cease with odometry.

    It ends the process with status 0 when a budget is spent, and with 2 when the robot has left the fence or
    fallen over or the recorder refuses.  Raises CairnError on bad parameters or a second one here.
    """

    def __init__(self) -> None:
        super().__init__("collect")
        self._settings = NodeParameters(self, CollectNodeSettings).value
        self._alone = SingleInstance(self, "collection/collision", "collect node", DISCOVERY_TIME)
        settings = self._settings
        self._budget = Budget(settings.time_budget, settings.distance_budget)
        self._fence = Geofence.parse(settings.geofence) if settings.geofence else None
        self._collector: Collector | None = None
        self._schedule = EpisodeSchedule(settings.episode_duration, settings.end_episode_at_collision)
        self._ranges = RangeSource(self, settings.bundle)
        self._episodes = EpisodeClient(self)
        self._touches = self._touched = self._flipped = False
        self._gate: tuple[GateStatus, float] | None = None
        self._sent = self._stamp = 0.0
        self._kept = self._discarded = 0
        self._last: CollectionStep | None = None
        self._refusals = 0
        self._ended: tuple[str, float] | None = None
        self._is_fault = False
        self._is_confirmed = False

        self._command = self.create_publisher(TwistStamped, "gate/policy", 1)
        self._collision = self.create_publisher(CollisionState, "collection/collision", 50)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_subscription(
            CollisionState, "simulation/collision", self._on_collision, qos_profile_sensor_data
        )
        self.create_subscription(GateStatus, "gate/status", self._on_gate, qos_profile_sensor_data)
        self.create_subscription(
            OdometryMessage, "platform/odom/filtered", self._on_odometry, qos_profile_sensor_data
        )
        self.create_timer(1.0, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Stop, and keep the episode under way."""
        if self._collector is None or self._ended is not None:
            return
        self._conclude("the collect node shuts down")
        deadline = time.monotonic() + 1.0
        while not self._is_confirmed and self.executor is not None and time.monotonic() < deadline:
            self.executor.spin_once(timeout_sec=0.05)

    # What is sensed.

    def _on_collision(self, message: CollisionState) -> None:
        # Held until the next odometry: a short contact must not be missed.
        self._touches = self._touches or message.physical
        self._flipped = message.flipped

    def _on_gate(self, message: GateStatus) -> None:
        self._gate = (message, time.monotonic())

    def _on_odometry(self, message: OdometryMessage) -> None:
        try:
            odometry = odometry_from_message(message)
        except CairnError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        if self._ended is not None:
            self._leave_when_confirmed()
            return
        if not self._alone.has_settled:
            return
        if self._settings.require_recorder and not self._episodes.is_ready:
            self.get_logger().info("waits for the recorder", throttle_duration_sec=5.0)
            return
        if self._collector is None:
            self._collector = self._begin(odometry)
        passed_on = self._passed_on()
        self._stamp = odometry.stamp
        step = self._collector.step(
            Situation(odometry, self._touches, self._flipped, passed_on, self._ranges.at(odometry.stamp))
        )
        self._touched = self._touched or self._touches
        self._touches = False
        self._last = step
        self._publish(step, message)
        if step.end:
            self._conclude(step.end, step.is_fault)
            return
        remark = self._schedule.update(odometry.stamp, passed_on is not None, step.collided, step.retreats)
        if remark is not None:
            self._say(remark, odometry.stamp)

    def _begin(self, odometry: Odometry) -> Collector:
        """A collector whose fence lies about where the robot stands.  Raises CairnError outside of it."""
        settings, fence = self._settings, self._fence
        if settings.geofence_radius:
            fence = Geofence.circle(odometry.x, odometry.y, settings.geofence_radius)
        if fence is not None and not fence.contains(odometry.x, odometry.y):
            raise CairnError(
                f"the robot must begin inside the geofence, but stands at ({odometry.x:.1f}, "
                f"{odometry.y:.1f}) m in odom, {fence.excess(odometry.x, odometry.y):.1f} m outside"
            )
        return Collector(
            settings.seed,
            settings.rate,
            settings.speed,
            settings.turn_rate,
            self._budget,
            fence,
            settings.stuck_after,
        )

    def _passed_on(self) -> Twist | None:
        """What the gate passes on of this node's commands."""
        if self._gate is None or time.monotonic() - self._gate[1] > GATE_SILENCE:
            return None
        status = self._gate[0]
        if status.state != GateStatus.DRIVING or status.source != "policy":
            return None
        return twist_from_message(status.commanded)

    # What is said.

    def _publish(self, step: CollectionStep, odometry: OdometryMessage) -> None:
        stamp = odometry.header.stamp
        now = 1e-9 * self.get_clock().now().nanoseconds
        if step.end or step.collided or abs(now - self._sent) >= COMMAND_PERIOD:
            self._sent = now
            self._command.publish(twist_to_stamped_message(step.twist, stamp, self._settings.base_frame))
            message = CollisionState(
                any=self._touched or step.close or step.flipped or step.stuck or step.outside_geofence,
                physical=self._touched,
                close=step.close,
                flipped=step.flipped,
                stuck=step.stuck,
                outside_geofence=step.outside_geofence,
                collisions=step.collisions,
            )
            message.header.stamp = stamp
            message.header.frame_id = self._settings.base_frame
            self._collision.publish(message)
            self._touched = False
        if step.collided:
            self.get_logger().info(f"contact {step.collisions}: {'stuck' if step.stuck else 'touched'}")

    def _say(self, remark: Remark, stamp: float) -> None:
        def answered(success: bool, message: str, _: str) -> None:
            if remark.action is EpisodeAction.START:
                self._refusals = 0 if success else self._refusals + 1
                if not success:
                    self._schedule.refused(stamp)
                if self._refusals == MOST_REFUSALS and self._ended is None:
                    self._conclude(f"the recorder begins no episode: {message}", is_fault=True)
            else:
                self._is_confirmed = True
                self._kept += success and remark.action is EpisodeAction.KEEP
                self._discarded += success and remark.action is EpisodeAction.DISCARD

        task = self._settings.task if remark.action is EpisodeAction.START else ""
        self._episodes.say(remark.action, task=task, operator="collect", note=remark.note, answered=answered)

    def _conclude(self, reason: str, is_fault: bool = False) -> None:
        """Say the last things; the process ends when the recorder has confirmed them."""
        self._is_fault = is_fault
        self._ended = (reason, time.monotonic())
        self.get_logger().info(f"the collection is over: {reason}")
        remark = self._schedule.finish(self._stamp)
        if remark is None:
            self._is_confirmed = True
        else:
            self._is_confirmed = False
            self._say(remark, self._stamp)

    def _leave_when_confirmed(self) -> None:
        assert self._ended is not None
        reason, since = self._ended
        if not self._is_confirmed and time.monotonic() - since < FAREWELL:
            return
        if self._is_fault:
            raise CairnError(f"the collection was ended: {reason}")
        raise SystemExit(0)

    def _report(self) -> None:
        self._episodes.give_up_overdue()
        if self._ended is not None:
            self._leave_when_confirmed()
        level, message = DiagnosticStatus.OK, "collects"
        if self._collector is None:
            level, message = DiagnosticStatus.WARN, "waits for odometry and the recorder"
        elif self._passed_on() is None:
            reason = "" if self._gate is None else self._gate[0].reason
            level, message = (
                DiagnosticStatus.WARN,
                f"nothing is passed on: {reason or 'another drives'}",
            )
        values = {
            "distance [m]": "0" if self._collector is None else f"{self._collector.distance:.1f}",
            "contacts": "0" if self._last is None else str(self._last.collisions),
            "episodes kept": str(self._kept),
            "episodes discarded": str(self._discarded),
        }
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(diagnostics("collect: drive", level, message, values, stamp))


def main() -> int:
    """Collect until a budget is spent or a signal comes; returns the exit status."""
    return run_node(CollectNode)


if __name__ == "__main__":
    sys.exit(main())
