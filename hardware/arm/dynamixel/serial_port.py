"""The serial line to the motors."""

from __future__ import annotations

import time

BAUD_RATE = 1_000_000
_BITS_PER_BYTE = 10
# Bytes beyond the answer after which a line is taken to babble.
_NOISE = 1024
_READ_WAIT = 0.002
_WRITE_WAIT = 0.5


class SerialPort:
    """A port in the shape that the packet handler of dynamixel-sdk expects, hence its names.

    Unlike the library's own it waits for bytes in the kernel rather than in a busy loop, measures time on
    the monotonic clock, gives up on a line that babbles without end, and keeps other programs away.

    Args:
        path: of the device.

    Attributes:
        patience: seconds to wait for an answer beyond the time that its bytes take.

    Raises serial.SerialException.
    """

    def __init__(self, path: str) -> None:
        import serial

        self.is_using = False
        self.patience = 0.0
        self._deadline = 0.0
        self._budget = 0
        self._serial = serial.Serial(
            path, BAUD_RATE, timeout=_READ_WAIT, write_timeout=_WRITE_WAIT, exclusive=True
        )

    def close(self) -> None:
        self._serial.close()

    def clearPort(self) -> None:
        self._serial.reset_input_buffer()

    def readPort(self, length: int) -> bytes:
        if self._is_late():
            # What came in time and was not fetched in time still counts.
            length = min(length, self._serial.in_waiting)
        data = bytes(self._serial.read(min(length, self._budget)))
        self._budget -= len(data)
        return data

    def writePort(self, packet: list[int]) -> int:
        return int(self._serial.write(bytes(packet)) or 0)

    def setPacketTimeout(self, length: int) -> None:
        self._deadline = time.monotonic() + length * _BITS_PER_BYTE / BAUD_RATE + self.patience
        self._budget = length + _NOISE

    def isPacketTimeout(self) -> bool:
        return self._budget <= 0 or (self._is_late() and not self._serial.in_waiting)

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline
