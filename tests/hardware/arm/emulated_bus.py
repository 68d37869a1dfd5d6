"""Motors on a serial line that is a pseudo-terminal: Protocol 2.0 byte by byte, and faults on demand.

Written from the manual's description of the protocol, knowing nothing of the driver or its library.
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from emulated_servo import ACCESS_ERROR, EmulatedServo

HEADER = b"\xff\xff\xfd\x00"
BROADCAST = 0xFE
PING, READ, WRITE, REBOOT, SYNC_READ, SYNC_WRITE, FAST_SYNC_READ = 1, 2, 3, 8, 0x82, 0x83, 0x8A
_STATUS = 0x55
_INSTRUCTION_ERROR = 2
_ALERT = 0x80
_RETURN_DELAY_UNIT = 2e-6


def checksum(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005, neither reflected nor preset."""
    remainder = 0
    for byte in data:
        remainder = ((remainder << 8) & 0xFFFF) ^ _CRC_TABLE[(remainder >> 8) ^ byte]
    return remainder


def _crc_entry(byte: int) -> int:
    remainder = byte << 8
    for _ in range(8):
        remainder = (remainder << 1) ^ (0x8005 if remainder & 0x8000 else 0)
        remainder &= 0xFFFF
    return remainder


_CRC_TABLE = [_crc_entry(byte) for byte in range(256)]


def packet(number: int, instruction: int, parameters: bytes) -> bytes:
    body = (bytes([instruction]) + parameters).replace(b"\xff\xff\xfd", b"\xff\xff\xfd\xfd")
    head = HEADER + bytes([number]) + (len(body) + 2).to_bytes(2, "little")
    return head + body + checksum(head + body).to_bytes(2, "little")


@dataclass(frozen=True)
class Heard:
    """An instruction that arrived whole; `stamp` on the monotonic clock."""

    stamp: float
    number: int
    instruction: int
    parameters: bytes


