"""The driver of the WidowX 250s over a real serial line, with emulated motors at its other end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from arm_contract import ArmContract, ArmRig
from emulated_bus import EmulatedBus
from emulated_widowx import emulated_widowx

from cairn.hardware.arm.dynamixel.dynamixel_widowx import DynamixelWidowX


@pytest.fixture
def bus() -> Iterator[EmulatedBus]:
    bus = emulated_widowx()
    yield bus
    bus.unplug()


@pytest.fixture
def arm(bus: EmulatedBus) -> Iterator[DynamixelWidowX]:
    arm = DynamixelWidowX(bus.path)
    yield arm
    arm.stop()


class TestDynamixelWidowX(ArmContract):
    @pytest.fixture
    def rig(self, arm: DynamixelWidowX) -> ArmRig:
        return ArmRig(arm)
