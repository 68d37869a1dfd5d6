"""Brings fingers to an opening by force alone."""

from __future__ import annotations

from cairn.hardware.errors import CairnError

# Least force that moves the fingers and most that the motor bears for long, in each mode's unit, as the
# maker's own library has it.
_FORCES = {"pwm": (150.0, 350.0), "current": (400.0, 900.0)}
_NEAR = 0.03  # of the whole opening: there it needs no force
_FAR = 0.2


def check_mode(mode: str) -> None:
    """Raises CairnError unless fingers can be brought to an opening in this operating mode."""
    if mode not in _FORCES:
        raise CairnError(
            f"the gripper's operating mode is {mode!r}, valid are {' and '.join(_FORCES)}: "
            "see singles, gripper in the mode_configs of xs_sdk"
        )


class FingerServo:
    """A gripper whose motor takes no position, only PWM (of 885) or current [mA].

    It pushes the harder the farther it has to go, never harder than the motor bears, and not at all once it
    is there: the gears keep it.  What it closes on is held with the full force.

    Args:
        mode: of the gripper's motor, "pwm" or "current".  Raises CairnError for another.
        opening: where the fingers are (0 closed, 1 open).

    Attributes:
        wanted: the opening to bring them to.
    """

    def __init__(self, mode: str, opening: float) -> None:
        check_mode(mode)
        self._least, self._most = _FORCES[mode]
        self.wanted = opening

    def force(self, opening: float) -> float:
        """What to tell the motor while the fingers are at `opening` (0 closed, 1 open); positive opens."""
        error = self.wanted - opening
        if abs(error) < _NEAR:
            return 0.0
        push = self._least + (self._most - self._least) * min(1.0, abs(error) / _FAR)
        return push if error > 0 else -push
