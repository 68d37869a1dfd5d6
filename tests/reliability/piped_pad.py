"""The teleop node with event devices that are pipes in a directory, for machines without /dev/uinput.

evdev's own reader parses what is written to the pipe; what the kernel answers by ioctl is played here.
"""

from __future__ import annotations

import errno
import os
import select
import struct
import sys
from pathlib import Path

import evdev
from evdev import AbsInfo, ecodes
from evdev.eventio import EventIO

PADS = "CAIRN_TEST_PADS"
"""Environment variable: directory of the pipes, one a pad."""
NAME = "Maker Wireless Controller"
AXES = (ecodes.ABS_Y, ecodes.ABS_RX, ecodes.ABS_HAT0X, ecodes.ABS_HAT0Y)
BUTTONS = (
    ecodes.BTN_TL,
    ecodes.BTN_TR,
    ecodes.BTN_EAST,
    ecodes.BTN_SOUTH,
    ecodes.BTN_START,
    ecodes.BTN_SELECT,
    ecodes.BTN_MODE,
)
_EVENT = struct.Struct("llHHi")


def record(kind: int, code: int, value: int) -> bytes:
    """An event as the kernel writes it, and the end of its report."""
    return _EVENT.pack(1, 0, kind, code, value) + _EVENT.pack(1, 0, ecodes.EV_SYN, ecodes.SYN_REPORT, 0)


class PipedPad(EventIO):
    """A pad that is there as long as somebody holds the other end of its pipe."""

    def __init__(self, path: str) -> None:
        self.path, self.name, self.uniq = path, NAME, "aa:bb"
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def capabilities(self, absinfo: bool = True) -> dict[int, list[int]]:
        return {ecodes.EV_ABS: list(AXES), ecodes.EV_KEY: list(BUTTONS)}

    def absinfo(self, code: int) -> AbsInfo:
        return AbsInfo(128, 0, 255, 0, 0, 0)

    def active_keys(self) -> list[int]:
        return []

    def read(self):  # type: ignore[no-untyped-def]
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        ready = dict(poll.poll(0)).get(self.fd, 0)
        if ready & select.POLLHUP and not ready & select.POLLIN:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return super().read()

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


if __name__ == "__main__":
    evdev.InputDevice = PipedPad
    evdev.list_devices = lambda: sorted(map(str, Path(os.environ[PADS]).iterdir()))

    from cairn.nodes.teleop_node import main

    sys.exit(main())
