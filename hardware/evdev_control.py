"""Names of axes and buttons as Linux's event devices have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class EvdevControl:
    """A button, or one end of an axis such as a D-pad's.

    Attributes:
        kind: EV_KEY or EV_ABS.
        code: of that kind.
        end: sign of the values that count as pressed, +1 for a button.
    """

    kind: int
    code: int
    end: int = 1

    @classmethod
    def named(cls, name: str) -> EvdevControl:
        """From a name such as "BTN_SOUTH" or "ABS_HAT0Y-".  Raises CairnError."""
        codes = evdev_library().ecodes
        if name.startswith("ABS_") and name[-1] in "+-":
            return cls(codes.EV_ABS, axis_code(name[:-1]), 1 if name[-1] == "+" else -1)
        return cls(codes.EV_KEY, _code(codes.keys, name, "BTN_"))

    @property
    def name(self) -> str:
        """As evdev calls it."""
        codes = evdev_library().ecodes
        if self.kind == codes.EV_KEY:
            return _name(codes.keys, self.code)
        return axis_name(self.code) + ("+" if self.end > 0 else "-")

    def is_pressed(self, value: int) -> bool:
        """Whether the value of an event of this kind and code means pressed."""
        return value * self.end > 0


def evdev_library() -> Any:
    """The package evdev.  Raises CairnError where it is missing."""
    try:
        import evdev
    except ImportError as error:
        raise CairnError(
            f"gamepads need the package evdev (pip install cairn-robotics[gamepad]): {error}"
        ) from error
    return evdev


def axis_code(name: str) -> int:
    """Of an axis such as "ABS_Y".  Raises CairnError."""
    return _code(evdev_library().ecodes.ABS, name, "ABS_")


def axis_name(code: int) -> str:
    """As evdev calls it."""
    return _name(evdev_library().ecodes.ABS, code)


def button_name(code: int) -> str:
    """As evdev calls it."""
    return _name(evdev_library().ecodes.keys, code)


def _code(names: dict[int, Any], name: str, prefix: str) -> int:
    for code, known in names.items():
        if name == known or (isinstance(known, (list, tuple)) and name in known):
            return code
    raise CairnError(f"{name!r} is no evdev name of a {prefix}… event; `evtest` shows those of a pad")


def _name(names: dict[int, Any], code: int) -> str:
    known = names.get(code, hex(code))
    return str(known[0] if isinstance(known, (list, tuple)) else known)
