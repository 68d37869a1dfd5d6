"""Teleoperation: from hands at a gamepad, a `joy` topic, a page or a script to the gate."""

from __future__ import annotations

import sys
import time
from typing import Any

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import GateStatus, OperatorInput, RecorderStatus, TeleopStatus
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from rclpy.client import Client
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.task import Future
from sensor_msgs.msg import Joy
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.evdev_control import evdev_library
from cairn.hardware.evdev_gamepad import ANY, EvdevGamepad
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.decision import TeleopDecision
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.joy_gamepad import JoyGamepad
from cairn.hardware.teleop.operator_desk import OperatorDesk
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad
from cairn.hardware.teleop.teleoperation import Teleoperation
from cairn.hardware.twist import Twist
from cairn.nodes.episode_client import EpisodeClient
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.realtime import ask_for_realtime
from cairn.nodes.single_instance import SingleInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds
from cairn.nodes.teleop_messages import diagnostics_message, hands_from_message, status_message
from cairn.nodes.teleop_settings import TeleopSettings
from cairn.nodes.twist_conversion import twist_to_stamped_message

STATUS_PERIOD = 0.1
EMERGENCY_PERIOD = 0.1
GRAPH_PERIOD = 0.25
DIAGNOSTICS_PERIOD = 1.0
GATE_SILENCE = 1.0
"""Seconds after which nothing is known of the gate."""

# Deep enough that no tap on a button is overwritten by the message after it.
_EVERY_TAP = QoSProfile(depth=20, reliability=ReliabilityPolicy.BEST_EFFORT)


