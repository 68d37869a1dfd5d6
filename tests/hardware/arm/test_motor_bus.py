"""No damage on the line makes a wrong answer, or any exception but the arm's loss."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from emulated_bus import EmulatedBus, packet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX
from cairn.hardware.arm.dynamixel.motor_bus import MotorBus
from cairn.hardware.arm.dynamixel.register import RETURN_DELAY, TEMPERATURE
from cairn.hardware.errors import CairnError

NUMBERS = range(1, 10)

positions = st.integers(min_value=0, max_value=30)
faults = st.one_of(
    st.just(("none", 0, b"")),
    st.tuples(st.just("flip"), positions, st.binary(min_size=1, max_size=3)),
    st.tuples(st.just("insert"), positions, st.binary(max_size=12)),
    st.tuples(st.just("cut"), positions, st.just(b"")),
    st.tuples(st.just("head"), positions, st.just(b"\xff\xff\xfd\x00")),
    st.tuples(st.just("twice"), positions, st.just(b"")),
    st.tuples(st.just("late"), positions, st.just(b"")),
)


class Damage:
    """Does to one answer after the other what a list says; a late answer comes with the next."""

    def __init__(self, plan: list[tuple[str, int, bytes]]) -> None:
        self._plan = iter(plan)
        self._late = b""

    def __call__(self, answer: bytes) -> bytes:
        late, self._late = self._late, b""
        kind, at, extra = next(self._plan, ("none", 0, b""))
        if kind == "flip":
            flipped = bytearray(answer)
            for offset, byte in enumerate(extra):
                flipped[(at + offset) % len(flipped)] ^= byte
            return late + bytes(flipped)
        if kind in ("insert", "head"):
            return late + answer[:at] + extra + answer[at:]
        if kind == "cut":
            return late + answer[:at]
        if kind == "late":
            self._late = answer
            return late
        return late + answer * (2 if kind == "twice" else 1)


@pytest.fixture
def bus(motor_line: EmulatedBus) -> Iterator[MotorBus]:
    bus = MotorBus(Path(motor_line.path), silence=0.1, latency=0.0)
    yield bus
    bus.close()


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(faults, max_size=60))
def test_what_is_read_is_what_the_motors_say(
    bus: MotorBus, motor_line: EmulatedBus, plan: list[tuple[str, int, bytes]]
) -> None:
    motor_line.spoil_answer = Damage(plan)
    # The clock of the motors, at 120, never says the same twice.
    for start, length in ((124, 12), (TEMPERATURE.address, 1), (108, 12)):
        with suppress(ArmLost):
            for number, answer in bus.read(NUMBERS, start, length).items():
                assert answer.data == bytes(motor_line.servos[number].table[start : start + length])
    motor_line.spoil_answer = bytes
    assert len(read_on_a_busy_machine(bus)) == 9


def read_on_a_busy_machine(bus: MotorBus) -> dict[int, object]:
    """All motors, once the machine lets the emulated ones answer in time."""
    for _ in range(20):
        with suppress(ArmLost):
            return dict(bus.read(NUMBERS, 0, 2))
    return {}


@settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(faults, max_size=400))
def test_where_the_arm_says_it_stands_it_stands(
    motor_line: EmulatedBus, plan: list[tuple[str, int, bytes]]
) -> None:
    arm = DynamixelWidowX(motor_line.path)
    motor_line.spoil_answer = Damage(plan)
    with suppress(CairnError):
        arm.start()
        for _ in range(5):
            assert arm.state().positions == pytest.approx(arm.model.neutral, abs=1e-3)
            arm.command(arm.model.neutral, 0.5)
            arm.hold()
            time.sleep(0.01)
    with suppress(CairnError):
        arm.set_torque(True)
    arm.stop()


def test_an_answer_to_another_question_is_none(bus: MotorBus, motor_line: EmulatedBus) -> None:
    motor_line.spoil_answer = lambda answer: packet(5, 0x55, bytes(21)) + answer
    assert bus.read_register([5], TEMPERATURE) == {5: 35}
    assert bus.counters.damaged == 1


def test_a_refusal_says_what_was_refused(bus: MotorBus, motor_line: EmulatedBus) -> None:
    motor_line.servos[2].put(64, 1, 1)
    with pytest.raises(CairnError, match="motor 2 refused Return Delay Time = 3: it does not allow access"):
        bus.write(2, RETURN_DELAY, 3)


def test_counters_tell_what_was_lost_and_damaged(bus: MotorBus, motor_line: EmulatedBus) -> None:
    motor_line.spoil_answer = Damage([("cut", 0, b""), ("flip", 9, b"\x01")])
    assert len(bus.read(NUMBERS, 132, 4)) == 9
    assert (bus.counters.requests, bus.counters.retries, bus.counters.timeouts) == (2, 1, 1)
    assert bus.counters.damaged == 1
    motor_line.spoil_answer = lambda answer: b""
    with pytest.raises(ArmLost, match=r"motor 5 at .* gave no whole answer to 4 requests"):
        bus.read([5], 132, 4)
    assert (bus.counters.requests, bus.counters.retries, bus.counters.timeouts) == (6, 4, 5)
