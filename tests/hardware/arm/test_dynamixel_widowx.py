"""The driver of the WidowX 250s over a real serial line, with emulated motors at its other end."""

from __future__ import annotations

import sys
import threading
import time
from math import pi

import pytest
from arm_contract import ArmContract, ArmRig, is_at_rest
from emulated_bus import EmulatedBus
from emulated_widowx import LEADERS

from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX
from cairn.hardware.arm.dynamixel.gripper_crank import GripperCrank
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError


class TestDynamixelWidowX(ArmContract):
    @pytest.fixture
    def rig(self, widowx: DynamixelWidowX) -> ArmRig:
        return ArmRig(widowx)


def test_states_and_commands_come_at_full_rate_on_half_the_line(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    widowx.start()
    neutral = widowx.model.neutral
    rate = share = 0.0
    # A second of a busy machine may have too few of its own.
    for _ in range(5):
        began, traffic, processor = time.monotonic(), motor_line.traffic, time.process_time()
        stamps, tick = set(), threading.Event()
        for turn in range(250):
            if turn % 10 == 0:
                widowx.command((0.0005 * turn, *neutral[1:]), 0.5)
            stamps.add(widowx.state().stamp)
            tick.wait(began + (turn + 1) * 0.002 - time.monotonic())
        seconds = time.monotonic() - began
        rate, share = len(stamps) / seconds, (motor_line.traffic - traffic) * 10 / 1e6 / seconds
        print(
            f"\n{rate:.0f} states and {25 / seconds:.0f} commands a second, {100 * share:.0f} % of 1 Mbaud, "
            f"{100 * (time.process_time() - processor) / seconds:.0f} % of a core with the emulator"
        )
        if rate >= 50:
            break
    assert rate >= 50
    assert share < 0.5


def test_efforts_are_in_newton_metres_and_two_motors_add_theirs(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    widowx.start()
    for number, sag in ((1, 10), (2, 10), (3, 10), (8, 10), (9, -50)):
        motor_line.servos[number].sag = sag
    deadline = time.monotonic() + 2
    while abs(widowx.state().efforts[0]) < 0.1 and time.monotonic() < deadline:
        time.sleep(0.01)
    state = widowx.state()
    # 100 units: 0.269 A of XM430-W350 (4.1 N·m at 2.3 A), a tenth of XL430-W250's 1.4 N·m.
    assert state.efforts == pytest.approx((0.4795, 0.959, 0, 0, 0, 0.14), abs=1e-3)
    assert state.grip == pytest.approx(-0.5)


def test_every_motor_tells_its_condition(widowx: DynamixelWidowX) -> None:
    assert widowx.conditions == {}
    widowx.start()
    assert len(widowx.conditions) == 9
    condition = widowx.conditions["shoulder_shadow (motor 3)"]
    assert (condition.has_torque, condition.complaints) == (True, ())
    assert (condition.temperature, condition.voltage) == (35, 12.0)


def test_several_threads_may_use_it(widowx: DynamixelWidowX, motor_line: EmulatedBus) -> None:
    widowx.start()
    problems: list[Exception] = []
    ended = time.monotonic() + 1.0

    def use(turn: int) -> None:
        neutral = widowx.model.neutral
        while time.monotonic() < ended:
            try:
                widowx.command((0.01 * turn, *neutral[1:]), 0.5)
                widowx.state()
                widowx.hold()
                time.sleep(0.005)
            except CairnError as error:
                problems.append(error)

    threads = [threading.Thread(target=use, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert motor_line.errors == []


def test_hold_repeated_does_not_let_gravity_lower_the_arm(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    for number in (2, 3, 4, 5):
        motor_line.servos[number].sag = 20
    widowx.start()
    rig = ArmRig(widowx)
    rig.watch(0.2)
    rig.watch_until(is_at_rest)
    goals = [motor_line.servos[number].goal for number in LEADERS]
    for _ in range(20):
        widowx.hold()
        time.sleep(0.02)
    assert [motor_line.servos[number].goal for number in LEADERS] == goals


def test_targets_at_the_limits_are_ones_that_the_motors_take(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    widowx.start()
    for sign in (-1, 1):
        widowx.command([sign * 9.0] * 6, 0.5)
        time.sleep(0.1)
        assert widowx.state().faults == ()
    assert motor_line.errors == []
    assert widowx.counters.lost_targets == 0


def test_the_crank_of_the_gripper_turns_both_ways_and_back() -> None:
    crank = GripperCrank(widowx_250s())
    assert [crank.opening(crank.ticks(share)) for share in (0, 0.3, 1)] == pytest.approx(
        [0, 0.3, 1], abs=2e-3
    )
    assert crank.ticks(0) < crank.ticks(0.5) < crank.ticks(1) < 2048 + 4096 / (2 * pi) * 1.4


def test_without_its_library_it_says_what_to_install(
    widowx: DynamixelWidowX, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dynamixel_sdk", None)
    with pytest.raises(CairnError, match=r"there is no dynamixel_sdk: pip install 'cairn-robotics\[arm\]'"):
        widowx.start()


@pytest.mark.parametrize("bad", [{"rate": 0}, {"rate": 1000}, {"grip": 0}, {"grip": 1.5}, {"silence": 0}])
def test_settings_that_can_not_be_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(CairnError, match="expected"):
        DynamixelWidowX("/dev/ttyDXL", **bad)
