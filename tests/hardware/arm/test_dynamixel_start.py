"""Start checks and sets motors, and neither moves nor drops the arm."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from emulated_bus import SYNC_WRITE, WRITE, EmulatedBus
from emulated_servo import XL430, XM430
from emulated_widowx import LEADERS, emulated_servos

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX
from cairn.hardware.arm.dynamixel.latency_timer import shorten_latency
from cairn.hardware.errors import CairnError

KEPT = range(7, 64)
TORQUE, GOAL = 64, 116


def kept_writes(line: EmulatedBus) -> dict[int, list[tuple[int, int]]]:
    """Writes to registers that outlast a power cycle, by address."""
    return {address: line.written(address) for address in KEPT if line.written(address)}


def writes(line: EmulatedBus) -> int:
    return sum(heard.instruction in (WRITE, SYNC_WRITE) for heard in line.heard)


def wait_for(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.005)


def test_a_limp_arm_is_held_where_it_stands_whatever_its_old_goals(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    for number, servo in motor_line.servos.items():
        servo.put(116, 4, 1500 + 100 * number)
        servo.put(112, 4, 0)
    began = time.monotonic()
    widowx.start()
    print(f"\nstarted in {1000 * (time.monotonic() - began):.0f} ms")
    time.sleep(0.2)
    motor_line.settle()
    assert max(servo.travelled for servo in motor_line.servos.values()) <= 0.5
    order = [heard.parameters[0] for heard in motor_line.heard if heard.instruction == SYNC_WRITE]
    assert order.index(GOAL) < order.index(TORQUE)
    assert all(servo.has_torque for servo in motor_line.servos.values())
    assert kept_writes(motor_line) == {}
    for address, value in ((112, 131), (108, 53), (98, 0), (68, 2)):
        assert all(servo.get(address, 1) == value for servo in motor_line.servos.values())
    assert motor_line.servos[9].get(100, 2) == 310
    assert motor_line.servos[1].get(100, 2) == 885


def test_an_arm_that_holds_keeps_its_torque_and_does_not_creep_with_every_start(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    for number in (2, 3, 4, 5):
        motor_line.servos[number].sag = 20
        motor_line.servos[number].fall = 600
    widowx.start()
    time.sleep(0.3)
    widowx.stop()
    before = [motor_line.servos[number].shaft for number in LEADERS]
    for _ in range(3):
        widowx.start()
        widowx.start()
        widowx.stop()
    time.sleep(0.1)
    motor_line.settle()
    assert [motor_line.servos[number].shaft for number in LEADERS] == pytest.approx(before, abs=0.1)
    assert {value for _, value in motor_line.written(64)} == {1}


def test_an_arm_left_moving_is_stopped_in_place(widowx: DynamixelWidowX, motor_line: EmulatedBus) -> None:
    servo = motor_line.servos[1]
    servo.put(112, 4, 30)
    servo.put(64, 1, 1)
    servo.put(116, 4, 4000)
    wait_for(lambda: motor_line.settle() or servo.position > 2100)
    widowx.start()
    wait_for(lambda: abs(servo.goal - servo.position) < 1)
    assert servo.position < 2500


def test_what_the_gripper_holds_is_not_let_go(widowx: DynamixelWidowX, motor_line: EmulatedBus) -> None:
    gripper = motor_line.servos[9]
    gripper.put(64, 1, 1)
    gripper.put(116, 4, 1802)
    gripper.sag = 1802 - gripper.position
    widowx.start()
    assert gripper.goal == 1802
    assert widowx.hold().opening == pytest.approx(0.0, abs=0.01)


def test_a_joint_beyond_its_limits_does_not_dash_back(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    motor_line.servos[7].shaft = 890
    widowx.start()
    wait_for(lambda: motor_line.servos[7].position == 910)
    widowx.set_torque(False)
    motor_line.servos[7].shaft = 700
    wait_for(lambda: widowx.state().positions[4] < -2)
    with pytest.raises(CairnError, match=r"wrist_angle \(motor 7\) stands at -118°, valid is -100° to 123°"):
        widowx.set_torque(True)
    assert not any(servo.has_torque for servo in motor_line.servos.values())


def test_settings_that_differ_are_written_and_no_others(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    # As the vendor's own software leaves them: time-based profile, the gripper driven by voltage.
    motor_line.servos[6].put(10, 1, 4)
    motor_line.servos[3].put(10, 1, 5)
    motor_line.servos[9].put(11, 1, 16)
    motor_line.servos[7].put(9, 1, 250)
    motor_line.servos[5].put(12, 1, 255)
    widowx.start()
    assert kept_writes(motor_line) == {9: [(7, 0)], 10: [(3, 1), (6, 0)], 11: [(9, 3)], 12: [(5, 4)]}
    widowx.stop()
    motor_line.heard.clear()
    widowx.start()
    assert kept_writes(motor_line) == {}
    widowx.command(widowx.model.neutral, 1.0)
    wait_for(lambda: widowx.state().opening > 0.95)


def test_settings_that_differ_are_refused_where_there_is_torque(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    motor_line.servos[4].put(10, 1, 4)
    motor_line.servos[4].put(64, 1, 1)
    motor_line.servos[6].put(9, 1, 250)
    with pytest.raises(CairnError, match="switch its power") as raised:
        widowx.start()
    assert "elbow (motor 4): Drive Mode is 4 and must be 0" in str(raised.value)
    assert motor_line.servos[4].has_torque
    assert kept_writes(motor_line) == {}
    assert motor_line.written(64) == []
    with pytest.raises(ArmLost, match="not started"):
        widowx.state()


def test_a_shadow_that_disagrees_with_its_leader_is_aligned(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    motor_line.servos[3].misaligned = 150
    motor_line.settle()
    widowx.start()
    assert motor_line.servos[3].get(20, 4, signed=True) == -150
    assert motor_line.servos[3].position == pytest.approx(motor_line.servos[2].position, abs=1)
    widowx.stop()
    motor_line.servos[3].sag = -40
    wait_for(lambda: motor_line.settle() or motor_line.servos[3].velocity == 0)
    with pytest.raises(CairnError, match=r"shoulder_shadow \(motor 3\).* 3\.5° apart.*they would fight"):
        widowx.start()


def test_a_horn_mounted_wrongly_is_refused(widowx: DynamixelWidowX, motor_line: EmulatedBus) -> None:
    motor_line.servos[5].misaligned = 1365
    motor_line.settle()
    with pytest.raises(CairnError, match=r"elbow_shadow \(motor 5\) is mounted wrongly"):
        widowx.start()
    assert not any(servo.has_torque for servo in motor_line.servos.values())


def test_a_tripped_watchdog_of_another_program_is_cleared(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    for servo in motor_line.servos.values():
        servo.put(64, 1, 1)
        servo.put(98, 1, 255)
    before = motor_line.servos[1].shaft
    widowx.start()
    assert motor_line.servos[1].table[98] == 0
    assert motor_line.servos[1].shaft == before
    widowx.command((0.1, *widowx.model.neutral[1:]), 0.5)
    wait_for(lambda: widowx.state().positions[0] > 0.09)


def test_a_gripper_that_can_is_limited_by_current(motor_line: EmulatedBus) -> None:
    line = EmulatedBus(emulated_servos(gripper=XM430).values())
    arm = DynamixelWidowX(line.path, grip=0.5, silence=2.0)
    try:
        arm.start()
        assert (line.servos[9].get(11, 1), line.servos[9].get(102, 2)) == (5, 596)
        arm.command(arm.model.neutral, 1.0)
        wait_for(lambda: arm.state().opening > 0.95)
    finally:
        arm.stop()
        line.unplug()


def test_another_arm_is_refused_by_name_and_not_touched(
    widowx: DynamixelWidowX, motor_line: EmulatedBus
) -> None:
    for number in (2, 3, 4, 5):
        motor_line.servos[number].put(0, 2, 1120)
    motor_line.gone = {9}
    with pytest.raises(CairnError, match="another arm") as raised:
        widowx.start()
    assert "shoulder (motor 2) should be XM430-W350 and is XM540-W270" in str(raised.value)
    assert "there is no gripper (motor 9)" in str(raised.value)
    assert writes(motor_line) == 0


def test_the_smaller_sister_is_refused(widowx: DynamixelWidowX, motor_line: EmulatedBus) -> None:
    motor_line.servos[7].put(0, 2, XL430)
    motor_line.gone = {9}
    with pytest.raises(CairnError, match=r"wrist_angle \(motor 7\) should be XM430-W350 and is XL430-W250"):
        widowx.start()


@pytest.mark.parametrize(
    ("gone", "words"), [({6}, r"forearm_roll \(motor 6\)"), (set(range(1, 10)), "power supply on")]
)
def test_motors_that_are_missing_are_named(
    widowx: DynamixelWidowX, motor_line: EmulatedBus, gone: set[int], words: str
) -> None:
    motor_line.gone = gone
    with pytest.raises(ArmLost, match=words):
        DynamixelWidowX(motor_line.path, silence=0.2).start()
    motor_line.gone = set()
    widowx.start()
    assert widowx.state().has_torque


def test_no_device_and_a_device_in_use_are_said_to_be_so(
    widowx: DynamixelWidowX, motor_line: EmulatedBus, tmp_path: Path
) -> None:
    with pytest.raises(ArmLost, match=r"no arm at .*ttyDXL"):
        DynamixelWidowX(tmp_path / "ttyDXL").start()
    widowx.start()
    other = DynamixelWidowX(motor_line.path)
    with pytest.raises(ArmLost, match="lock"):
        other.start()
    other.stop()
    assert widowx.state().has_torque


def test_a_re_plugged_arm_is_found_by_its_stable_path(tmp_path: Path) -> None:
    device = tmp_path / "usb-FTDI_U2D2-if00-port0"
    arm = DynamixelWidowX(device, silence=2.0)
    for _ in range(2):
        line = EmulatedBus(emulated_servos().values())
        device.unlink(missing_ok=True)
        device.symlink_to(line.path)
        arm.start()
        assert arm.state().has_torque
        line.unplug()
    arm.stop()


def test_the_latency_of_the_adapter_is_shortened(
    motor_line: EmulatedBus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    timer = tmp_path / "adapters" / Path(motor_line.path).name / "latency_timer"
    timer.parent.mkdir(parents=True)
    timer.write_text("16\n")
    device = tmp_path / "ttyDXL"
    device.symlink_to(motor_line.path)
    arm = DynamixelWidowX(device, silence=2.0, adapters=tmp_path / "adapters")
    arm.start()
    arm.stop()
    assert timer.read_text() == "1\n"
    assert caplog.records == []
    # A file that not even root may write.
    timer.unlink()
    timer.symlink_to("/proc/sys/kernel/ngroups_max")
    with caplog.at_level(logging.WARNING):
        assert shorten_latency(device, tmp_path / "adapters") == int(timer.read_text()) / 1000
    assert "udev rule" in caplog.text
    assert shorten_latency(device, tmp_path / "nowhere") == 0
