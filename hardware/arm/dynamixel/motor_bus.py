"""Questions to motors, and their answers."""

from __future__ import annotations

import termios
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.dynamixel.register import Register
from cairn.hardware.arm.dynamixel.serial_port import SerialPort
from cairn.hardware.errors import CairnError

# How long to wait for an answer beyond the time that its bytes take, in shares of the silence: a lost one
# costs little, and when the computer is busy the later attempts bear it.
_PATIENCE = (0.05, 0.1, 0.15, 0.2)
RETRIES = len(_PATIENCE) - 1
# COMM_SUCCESS and COMM_RX_TIMEOUT of the library.
_SUCCESS, _TIMEOUT = 0, -3001
_ALERT = 0x80
# In a status packet: header 4, id 1, length 2, instruction 1, error 1, data, checksum 2.
_ID, _LENGTH, _ERROR, _DATA = 4, 5, 8, 9
_LENGTH_WITHOUT_DATA = 4
_CHECKSUM_ERROR = 3
_REFUSALS = {
    1: "failed to process it",
    2: "does not know the instruction",
    4: "says the value is out of range",
    5: "says the length is wrong",
    6: "says the value is beyond its limits",
    7: "does not allow access now",
}


@dataclass(frozen=True)
class BusCounters:
    """What happened on the bus since it was opened.

    Attributes:
        requests: sent, with repetitions.
        retries: requests repeated because an answer was missing or damaged.
        timeouts: requests to which an answer was missing at the end.
        damaged: packets thrown away: a wrong checksum, sender or length.
        lost_targets: targets that did not reach a motor and were sent again.
    """

    requests: int = 0
    retries: int = 0
    timeouts: int = 0
    damaged: int = 0
    lost_targets: int = 0


@dataclass(frozen=True)
class Answer:
    """A block of a motor's control table; `alert`: its Hardware Error Status is not zero."""

    data: bytes
    alert: bool


