"""How long a USB serial adapter holds back what it received."""

from __future__ import annotations

import logging
from pathlib import Path

ADAPTERS = Path("/sys/bus/usb-serial/devices")
_WANTED_MS = 1
_logger = logging.getLogger(__name__)


def shorten_latency(device: Path, adapters: Path = ADAPTERS) -> float:
    """Have the adapter behind a device hand on bytes after 1 ms; returns what it is now, in seconds.

    FTDI's default of 16 ms would leave no time for asking again.  A device without such a timer has none.
    """
    timer = adapters / device.resolve().name / "latency_timer"
    try:
        latency = int(timer.read_text())
    except (OSError, ValueError):
        return 0.0
    if latency > _WANTED_MS:
        try:
            timer.write_text(f"{_WANTED_MS}\n")
            latency = _WANTED_MS
        except OSError as error:
            _logger.warning(
                "%s hands on bytes only every %d ms, and that can't be set (%s): the arm's states will be "
                "late; let root `echo 1 > %s`, or a udev rule",
                device,
                latency,
                error.strerror,
                timer,
            )
    return latency / 1000
