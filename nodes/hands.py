"""What every node of teleoperation does, whatever robot its hands drive."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import RecorderStatus, TeleopStatus
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.client import Client
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.task import Future
from sensor_msgs.msg import Joy
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.evdev_control import evdev_library
from cairn.hardware.evdev_pad import ANY
from cairn.hardware.gamepad import Gamepad, State
from cairn.hardware.teleop.any_hands import AnyHands
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.driver_seat import DriverSeat
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.joy_pad import JoyPad
from cairn.hardware.teleop.look import Look
from cairn.hardware.teleop.operator_desk import OperatorDesk
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad
from cairn.nodes.episode_client import EpisodeClient
from cairn.nodes.hands_settings import HandsSettings
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.realtime import ask_for_realtime
from cairn.nodes.single_instance import SingleInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds
from cairn.nodes.teleop_messages import diagnostics_message

STATUS_PERIOD = 0.1
EMERGENCY_PERIOD = 0.1
GRAPH_PERIOD = 0.25
DIAGNOSTICS_PERIOD = 1.0
GATE_SILENCE = 1.0
"""Seconds after which nothing is known of the gate."""

# Deep enough that no tap on a button is overwritten by the message after it.
_EVERY_TAP = QoSProfile(depth=20, reliability=ReliabilityPolicy.BEST_EFFORT)

Settings = TypeVar("Settings", bound=HandsSettings)


@dataclass(frozen=True)
class HandsTopics:
    """Where the node speaks and listens.

    Attributes:
        status: TeleopStatus; the node that publishes it is alone.
        operator: of pages and scripts.
        operator_type: of these messages.
        arm: service of the gate.
    """

    status: str
    operator: str
    operator_type: type[Any]
    arm: str


class HandsNode(Node, ABC, Generic[State, Settings]):
    """Looks at all hands at a steady rate, and at once where one lets go or presses an emergency stop.

    Args:
        name: of the node.
        kind: its settings.
        topics: where it speaks and listens.
        at_rest: hands that do nothing.

    Raises CairnError on bad parameters, a gamepad that can't be used here, or a second one on these topics.
    """

    def __init__(
        self, name: str, kind: type[Settings], topics: HandsTopics, at_rest: AnyHands[State]
    ) -> None:
        super().__init__(name)
        self._declared = NodeParameters(self, kind, self._change)
        settings = self._declared.value
        self._alone = SingleInstance(
            self, topics.status, f"{name} node", settings.discovery_time, self._begin
        )
        self._operator_topic = topics.operator
        self._joy: JoyPad[State] | None = None
        self._seat = self._make_seat(
            settings,
            self._controllers(settings),
            EmergencyButton(settings.emergency_stop_hold, settings.emergency_stop_steady),
            ArmButton(settings.arm_hold),
        )
        self._desk = OperatorDesk(
            self._seat,
            settings.operator_timeout,
            settings.operator_max_age,
            settings.future_tolerance,
            at_rest=at_rest,
        )
        self._look_before = Look()
        self._announced: tuple[object, ...] = ()
        self._said_emergency: bool | None = None
        self._due = {"status": 0.0, "emergency": 0.0, "graph": 0.0, "diagnostics": 0.0}
        self._stamp = self._ros = 0.0
        self._expected: float | None = None
        self._worst_lateness = 0.0
        self._policy_drove: float | None = None
        self._episode = ""

        self._emergency_stop = self.create_publisher(Bool, "platform/emergency_stop", 1)
        self._status = self.create_publisher(TeleopStatus, topics.status, 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._episodes = EpisodeClient(self)
        self._arm: Client[Any, Any] = self.create_client(Trigger, topics.arm)
        self.create_subscription(
            RecorderStatus, "recorder/status", self._on_recorder_status, qos_profile_sensor_data
        )
        if self._joy is not None:
            self.create_subscription(Joy, "joy", self._on_joy, _EVERY_TAP)
        if "operator" in settings.controllers:
            self.create_subscription(topics.operator_type, topics.operator, self._on_operator, _EVERY_TAP)
        if settings.realtime_priority:
            ask_for_realtime(settings.realtime_priority)

    @abstractmethod
    def _make_seat(
        self,
        settings: Settings,
        controllers: Sequence[Controller[State]],
        emergency: EmergencyButton,
        arm: ArmButton,
    ) -> DriverSeat[State]:
        """Whose driver is asked what the robot is to do."""

    @abstractmethod
    def _make_joy(self, settings: Settings) -> JoyPad[State]:
        """That reads `joy`."""

    @abstractmethod
    def _make_gamepad(self, settings: Settings) -> Gamepad[State]:
        """The event device."""

    @abstractmethod
    def _hands(self, message: Any) -> AnyHands[State]:
        """What an operator's page or script says.  Raises CairnError for what can't be."""

    @abstractmethod
    def _drive(self, now: float) -> Look:
        """Look at all hands, and tell the robot's gate what comes of it."""

    @abstractmethod
    def _status_message(self, look: Look, stamp: Time) -> TeleopStatus:
        """Whose hands drive, and how."""

    @abstractmethod
    def _change(self, settings: Settings) -> None:
        """Some settings were changed."""

    @abstractmethod
    def _let_go(self) -> None:
        """The last word to the gate, before the node ends."""

    def _begin(self) -> None:
        """Speak, now that nobody else's hands are there to be gainsaid."""
        period = 1.0 / self._declared.value.rate
        self.create_timer(period, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Let go of everything, and see to it that the gate knows."""
        if self._alone.has_settled:  # else another's hands may be driving
            self._let_go()
        self._seat.close()

    def _controllers(self, settings: Settings) -> list[Controller[State]]:
        controllers: list[Controller[State]] = []
        for kind in settings.controllers:
            if kind == "joy":
                self._joy = self._make_joy(settings)
                controllers.append(Controller("joy", self._joy, retry=0.0))
            elif kind == "gamepad" and self._has_evdev(settings.gamepad):
                controllers.append(Controller("gamepad", self._make_gamepad(settings)))
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

    # What hands say.

    def _on_joy(self, message: Joy) -> None:
        assert self._joy is not None
        if self._joy.is_emergency_stop(message.buttons):
            self._seat.press_emergency_stop()
        try:
            self._joy.take(message.axes, message.buttons)
        except CairnError as error:
            self.get_logger().error(f"joy is of no use: {error}", throttle_duration_sec=5.0)
        self._look_if_urgent("joy", self._joy, self._joy.is_emergency_stop(message.buttons))

    def _on_operator(self, message: Any) -> None:
        if message.emergency_stop:
            self._seat.press_emergency_stop()
        name = message.controller
        try:
            operator = self._desk.take(
                name, self._hands(message), seconds_from_stamp(message.header.stamp), self._now()
            )
            self._look_if_urgent(name, operator, message.emergency_stop)
        except CairnError as error:
            self.get_logger().warning(f"{self._operator_topic}: {error}", throttle_duration_sec=2.0)
            if message.emergency_stop:
                self._look()

    def _look_if_urgent(self, name: str, hand: PushedGamepad[State], is_emergency: bool) -> None:
        """A hand that lets go is seen at once, anything else at the next tick."""
        drives = self._look_before.deadman and self._look_before.controller == name
        if is_emergency or (drives and not hand.is_held):
            self._look()

    # What goes on around.

    def _on_recorder_status(self, message: RecorderStatus) -> None:
        self._episode = message.episode

    def _note_gate(self, policy_drives: bool) -> None:
        """The gate was heard."""
        self._policy_drove = time.monotonic() if policy_drives else None

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
            self._diagnose()

    def _is_due(self, what: str, now: float, period: float) -> bool:
        if now < self._due[what]:
            return False
        self._due[what] = now + period
        return True

    def _look(self) -> None:
        now = time.monotonic()
        look = self._drive(now)
        self._publish_emergency_stop(look.emergency_stop, now)
        status = self._status_message(look, self._now_message())
        is_new = _summary(look, status) != self._announced
        if self._is_due("status", now, STATUS_PERIOD) or is_new:
            self._status.publish(status)
        self._announced = _summary(look, status)
        # A line each, for a line is throttled as a whole.
        if is_new and look.deadman:
            self.get_logger().info(f"{look.controller} drives", throttle_duration_sec=0.5)
        elif is_new:
            self.get_logger().info(f"nobody drives: {look.reason}", throttle_duration_sec=0.5)
        self._look_before = look
        if look.took_over:
            self._note_takeover(look.controller, now)
        for action in look.actions:
            settings = self._declared.value
            task = settings.task if action is EpisodeAction.START else ""
            self._episodes.say(action, task=task, operator=settings.operator_name)
        if look.arm:
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

    def _stamp_of(self, alive: float, now: float) -> Time:
        """ROS time of a hand's last sign of life at `alive`, where it is `now` [monotonic s]."""
        ros = self._now()
        stamp = max(0.0, ros - (now - alive))
        # Simulated time stands still between two messages of the clock: what is younger must not seem older.
        self._stamp = stamp if ros < self._ros else max(self._stamp, stamp)
        self._ros = ros
        return stamp_from_seconds(self._stamp)

    def _publish_emergency_stop(self, pressed: bool | None, now: float) -> None:
        is_new = pressed != self._said_emergency
        self._said_emergency = pressed
        if pressed is not None and (self._is_due("emergency", now, EMERGENCY_PERIOD) or is_new):
            self._emergency_stop.publish(Bool(data=pressed))

    def _diagnose(self) -> None:
        self._episodes.give_up_overdue()
        self._desk.forget_the_gone()
        self._diagnostics.publish(
            diagnostics_message(
                self.get_name(),
                self._look_before,
                self._seat.controllers,
                self._worst_lateness,
                self._now_message(),
            )
        )
        self._worst_lateness = 0.0

    def _now(self) -> float:
        return 1e-9 * self.get_clock().now().nanoseconds

    def _now_message(self) -> Time:
        return self.get_clock().now().to_msg()


def _summary(look: Look, status: TeleopStatus) -> tuple[object, ...]:
    return (look.controller, look.present, look.deadman, status.turbo, look.reason)