class EmulatedBus:
    """Runs in a thread of its own until it is unplugged.

    Attributes:
        path: of the serial port.
        servos: by address.
        heard: all instructions.
        gone: addresses that neither hear nor answer.
        spoil_answer: what becomes of an answer on its way; b"" is lost.
        spoil_request: the same for what arrives.
        traffic: bytes in both directions.
        errors: of all status packets and broadcast writes that were not carried out.
    """

    def __init__(self, servos: Iterable[EmulatedServo]) -> None:
        self.servos = {servo.number: servo for servo in servos}
        self.heard: list[Heard] = []
        self.gone: set[int] = set()
        self.spoil_answer: Callable[[bytes], bytes] = bytes
        self.spoil_request: Callable[[bytes], bytes] = bytes
        self.traffic = 0
        self.errors: list[tuple[int, int]] = []
        self.lock = threading.Lock()
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        # Nobody may listen: what doesn't fit is lost, as on a wire.
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        self._wake, self._waker = os.pipe()
        now = time.monotonic()
        for servo in self.servos.values():
            servo.now = servo.heard = now
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Both ends of the line are gone, as with a USB adapter that was pulled out.  Safe to call twice."""
        if self._thread.is_alive():
            os.write(self._waker, b"x")
            self._thread.join()
            for end in (self._ours, self._theirs, self._wake, self._waker):
                os.close(end)

    def babble(self, noise: bytes) -> None:
        """Bytes on the line that nobody asked for."""
        with suppress(BlockingIOError):
            os.write(self._ours, noise)

    def settle(self) -> None:
        """Let all motors run until now."""
        with self.lock:
            for servo in self.servos.values():
                servo.advance(time.monotonic())

    def written(self, address: int) -> list[tuple[int, int]]:
        """(motor, first byte) of every write to exactly this address so far."""
        writes = []
        for heard in list(self.heard):
            parameters = heard.parameters
            if heard.instruction == WRITE and int.from_bytes(parameters[:2], "little") == address:
                writes.append((heard.number, parameters[2]))
            if heard.instruction == SYNC_WRITE and int.from_bytes(parameters[:2], "little") == address:
                size = 1 + int.from_bytes(parameters[2:4], "little")
                writes += [(parameters[i], parameters[i + 1]) for i in range(4, len(parameters), size)]
        return writes

    def _run(self) -> None:
        # Real motors don't wait for this machine's other work.
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)
        buffer = b""
        while True:
            ready, _, _ = select.select([self._ours, self._wake], [], [])
            if self._wake in ready:
                return
            arrived = os.read(self._ours, 4096)
            self.traffic += len(arrived)
            buffer = self._take(buffer + self.spoil_request(arrived))

    def _take(self, buffer: bytes) -> bytes:
        """Obey all whole packets; returns what is left."""
        while True:
            start = buffer.find(HEADER)
            if start < 0:
                return buffer[-3:]
            buffer = buffer[start:]
            if len(buffer) < 7:
                return buffer
            end = 7 + int.from_bytes(buffer[5:7], "little")
            if end < 10 or end > 1024:
                buffer = buffer[4:]
                continue
            if len(buffer) < end:
                return buffer
            whole = buffer[:end]
            if checksum(whole[:-2]) == int.from_bytes(whole[-2:], "little"):
                body = whole[7:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd")
                with self.lock:
                    self._obey(Heard(time.monotonic(), whole[4], body[0], body[1:]))
                buffer = buffer[end:]
            else:
                buffer = buffer[4:]

    def _obey(self, heard: Heard) -> None:
        self.heard.append(heard)
        awake = [
            servo
            for servo in self.servos.values()
            if servo.number not in self.gone and servo.boots_until <= heard.stamp
        ]
        for servo in self.servos.values():
            servo.advance(heard.stamp)
        for servo in awake:
            servo.heard = heard.stamp
        present = {servo.number: servo for servo in awake}
        parameters = heard.parameters
        address, size = (int.from_bytes(parameters[i : i + 2], "little") for i in (0, 2))
        if heard.instruction in (SYNC_READ, FAST_SYNC_READ):
            self._answer_many(heard, present, address, size)
        elif heard.instruction == SYNC_WRITE:
            for i in range(4, len(parameters), size + 1):
                self._write(present, parameters[i], address, parameters[i + 1 : i + 1 + size])
        elif heard.number in present or heard.number == BROADCAST:
            for servo in [*present.values()] if heard.number == BROADCAST else [present[heard.number]]:
                self._answer_one(heard, present, servo)

    def _answer_one(self, heard: Heard, present: dict[int, EmulatedServo], servo: EmulatedServo) -> None:
        address, size = (int.from_bytes(heard.parameters[i : i + 2], "little") for i in (0, 2))
        if heard.instruction == PING:
            self._answer(servo, 0, bytes(servo.table[:2]) + bytes([servo.table[6]]))
        elif heard.instruction == READ:
            data = servo.read(address, size)
            self._answer(servo, ACCESS_ERROR if data is None else 0, data or b"")
        elif heard.instruction == WRITE:
            error = self._write(present, servo.number, address, heard.parameters[2:])
            self._answer(servo, error, b"")
        elif heard.instruction == REBOOT:
            self._answer(servo, 0, b"")
            servo.reboot()
        else:
            self._answer(servo, _INSTRUCTION_ERROR, b"")

    def _write(self, present: dict[int, EmulatedServo], number: int, address: int, data: bytes) -> int:
        """The motor of that address obeys, and all that have it as their secondary one."""
        error = present[number].write(address, data) if number in present else 0
        if error:
            self.errors.append((number, error))
        for servo in present.values():
            if servo.table[12] == number:
                servo.write(address, data, as_secondary=True)
        return error

    def _answer_many(self, heard: Heard, present: dict[int, EmulatedServo], address: int, size: int) -> None:
        """Each waits for the one before it in the list: after one that is gone nobody answers."""
        blocks = []
        for number in heard.parameters[4:]:
            if number not in present:
                return
            servo = present[number]
            data = servo.read(address, size)
            if data is None:
                self._answer(servo, ACCESS_ERROR, b"")
                continue
            if heard.instruction == SYNC_READ:
                self._answer(servo, 0, data)
            blocks.append(bytes([self._error(servo, 0), number]) + data)
        if heard.instruction == FAST_SYNC_READ:
            # Every motor appends the checksum of all before it; the last one's is the packet's.
            head = HEADER + bytes([BROADCAST]) + (1 + (size + 4) * len(blocks)).to_bytes(2, "little")
            sent = head + bytes([_STATUS])
            for block in blocks:
                sent += block
                sent += checksum(sent).to_bytes(2, "little")
            self._transmit(sent)

    def _answer(self, servo: EmulatedServo, error: int, data: bytes) -> None:
        if servo.table[9]:
            time.sleep(servo.table[9] * _RETURN_DELAY_UNIT)
        self._transmit(packet(servo.number, _STATUS, bytes([self._error(servo, error)]) + data))

    @staticmethod
    def _error(servo: EmulatedServo, error: int) -> int:
        return error | (_ALERT if servo.table[70] else 0)

    def _transmit(self, answer: bytes) -> None:
        self.traffic += len(answer)
        self.babble(self.spoil_answer(answer))