class MotorBus:
    """A serial line with motors that speak Protocol 2.0.  Not thread-safe.

    What can't be had in one attempt and three retries is lost.  An answer counts only with the right
    checksum, sender and length: one that comes too late for its own request can't pass for another.

    Args:
        device: path of the serial port.
        silence: seconds, of which all attempts together take half.
        latency: seconds for which the port holds back what it received.

    Every method raises ArmLost when the port is gone.
    """

    def __init__(self, device: Path, silence: float, latency: float) -> None:
        try:
            from dynamixel_sdk import Protocol2PacketHandler
        except ImportError as error:
            raise CairnError(
                f"Dynamixel motors need dynamixel-sdk, and there is no {error.name}: "
                "pip install 'cairn-robotics[arm]'"
            ) from error
        self.counters = BusCounters()
        self._device = device
        self._silence = silence
        self._latency = latency
        self._handler = Protocol2PacketHandler()
        try:
            self._port = SerialPort(str(device))
        except (OSError, termios.error) as error:
            raise ArmLost(f"no arm at {device}: {error}") from error

    def close(self) -> None:
        """Safe to call twice."""
        try:
            self._port.close()
        except (OSError, termios.error):
            return

    def ping(self, motor: int, attempt: int = 0) -> int | None:
        """The number of its kind, or None when it does not answer this once."""
        with self._guarded():
            self._begin(attempt)
            model, result, _ = self._handler.ping(self._port, motor)
        return int(model) if result == _SUCCESS else None

    def read(self, motors: Iterable[int], start: int, length: int) -> dict[int, Answer]:
        """The same block of the control table of several motors; only who did not answer is asked again.

        Raises ArmLost, naming the motors, and CairnError when a motor refuses.
        """
        answers: dict[int, Answer] = {}
        missing = list(motors)
        for attempt in range(1 + RETRIES):
            self._begin(attempt)
            self._count(retries=min(attempt, 1))
            answers |= self._ask(missing, start, length)
            # Motors answer in turn and some wait for the one before: behind a silent one all seem silent.
            missing = [motor for motor in reversed(missing) if motor not in answers]
            if not missing:
                return answers
            self._count(timeouts=1)
        raise self._silent(missing)

    def read_register(self, motors: Iterable[int], register: Register) -> dict[int, int]:
        """One register of several motors.  Raises as `read` does."""
        answers = self.read(motors, register.address, register.size)
        return {motor: register.decode(answer.data, register.address) for motor, answer in answers.items()}

    def write(self, motor: int, register: Register, value: int) -> None:
        """Raises ArmLost when the motor does not confirm it, CairnError when it refuses."""
        data = list(register.encode(value))
        for attempt in range(1 + RETRIES):
            self._begin(attempt)
            self._count(retries=min(attempt, 1))
            with self._guarded():
                result, error = self._handler.writeTxRx(
                    self._port, motor, register.address, register.size, data
                )
            if result == _SUCCESS and not self._refusal(error, f"{register.name} = {value}", motor):
                return
            self._count(timeouts=int(result == _TIMEOUT), damaged=int(result != _TIMEOUT))
        raise self._silent([motor])

    def send(self, register: Register, values: Mapping[int, int]) -> None:
        """Write one register of several motors in one packet that nobody confirms."""
        data = [byte for motor, value in values.items() for byte in (motor, *register.encode(value))]
        self._begin(0)
        with self._guarded():
            self._handler.syncWriteTxOnly(self._port, register.address, register.size, data, len(data))

    def reboot(self, motor: int) -> None:
        """Sent once: who repeats it on a lost answer reboots twice."""
        self._begin(0)
        with self._guarded():
            self._handler.reboot(self._port, motor)

    def note_lost_target(self) -> None:
        self._count(lost_targets=1)

    def _begin(self, attempt: int) -> None:
        self._port.patience = self._latency + self._silence * _PATIENCE[attempt]
        self._count(requests=1)

    def _ask(self, motors: list[int], start: int, length: int) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        with self._guarded():
            self._handler.syncReadTx(self._port, start, length, motors, len(motors), False)
            while len(answers) < len(motors) and not self._port.isPacketTimeout():
                packet, result = self._handler.rxPacket(self._port, False)
                answer = self._answer(packet, motors, length) if result == _SUCCESS else None
                if answer is not None:
                    answers[packet[_ID]] = answer
                elif packet:
                    self._count(damaged=1)
        return answers

    def _answer(self, packet: list[int], motors: list[int], length: int) -> Answer | None:
        if packet[_ID] not in motors or packet[_LENGTH] + (packet[_LENGTH + 1] << 8) < _LENGTH_WITHOUT_DATA:
            return None
        if self._refusal(packet[_ERROR], "reading", packet[_ID]):
            return None
        if packet[_LENGTH] + (packet[_LENGTH + 1] << 8) != _LENGTH_WITHOUT_DATA + length:
            return None
        return Answer(bytes(packet[_DATA : _DATA + length]), bool(packet[_ERROR] & _ALERT))

    def _refusal(self, error: int, what: str, motor: int) -> bool:
        """Whether the request reached the motor damaged.  Raises CairnError when the motor refused it."""
        code = error & ~_ALERT
        if code not in (0, _CHECKSUM_ERROR):
            raise CairnError(f"motor {motor} refused {what}: it {_REFUSALS.get(code, f'says {code}')}")
        return code == _CHECKSUM_ERROR

    def _silent(self, motors: list[int]) -> ArmLost:
        names = ", ".join(str(motor) for motor in motors)
        return ArmLost(
            f"motor {names} at {self._device} gave no whole answer to {1 + RETRIES} requests: "
            "check the arm's power supply and the cables along its links"
        )

    def _count(self, **more: int) -> None:
        new = {name: getattr(self.counters, name) + number for name, number in more.items()}
        self.counters = replace(self.counters, **new)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, termios.error) as error:
            self.close()
            raise ArmLost(f"the arm at {self._device} is gone: {error}") from error
        finally:
            # The library leaves its flag behind where an answer is not waited for, or something was raised.
            self._port.is_using = False
