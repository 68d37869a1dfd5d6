"""The arm_teleop node with event devices that are pipes, whose pads have all that an arm needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import evdev
from evdev import AbsInfo, ecodes

sys.path.append(str(Path(__file__).parents[1] / "reliability"))
from piped_pad import BUTTONS, PADS, PipedPad, record

__all__ = ["PADS", "record"]

AXES = (ecodes.ABS_X, ecodes.ABS_Y, ecodes.ABS_RX, ecodes.ABS_RY)
TRIGGERS = (ecodes.ABS_Z, ecodes.ABS_RZ)


class PipedArmPad(PipedPad):
    """Two sticks and two triggers."""

    def capabilities(self, absinfo: bool = True) -> dict[int, list[int]]:
        return {ecodes.EV_ABS: [*AXES, *TRIGGERS], ecodes.EV_KEY: list(BUTTONS)}

    def absinfo(self, code: int) -> AbsInfo:
        return AbsInfo(0 if code in TRIGGERS else 128, 0, 255, 0, 0, 0)


if __name__ == "__main__":
    evdev.InputDevice = PipedArmPad
    evdev.list_devices = lambda: sorted(map(str, Path(os.environ[PADS]).iterdir()))

    from cairn.nodes.arm_teleop_node import main

    sys.exit(main())
