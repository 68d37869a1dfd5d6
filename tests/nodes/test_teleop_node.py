"""What the teleop node tells the recorder and whom it refuses; how it stops is in tests/reliability."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rclpy
from cairn_interfaces.msg import EpisodeEvent, GateStatus, OperatorInput, RecorderStatus, TeleopStatus
from cairn_interfaces.srv import LabelEpisode
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Joy
from std_msgs.msg import Bool

from cairn.hardware.setting import InvalidSetting
from cairn.nodes.stamps import seconds_from_stamp
from cairn.nodes.teleop_settings import TeleopSettings

PATIENCE = 60.0
DEADMAN, TURBO = 9, 10
START, KEEP, DISCARD, SUCCESS, FAILURE, INTERVENTION, MARK = 6, 0, 4, 11, 12, 13, 14


class Rig:
    """A teleop node in its own process, a joy topic, a recorder's service and a gate's status."""

    def __init__(self, joy: str = "joy", **parameters: Any) -> None:
        self.axes, self.buttons = [0.0] * 6, [0] * 15
        self.gate: GateStatus | None = None
        self.episode = ""
        self.statuses: list[TeleopStatus] = []
        self.twists: list[TwistStamped] = []
        self.diagnostics: list[DiagnosticStatus] = []
        self.requests: list[LabelEpisode.Request] = []
        self.operators: list[OperatorInput] = []
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("rig", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._joy = self.node.create_publisher(Joy, joy, 1)
        self._gate = self.node.create_publisher(GateStatus, "gate/status", 1)
        self._recorder = self.node.create_publisher(RecorderStatus, "recorder/status", 1)
        self._operator = self.node.create_publisher(OperatorInput, "teleop/operator", 10)
        self.node.create_subscription(TeleopStatus, "teleop/status", self.statuses.append, 50)
        self.node.create_subscription(TwistStamped, "gate/teleop", self.twists.append, 50)
        self.node.create_subscription(
            DiagnosticArray, "/diagnostics", lambda message: self.diagnostics.extend(message.status), 50
        )
        self.node.create_timer(0.05, self._send)
        given = {"gamepad": "no such pad", "arm_hold": 0.3, "discovery_time": 0.0} | parameters
        arguments = [part for name, value in given.items() for part in ("-p", f"{name}:={value}")]
        self.teleop = subprocess.Popen(
            [sys.executable, "-m", "cairn.nodes.teleop_node", "--ros-args", "-r", f"joy:={joy}", *arguments],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.until(lambda: self.statuses and self.statuses[-1].present, "teleoperation sees joy")

    def serve(self, refusal: str = "") -> None:
        def label(request: LabelEpisode.Request, response: LabelEpisode.Response) -> LabelEpisode.Response:
            self.requests.append(request)
            response.success, response.message, response.episode = not refusal, refusal, "000"
            return response

        self.node.create_service(LabelEpisode, "recorder/episode", label)

    def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain until {what}"
            self._executor.spin_once(timeout_sec=0.02)

    def run(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.02)

    def tap(self, button: int) -> None:
        self.buttons[button] = 1
        self.run(0.2)
        self.buttons[button] = 0
        self.run(0.2)

    def close(self) -> str:
        """End everything; returns what the node logged."""
        self.teleop.terminate()
        errors = self.teleop.communicate(timeout=30)[1]
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)
        return errors

    def _send(self) -> None:
        self._joy.publish(Joy(axes=self.axes, buttons=self.buttons))
        if self.gate is not None:
            self._gate.publish(self.gate)
        self._recorder.publish(RecorderStatus(recording=True, episode=self.episode))
        for message in self.operators:
            message.header.stamp = self.node.get_clock().now().to_msg()
            self._operator.publish(message)


@pytest.fixture
def make_rig() -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def make(**parameters: Any) -> Rig:
        rigs.append(Rig(**parameters))
        return rigs[-1]

    yield make
    for rig in rigs:
        if rig.teleop.poll() is None:
            rig.close()


def test_buttons_label_episodes(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(task="fetch", operator_name="Kim")
    rig.serve()
    rig.tap(START)
    rig.until(lambda: rig.requests, "START arrives")
    for button in (KEEP, DISCARD, SUCCESS, FAILURE, INTERVENTION, MARK):
        count = len(rig.requests)
        rig.tap(button)
        rig.until(lambda count=count: len(rig.requests) > count, f"button {button} is told")
    event = EpisodeEvent
    assert [request.kind for request in rig.requests] == [
        event.START,
        event.KEEP,
        event.DISCARD,
        event.SUCCESS,
        event.FAILURE,
        event.INTERVENTION,
        event.MARK,
    ]
    assert [request.task for request in rig.requests] == ["fetch"] + [""] * 6
    assert {request.operator_name for request in rig.requests} == {"Kim"}
    assert "START noted of episode 000" in rig.close()


def test_nobody_to_tell_is_a_warning_and_a_refusal_another(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.tap(START)
    rig.serve("no bag is open")
    client = rig.node.create_client(LabelEpisode, "recorder/episode")
    rig.until(client.service_is_ready, "the service is there")
    rig.run(1.0)
    rig.tap(KEEP)
    rig.until(lambda: rig.requests, "KEEP arrives")
    rig.run(0.5)
    log = rig.close()
    assert "START was not noted: nobody serves /recorder/episode: start the recorder" in log
    assert "KEEP was refused: no bag is open" in log


@pytest.mark.parametrize(
    ("source", "episode", "parameter", "told"),
    [
        ("policy", "007", True, True),
        ("policy", "", True, False),
        ("", "007", True, False),
        ("policy", "007", False, False),
    ],
)
def test_taking_over_from_a_policy_is_an_intervention(
    make_rig: Callable[..., Rig], source: str, episode: str, parameter: bool, told: bool
) -> None:
    rig = make_rig(label_interventions=str(parameter).lower())
    rig.serve()
    rig.gate = GateStatus(state=GateStatus.DRIVING if source else GateStatus.STOPPED, source=source)
    rig.episode = episode
    rig.run(1.0)
    rig.buttons[DEADMAN] = 1
    rig.until(lambda: rig.statuses[-1].deadman, "joy drives")
    if told:
        rig.until(lambda: rig.requests, "the intervention is told")
        rig.run(0.5)
        assert [request.kind for request in rig.requests] == [EpisodeEvent.INTERVENTION]
        assert rig.requests[0].note == "joy took over"
    else:
        rig.run(0.7)
        assert rig.requests == []


def test_twists_are_stamped_with_the_last_sign_of_life(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(linear_speed=0.8)
    rig.axes[1] = 1.0
    rig.buttons[DEADMAN] = 1
    rig.until(lambda: rig.twists and rig.twists[-1].twist.linear.x > 0, "joy drives")
    rig.run(0.5)
    assert rig.twists[-1].twist.linear.x == pytest.approx(0.8)
    assert rig.twists[-1].header.frame_id == "base_link"
    stamps = [seconds_from_stamp(message.header.stamp) for message in rig.twists]
    assert stamps == sorted(stamps)
    now = 1e-9 * rig.node.get_clock().now().nanoseconds
    assert 0 <= now - stamps[-1] < 0.3


def test_operators_names_and_number_are_limited(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.operators = [OperatorInput(controller=name) for name in ("joy", "", "x" * 65)]
    rig.run(0.5)
    rig.operators = [OperatorInput(controller=f"page {number}") for number in range(9)]
    rig.until(
        lambda: any(value.key == "page 7" for status in rig.diagnostics for value in status.values),
        "eight pages are there",
    )
    keys = {value.key for status in rig.diagnostics for value in status.values}
    assert "page 8" not in keys
    assert not any("x" * 64 in key for key in keys)
    log = rig.close()
    assert "expected a controller's name of 1 to 64 letters, other than gamepad and joy" in log


def test_diagnostics_once_a_second(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.diagnostics.clear()
    rig.until(lambda: len(rig.diagnostics) >= 2, "diagnostics come")
    values = {value.key: value.value for value in rig.diagnostics[-1].values}
    assert rig.diagnostics[-1].name == "teleop: hands"
    assert rig.diagnostics[-1].level == DiagnosticStatus.OK
    assert values["joy"] == "there"
    assert "no gamepad 'no such pad'" in values["gamepad"]


def test_joy_may_be_remapped(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(joy="pad")
    rig.diagnostics.clear()
    rig.until(lambda: len(rig.diagnostics) >= 2, "diagnostics come")
    assert {value.key: value.value for value in rig.diagnostics[-1].values}["joy"] == "there"


def test_a_second_one_is_refused_without_a_word_to_the_gate(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.buttons[DEADMAN] = 1
    rig.until(lambda: rig.statuses[-1].deadman, "joy drives")
    speakers: set[str] = set()

    def on_deadman(_: Bool, info: dict[str, Any]) -> None:
        speakers.add(str(info.get("publisher_gid")))

    rig.node.create_subscription(Bool, "gate/deadman", on_deadman, 50)
    rig.until(lambda: speakers, "the gate is told")
    patient = ["--ros-args", "-p", "discovery_time:=10.0"]
    second = subprocess.Popen(
        [sys.executable, "-m", "cairn.nodes.teleop_node", *patient], stderr=subprocess.PIPE, text=True
    )
    rig.until(lambda: second.poll() is not None, "the second ends")
    assert second.returncode == 2
    assert second.stderr is not None
    assert "expected to be the only teleop node" in second.stderr.read()
    rig.run(0.3)
    assert len(speakers) == 1


@pytest.mark.parametrize("held", [True, False])
def test_a_node_that_ends_under_a_hand_has_not_been_let_go(make_rig: Callable[..., Rig], held: bool) -> None:
    rig = make_rig()
    said: list[tuple[str, bool]] = []
    for topic in ("gate/deadman", "gate/deadman_lost"):
        rig.node.create_subscription(
            Bool, topic, lambda message, topic=topic: said.append((topic, message.data)), 50
        )
    rig.until(lambda: said, "the switch is heard of")
    if held:
        rig.buttons[DEADMAN] = 1
        rig.until(lambda: rig.statuses[-1].deadman, "the hand drives")
        rig.until(lambda: said[-1] == ("gate/deadman", True), "the gate is told")
    rig.teleop.terminate()
    rig.until(lambda: rig.teleop.poll() is not None, "it ends")
    rig.run(0.3)
    assert said[-1] == (("gate/deadman_lost", True) if held else ("gate/deadman", False))


def test_settings_are_checked() -> None:
    with pytest.raises(InvalidSetting, match="parameter controllers: expected str one of gamepad, joy"):
        TeleopSettings(controllers=("gamepad", "mind"))
    with pytest.raises(InvalidSetting, match="parameter joy_deadman: expected int from 0 to 63, got -1"):
        TeleopSettings(joy_deadman=-1)
    assert TeleopSettings().gamepad_mapping.deadman == "BTN_TL"
