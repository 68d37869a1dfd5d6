"""The emulated motors, as the library of their maker sees them through its own port."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from emulated_bus import EmulatedBus
from emulated_servo import ACCESS_ERROR, LIMIT_ERROR, RANGE_ERROR, XL430, XM430

sdk = pytest.importorskip("dynamixel_sdk")
SUCCESS, TIMEOUT, CORRUPT = 0, -3001, -3002
PACKETS = sdk.PacketHandler(2.0)


@pytest.fixture
def port(motor_line: EmulatedBus, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    # Milliseconds that a busy machine may hold up the emulation.
    monkeypatch.setattr("dynamixel_sdk.port_handler.LATENCY_TIMER", 100)
    port = sdk.PortHandler(motor_line.path)
    assert port.openPort()
    yield port
    port.closePort()


def test_they_answer_pings_with_their_model(port) -> None:
    assert PACKETS.ping(port, 1) == (XM430, SUCCESS, 0)
    assert PACKETS.ping(port, 9) == (XL430, SUCCESS, 0)
    assert PACKETS.ping(port, 10)[1] == TIMEOUT
    found, result = PACKETS.broadcastPing(port)
    assert result == SUCCESS
    assert sorted(found) == list(range(1, 10))


@pytest.mark.parametrize("fast", [False, True])
def test_they_answer_together(port, motor_line: EmulatedBus, fast: bool) -> None:
    # Bytes like those of a header must be stuffed, except in the answer to a fast read.
    motor_line.servos[4].put(116, 4, -3 if fast else 0x00FDFFFF)
    reads = sdk.GroupSyncRead(port, PACKETS, 116, 20)
    for number in range(1, 10):
        reads.addParam(number)
    assert (reads.fastSyncRead() if fast else reads.txRxPacket()) == SUCCESS
    assert reads.getData(4, 116, 4) == (2**32 - 3 if fast else 0x00FDFFFF)
    assert reads.getData(9, 132, 4) == round(motor_line.servos[9].position)


def test_kept_registers_are_locked_while_there_is_torque(port, motor_line: EmulatedBus) -> None:
    assert PACKETS.write1ByteTxRx(port, 1, 9, 3) == (SUCCESS, 0)
    assert PACKETS.write1ByteTxRx(port, 1, 64, 1) == (SUCCESS, 0)
    assert PACKETS.write1ByteTxRx(port, 1, 9, 4) == (SUCCESS, ACCESS_ERROR)
    assert PACKETS.write1ByteTxRx(port, 1, 132, 4) == (SUCCESS, ACCESS_ERROR)
    assert PACKETS.write4ByteTxRx(port, 2, 116, 100) == (SUCCESS, LIMIT_ERROR)
    assert PACKETS.write1ByteTxRx(port, 8, 11, 5) == (SUCCESS, RANGE_ERROR)
    assert motor_line.servos[1].table[9] == 3


def test_a_shadow_obeys_its_leader_silently(port, motor_line: EmulatedBus) -> None:
    assert PACKETS.write1ByteTxRx(port, 2, 64, 1) == (SUCCESS, 0)
    assert motor_line.servos[3].has_torque
    assert PACKETS.write1ByteTxRx(port, 3, 64, 0) == (SUCCESS, 0)
    assert motor_line.servos[2].has_torque


def test_a_profile_limits_velocity_and_acceleration(port, motor_line: EmulatedBus) -> None:
    servo = motor_line.servos[1]
    begun = servo.position
    PACKETS.write4ByteTxRx(port, 1, 112, 50)
    PACKETS.write4ByteTxRx(port, 1, 108, 20)
    PACKETS.write1ByteTxRx(port, 1, 64, 1)
    PACKETS.write4ByteTxRx(port, 1, 116, round(begun) + 600)
    started, speeds = time.monotonic(), []
    while servo.position < begun + 599 and time.monotonic() < started + 3:
        speeds.append(PACKETS.read4ByteTxRx(port, 1, 128)[0])
    # 600 ticks at 781.7 ticks/s, and 0.16 s each for speeding up and slowing down at 4883 ticks/s².
    assert time.monotonic() - started == pytest.approx(600 / 781.7 + 0.16, abs=0.1)
    assert max(speeds) in (49, 50)
    assert motor_line.servos[2].position == round(motor_line.servos[2].position)


def test_the_watchdog_stops_a_motor_until_it_is_cleared(port, motor_line: EmulatedBus) -> None:
    servo = motor_line.servos[1]
    PACKETS.write4ByteTxRx(port, 1, 112, 20)
    PACKETS.write1ByteTxRx(port, 1, 64, 1)
    PACKETS.write1ByteTxRx(port, 1, 98, 2)
    PACKETS.write4ByteTxRx(port, 1, 116, 3000)
    time.sleep(0.1)
    motor_line.settle()
    assert servo.table[98] == 255
    assert servo.position < 2200
    assert PACKETS.write4ByteTxRx(port, 1, 116, 3000) == (SUCCESS, RANGE_ERROR)
    assert PACKETS.write1ByteTxRx(port, 1, 98, 0) == (SUCCESS, 0)
    assert PACKETS.write4ByteTxRx(port, 1, 116, 2100) == (SUCCESS, 0)


def test_an_overload_takes_the_torque_until_a_reboot(port, motor_line: EmulatedBus) -> None:
    PACKETS.write1ByteTxRx(port, 1, 64, 1)
    motor_line.servos[1].complain(0x20)
    assert PACKETS.read1ByteTxRx(port, 1, 70) == (0x20, SUCCESS, 0x80)
    assert PACKETS.read1ByteTxRx(port, 1, 64) == (0, SUCCESS, 0x80)
    assert PACKETS.write1ByteTxRx(port, 1, 64, 1) == (SUCCESS, 0x80 | ACCESS_ERROR)
    assert PACKETS.reboot(port, 1)[0] == SUCCESS
    assert PACKETS.ping(port, 1)[1] == TIMEOUT
    time.sleep(0.35)
    assert PACKETS.read1ByteTxRx(port, 1, 70) == (0, SUCCESS, 0)


def test_answers_come_after_the_return_delay(port, motor_line: EmulatedBus) -> None:
    motor_line.servos[1].put(9, 1, 254)
    began = time.monotonic()
    for _ in range(10):
        PACKETS.ping(port, 1)
    assert time.monotonic() - began >= 10 * 254 * 2e-6


def test_answers_can_be_damaged_and_lost(port, motor_line: EmulatedBus) -> None:
    motor_line.spoil_answer = lambda answer: answer[:-1] + bytes([answer[-1] ^ 1])
    assert PACKETS.ping(port, 1)[1] == CORRUPT
    motor_line.spoil_answer = lambda answer: b""
    assert PACKETS.ping(port, 1)[1] == TIMEOUT
