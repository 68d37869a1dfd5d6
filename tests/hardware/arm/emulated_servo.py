"""A Dynamixel XM430-W350 or XL430-W250: its control table and the motion of its shaft.

Written from the manual's tables, knowing nothing of the driver.
"""

from __future__ import annotations

import math
import struct

XM430, XL430 = 1020, 1060
ACCESS_ERROR, RANGE_ERROR, LENGTH_ERROR, LIMIT_ERROR = 7, 4, 5, 6

# address: (size, value as shipped)
_SHIPPED = {
    7: (1, 1), 8: (1, 1), 9: (1, 250), 10: (1, 0), 11: (1, 3), 12: (1, 255), 13: (1, 2), 20: (4, 0),
    24: (4, 10), 31: (1, 80), 32: (2, 160), 34: (2, 95), 36: (2, 885), 38: (2, 1193), 44: (4, 200),
    48: (4, 4095), 52: (4, 0), 63: (1, 52),
}  # fmt: skip
_AT_POWER_ON = {
    64: (1, 0), 65: (1, 0), 68: (1, 2), 69: (1, 0), 70: (1, 0), 98: (1, 0), 100: (2, 885), 102: (2, 1193),
    104: (4, 0), 108: (4, 0), 112: (4, 0),
}  # fmt: skip
# Nothing is known of what motors say of addresses in between.
_MAPPED = {
    *range(14), *range(20, 28), *range(31, 40), *range(44, 56), *range(63, 66), *range(68, 71),
    *range(76, 86), *range(88, 92), 98, *range(100, 147),
}  # fmt: skip
_XM430_ONLY = {38, 39, 102, 103}
_READ_ONLY = {*range(7), 69, 70, *range(120, 147)}
_GOALS = {100, 102, 104, 116}
_MODES = {XM430: {0, 1, 3, 4, 5, 16}, XL430: {1, 3, 4, 16}}
_TICKS_PER_S = 0.229 / 60 * 4096
_TICKS_PER_S2 = 214.577 / 3600 * 4096
_STEP = 0.002
_WATCHDOG_UNIT = 0.02


