"""Registers of the Dynamixel X series, as in the control tables of its manual."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST_OF_RAM = 64


@dataclass(frozen=True)
class Register:
    """A little-endian number of `size` bytes in a motor's control table."""

    name: str
    address: int
    size: int
    signed: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether it outlasts a power cycle; such a register can be written without torque only."""
        return self.address < _FIRST_OF_RAM

    def encode(self, value: int) -> bytes:
        return value.to_bytes(self.size, "little", signed=self.signed)

    def decode(self, block: bytes, start: int) -> int:
        """The value in a block of the control table that begins at address `start`."""
        offset = self.address - start
        return int.from_bytes(block[offset : offset + self.size], "little", signed=self.signed)


RETURN_DELAY = Register("Return Delay Time", 9, 1)
DRIVE_MODE = Register("Drive Mode", 10, 1)
OPERATING_MODE = Register("Operating Mode", 11, 1)
SECONDARY_ID = Register("Secondary ID", 12, 1)
HOMING_OFFSET = Register("Homing Offset", 20, 4, signed=True)
PWM_LIMIT = Register("PWM Limit", 36, 2)
CURRENT_LIMIT = Register("Current Limit", 38, 2)
VELOCITY_LIMIT = Register("Velocity Limit", 44, 4)
MAX_POSITION = Register("Max Position Limit", 48, 4)
MIN_POSITION = Register("Min Position Limit", 52, 4)
SHUTDOWN = Register("Shutdown", 63, 1)
TORQUE_ENABLE = Register("Torque Enable", 64, 1)
STATUS_RETURN_LEVEL = Register("Status Return Level", 68, 1)
HARDWARE_ERROR = Register("Hardware Error Status", 70, 1)
BUS_WATCHDOG = Register("Bus Watchdog", 98, 1, signed=True)
GOAL_PWM = Register("Goal PWM", 100, 2, signed=True)
GOAL_CURRENT = Register("Goal Current", 102, 2, signed=True)
PROFILE_ACCELERATION = Register("Profile Acceleration", 108, 4)
PROFILE_VELOCITY = Register("Profile Velocity", 112, 4)
GOAL_POSITION = Register("Goal Position", 116, 4, signed=True)
# Present Load of motors that don't measure their current.
PRESENT_CURRENT = Register("Present Current", 126, 2, signed=True)
PRESENT_VELOCITY = Register("Present Velocity", 128, 4, signed=True)
PRESENT_POSITION = Register("Present Position", 132, 4, signed=True)
INPUT_VOLTAGE = Register("Present Input Voltage", 144, 2)
TEMPERATURE = Register("Present Temperature", 146, 1)