class TeleopNode(Node):
    """Looks at all hands at a steady rate and tells the gate on `gate/teleop`, `deadman` and `deadman_lost`.

    Raises CairnError on bad parameters, a gamepad that can't be used here, or a second one on these topics.
    """

    def __init__(self) -> None:
        super().__init__("teleop")
        self._declared = NodeParameters(self, TeleopSettings, self._change)
        settings = self._declared.value
        self._alone = SingleInstance(
            self, "teleop/status", "teleop node", settings.discovery_time, self._begin
        )
        self._joy: JoyGamepad | None = None
        self._teleoperation = Teleoperation(
            self._controllers(settings),
            settings.speeds,
            takeover=settings.takeover,
            is_steady=settings.idle == "zero",
            emergency=EmergencyButton(settings.emergency_stop_hold, settings.emergency_stop_steady),
            arm=ArmButton(settings.arm_hold),
        )
        self._desk = OperatorDesk(
            self._teleoperation,
            settings.operator_timeout,
            settings.operator_max_age,
            settings.future_tolerance,
        )
        self._decision = TeleopDecision()
        self._said_emergency: bool | None = None
        self._due = {"status": 0.0, "emergency": 0.0, "graph": 0.0, "diagnostics": 0.0}
        self._stamp = self._ros = 0.0
        self._expected: float | None = None
        self._worst_lateness = 0.0
        self._policy_drove: float | None = None
        self._episode = ""

        self._twist = self.create_publisher(TwistStamped, "gate/teleop", 1)
        self._deadman = self.create_publisher(Bool, "gate/deadman", 1)
        self._deadman_lost = self.create_publisher(Bool, "gate/deadman_lost", 1)
        self._emergency_stop = self.create_publisher(Bool, "platform/emergency_stop", 1)
        self._status = self.create_publisher(TeleopStatus, "teleop/status", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._episodes = EpisodeClient(self)
        self._arm: Client[Any, Any] = self.create_client(Trigger, "gate/arm")
        self.create_subscription(GateStatus, "gate/status", self._on_gate_status, qos_profile_sensor_data)
        self.create_subscription(
            RecorderStatus, "recorder/status", self._on_recorder_status, qos_profile_sensor_data
        )
        if self._joy is not None:
            self.create_subscription(Joy, "joy", self._on_joy, _EVERY_TAP)
        if "operator" in settings.controllers:
            self.create_subscription(OperatorInput, "teleop/operator", self._on_operator, _EVERY_TAP)
        if settings.realtime_priority:
            ask_for_realtime(settings.realtime_priority)

    def _begin(self) -> None:
        """Speak, now that nobody else's hands are there to be gainsaid."""
        period = 1.0 / self._declared.value.rate
        self.create_timer(period, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Let go of everything, and see to it that the gate knows."""
        if self._alone.has_settled:  # else another's hands may be driving
            # A hand that still holds has not let go: the policy is not to drive on.
            last = self._deadman_lost if self._decision.deadman else self._deadman
            last.publish(Bool(data=self._decision.deadman))
            self._publish_twist(Twist(), time.monotonic(), time.monotonic())
            last.wait_for_all_acked(Duration(seconds=0.2))
        self._teleoperation.close()

    def _controllers(self, settings: TeleopSettings) -> list[Controller]:
        controllers = []
        for kind in settings.controllers:
            if kind == "joy":
                self._joy = JoyGamepad(
                    settings.joy_mapping,
                    settings.curve,
                    silence_limit=settings.silence_limit,
                    timeout=settings.joy_timeout,
                )
                controllers.append(Controller("joy", self._joy, retry=0.0))
            elif kind == "gamepad" and self._has_evdev(settings.gamepad):
                gamepad = EvdevGamepad(
                    settings.gamepad,
                    settings.gamepad_mapping,
                    settings.curve,
                    silence_limit=settings.silence_limit,
                )
                controllers.append(Controller("gamepad", gamepad))
        return controllers

    def _has_evdev(self, wanted: str) -> bool:
        try:
            evdev_library()
        except CairnError as error:
            if wanted != ANY:
                raise
            self.get_logger().warning(f"goes on without a gamepad of its own: {error}")
            return False
        return True

    def _change(self, settings: TeleopSettings) -> None:
        self._teleoperation.change_speeds(settings.speeds)

    # What hands say.

    def _on_joy(self, message: Joy) -> None:
        assert self._joy is not None
        if self._joy.is_emergency_stop(message.buttons):
            self._teleoperation.press_emergency_stop()
        try:
            self._joy.take(message.axes, message.buttons)
        except CairnError as error:
            self.get_logger().error(f"joy is of no use: {error}", throttle_duration_sec=5.0)
        self._look_if_urgent("joy", self._joy, self._joy.is_emergency_stop(message.buttons))

    def _on_operator(self, message: OperatorInput) -> None:
        if message.emergency_stop:
            self._teleoperation.press_emergency_stop()
        name = message.controller
        try:
            operator = self._desk.take(
                name, hands_from_message(message), seconds_from_stamp(message.header.stamp), self._now()
            )
            self._look_if_urgent(name, operator, message.emergency_stop)
        except CairnError as error:
            self.get_logger().warning(f"teleop/operator: {error}", throttle_duration_sec=2.0)
            if message.emergency_stop:
                self._look()

    def _look_if_urgent(self, name: str, hand: PushedGamepad, is_emergency: bool) -> None:
        """A hand that lets go is seen at once, anything else at the next tick."""
        drives = self._decision.deadman and self._decision.controller == name
        if is_emergency or (drives and not hand.is_held):
            self._look()

    # What goes on around.

    def _on_gate_status(self, message: GateStatus) -> None:
        drives = message.state == GateStatus.DRIVING and message.source == "policy"
        self._policy_drove = time.monotonic() if drives else None

    def _on_recorder_status(self, message: RecorderStatus) -> None:
        self._episode = message.episode

    def _tick(self) -> None:
        now, period = time.monotonic(), 1.0 / self._declared.value.rate
        if self._expected is not None:
            self._worst_lateness = max(self._worst_lateness, now - self._expected)
        self._expected = now + period
        if self._joy is not None and self._is_due("graph", now, GRAPH_PERIOD):
            publishers = self.count_publishers(self.resolve_topic_name("joy"))
            if publishers != 1:
                # Of two, one could hold what the other lets go of.
                self._joy.lose("nobody publishes joy" if not publishers else f"{publishers} publish joy")
        self._look()
        if self._is_due("diagnostics", now, DIAGNOSTICS_PERIOD):
            self._diagnose(now)

    def _is_due(self, what: str, now: float, period: float) -> bool:
        if now < self._due[what]:
            return False
        self._due[what] = now + period
        return True

    def _look(self) -> None:
        now = time.monotonic()
        decision = self._teleoperation.update(now)
        if decision.lost:
            # Not a word of the switch meanwhile: that it is released would give the robot to the policy.
            self._deadman_lost.publish(Bool(data=True))
        else:
            self._deadman.publish(Bool(data=decision.deadman))
        if decision.drives:
            self._publish_twist(decision.twist, decision.stamp, now)
        self._publish_emergency_stop(decision.emergency_stop, now)
        is_new = _summary(decision) != _summary(self._decision)
        if self._is_due("status", now, STATUS_PERIOD) or is_new:
            self._status.publish(status_message(decision, self._now_message()))
        # A line each, for a line is throttled as a whole.
        if is_new and decision.deadman:
            self.get_logger().info(f"{decision.controller} drives", throttle_duration_sec=0.5)
        elif is_new:
            self.get_logger().info(f"nobody drives: {decision.reason}", throttle_duration_sec=0.5)
        self._decision = decision
        if decision.took_over:
            self._note_takeover(decision.controller, now)
        for action in decision.actions:
            settings = self._declared.value
            task = settings.task if action is EpisodeAction.START else ""
            self._episodes.say(action, task=task, operator=settings.operator_name)
        if decision.arm:
            self._ask_to_arm()

    def _note_takeover(self, controller: str, now: float) -> None:
        policy_drove = self._policy_drove is not None and now - self._policy_drove < GATE_SILENCE
        if policy_drove and self._episode and self._declared.value.label_interventions:
            self._episodes.say(
                EpisodeAction.INTERVENTION,
                operator=self._declared.value.operator_name,
                note=f"{controller} took over",
            )

    def _ask_to_arm(self) -> None:
        if not self._arm.service_is_ready():
            self.get_logger().warning(f"nobody serves {self._arm.service_name}: is the gate running?")
            return
        self.get_logger().info("arms the gate")
        self._arm.call_async(Trigger.Request()).add_done_callback(self._on_armed)

    def _on_armed(self, future: Future[Any]) -> None:
        response = future.result()
        self.get_logger().info(f"the gate: {'no answer' if response is None else response.message}")

    def _publish_twist(self, twist: Twist, alive: float, now: float) -> None:
        """The stamp is that of the hand's last sign of life: `alive` on the monotonic clock."""
        ros = self._now()
        stamp = max(0.0, ros - (now - alive))
        # Simulated time stands still between two messages of the clock: what is younger must not seem older.
        self._stamp = stamp if ros < self._ros else max(self._stamp, stamp)
        self._ros = ros
        self._twist.publish(
            twist_to_stamped_message(twist, stamp_from_seconds(self._stamp), self._declared.value.base_frame)
        )

    def _publish_emergency_stop(self, pressed: bool | None, now: float) -> None:
        is_new = pressed != self._said_emergency
        self._said_emergency = pressed
        if pressed is not None and (self._is_due("emergency", now, EMERGENCY_PERIOD) or is_new):
            self._emergency_stop.publish(Bool(data=pressed))

    def _diagnose(self, now: float) -> None:
        self._episodes.give_up_overdue()
        self._desk.forget_the_gone()
        self._diagnostics.publish(
            diagnostics_message(
                self._decision, self._teleoperation.controllers, self._worst_lateness, self._now_message()
            )
        )
        self._worst_lateness = 0.0

    def _now(self) -> float:
        return 1e-9 * self.get_clock().now().nanoseconds

    def _now_message(self) -> Time:
        return self.get_clock().now().to_msg()


def _summary(decision: TeleopDecision) -> tuple[object, ...]:
    return (decision.controller, decision.present, decision.deadman, decision.turbo, decision.reason)


def main() -> int:
    """Teleoperate until a signal; returns the exit status."""
    return run_node(TeleopNode)


if __name__ == "__main__":
    sys.exit(main())
