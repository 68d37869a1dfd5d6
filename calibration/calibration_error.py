"""What goes wrong in calibrating."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class CalibrationError(CairnError):
    """The data can't give a calibration that may be trusted; the message names what is wrong with it."""
