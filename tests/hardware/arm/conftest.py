"""A WidowX 250s of emulated motors, and its driver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulated_bus import EmulatedBus
from emulated_widowx import emulated_widowx

from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX


@pytest.fixture
def motor_line() -> Iterator[EmulatedBus]:
    """Motors at the neutral pose, just switched on."""
    line = emulated_widowx()
    yield line
    line.unplug()


@pytest.fixture
def widowx(motor_line: EmulatedBus) -> Iterator[DynamixelWidowX]:
    """The driver of these motors, not started; patient, for a busy machine holds up emulated motors."""
    arm = DynamixelWidowX(motor_line.path, silence=2.0)
    yield arm
    arm.stop()