class EmulatedServo:
    """One motor; all positions in ticks of its own account, that is after its Drive Mode.

    Args:
        number: its address.
        model: XM430 or XL430.
        position: of the shaft.
        misaligned: how far its horn is mounted from where it should be.
        sag: how far below its goal the load keeps it, as long as it has torque.
        fall: how fast the shaft turns down without torque [ticks/s].

    Attributes:
        shaft: where it stands before the Homing Offset.
        travelled: ticks that it turned in all, to and fro.
        partner: of the same shaft, moved along while it has no torque.
        boot_time: seconds for which it is deaf and mute after a reboot.
    """

    def __init__(
        self,
        number: int,
        model: int,
        position: float,
        *,
        misaligned: int = 0,
        sag: float = 0,
        fall: float = 0,
    ) -> None:
        self.number = number
        self.model = model
        self.misaligned = misaligned
        self.sag = sag
        self.fall = fall
        self.boot_time = 0.3
        self.partner: EmulatedServo | None = None
        self.table = bytearray(147)
        for address, (size, value) in _SHIPPED.items():
            self.put(address, size, value)
        self.put(0, 2, model)
        self.put(6, 1, 45)
        self.put(7, 1, number)
        self.put(8, 1, 3)
        self.shaft = position
        self.velocity = 0.0
        self.travelled = 0.0
        self.now = 0.0
        self.heard = 0.0
        self.boots_until = -math.inf
        self._power_on()

    def put(self, address: int, size: int, value: int) -> None:
        """Set a register whatever the rules say."""
        self.table[address : address + size] = value.to_bytes(size, "little", signed=value < 0)

    def get(self, address: int, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.table[address : address + size], "little", signed=signed)

    @property
    def has_torque(self) -> bool:
        return self.table[64] == 1

    @property
    def position(self) -> float:
        return self.shaft + self.misaligned + self.get(20, 4, signed=True)

    @property
    def goal(self) -> int:
        return self.get(116, 4, signed=True)

    def complain(self, bits: int) -> None:
        """Hardware errors; those of Shutdown take the torque away."""
        self.table[70] |= bits
        if bits & self.table[63]:
            self._let_go()

    def reboot(self) -> None:
        self.boots_until = self.now + self.boot_time
        self._power_on()

    def advance(self, now: float) -> None:
        """Let the motor run until a time [s]."""
        duration, self.now = now - self.now, now
        if self.is_tripped_by(now):
            self.table[98] = 255
            self.put(116, 4, round(self.position))
            self.velocity = 0.0
        before = self.shaft
        if not self.has_torque:
            self.velocity = 0.0
            held = self.partner is not None and self.partner.has_torque
            self.shaft -= 0 if held else self.fall * duration
        elif abs(self.goal - self.sag - self.position) > 0.01 or self.velocity:
            for _ in range(math.ceil(duration / _STEP)):
                self._step(duration / math.ceil(duration / _STEP))
        if self.partner is not None and not self.partner.has_torque:
            self.partner.shaft += self.shaft - before
        self.travelled += abs(self.shaft - before)
        self._report()

    def is_tripped_by(self, now: float) -> bool:
        limit = self.table[98]
        return self.has_torque and 1 <= limit <= 127 and now - self.heard > limit * _WATCHDOG_UNIT

    def read(self, address: int, size: int) -> bytes | None:
        """A block of the control table, or None where it has gaps."""
        mapped = _MAPPED if self.model == XM430 else _MAPPED - _XM430_ONLY
        return (
            bytes(self.table[address : address + size])
            if mapped >= {*range(address, address + size)}
            else None
        )

    def write(self, address: int, data: bytes, *, as_secondary: bool = False) -> int:
        """Returns the error of the status packet."""
        touched = set(range(address, address + len(data)))
        if max(touched) >= len(self.table):
            return LENGTH_ERROR
        if touched & _READ_ONLY or (min(touched) < 64 and (self.has_torque or as_secondary)):
            return ACCESS_ERROR
        if self.table[98] == 255 and touched & _GOALS:
            return RANGE_ERROR
        if address == 11 and data[0] not in _MODES[self.model]:
            return RANGE_ERROR
        if address == 64 and data[0] and self.table[70] & self.table[63]:
            return ACCESS_ERROR
        if address == 116 and self.table[11] == 3:
            goal = struct.unpack("<i", data[:4])[0]
            if not self.get(52, 4) <= goal <= self.get(48, 4):
                return LIMIT_ERROR
        self.table[address : address + len(data)] = data
        if address == 11:
            self._power_on(status_return_level=self.table[68])
        if address == 64 and not data[0]:
            self._let_go()
        return 0

    def _power_on(self, status_return_level: int = 2) -> None:
        held = self.has_torque
        for address, (size, value) in _AT_POWER_ON.items():
            self.put(address, size, value)
        self.table[68] = status_return_level
        if held:
            self._let_go()
        self.put(116, 4, round(self.position))
        self._report()

    def _let_go(self) -> None:
        self.table[64] = 0
        self.velocity = 0.0

    def _step(self, duration: float) -> None:
        distance = self.goal - self.sag - self.position
        limit = (self.get(112, 4) or self.get(44, 4)) * _TICKS_PER_S
        acceleration = (self.get(108, 4) or 32767) * _TICKS_PER_S2
        wanted = math.copysign(min(limit, math.sqrt(2 * acceleration * abs(distance))), distance)
        change = acceleration * duration
        self.velocity += max(-change, min(change, wanted - self.velocity))
        if abs(distance) <= max(1.0, change * duration) and abs(self.velocity) <= 2 * change:
            self.shaft += distance
            self.velocity = 0.0
        else:
            self.shaft += self.velocity * duration

    def _report(self) -> None:
        self.put(120, 2, int(self.now * 1000) % 32768)
        self.put(126, 2, round(10 * self.sag))
        self.put(128, 4, round(self.velocity / _TICKS_PER_S))
        self.put(132, 4, round(self.position))
        self.put(144, 2, 120)
        self.put(146, 1, 35)
