"""Settings: fields of a frozen dataclass that know their description and their valid values.

A component's settings are one frozen dataclass.  The same declaration checks values in plain Python
and, through `cairn.nodes.parameters`, becomes the descriptors of a node's ROS parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields
from math import isfinite
from typing import Any, get_type_hints

from cairn.hardware.errors import CairnError


class InvalidSetting(CairnError):
    """A setting has the wrong type or lies outside its range."""


def setting(
    description: str,
    default: Any = MISSING,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    fixed: bool = False,
) -> Any:
    """Declare a setting of a frozen dataclass; without `default` the user must decide.

    Args:
        description: what it does, with its unit in brackets, for people.
        default: the value when none is given.
        minimum: smallest valid number, inclusive.
        maximum: largest valid number, inclusive.
        choices: the valid strings.
        fixed: can't be changed while the node runs.
    """
    metadata = {
        "description": description,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "fixed": fixed,
    }
    return field(default=default, metadata=metadata)


def setting_types(kind: type) -> dict[str, type]:
    """Type of each setting: bool, int, float, str or a homogeneous tuple of these."""
    hints = get_type_hints(kind)
    return {declared.name: hints[declared.name] for declared in fields(kind)}


def valid_values(declared: Field[Any]) -> str:
    """The valid values in words, e.g. "from 0.02 to 5", or "" where anything of the type is valid."""
    minimum, maximum, choices = (declared.metadata.get(key) for key in ("minimum", "maximum", "choices"))
    if choices:
        return "one of " + ", ".join(choices)
    if minimum is not None and maximum is not None:
        return f"from {minimum:g} to {maximum:g}"
    if minimum is not None:
        return f"at least {minimum:g}"
    return f"at most {maximum:g}" if maximum is not None else ""


def checked_value(declared: Field[Any], kind: Any, value: Any) -> Any:
    """`value` as `kind` (an int is a float, a list is a tuple).  Raises InvalidSetting otherwise."""
    members = getattr(kind, "__args__", ())
    if members and members[-1] is Ellipsis:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise _invalid(declared, f"a list of {members[0].__name__}", value)
        return tuple(checked_value(declared, members[0], item) for item in value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _invalid(declared, kind.__name__, value)
    if kind in (int, float):
        minimum, maximum = declared.metadata.get("minimum"), declared.metadata.get("maximum")
        below = minimum is not None and value < minimum
        above = maximum is not None and value > maximum
        if not isfinite(value) or below or above:
            raise _invalid(declared, kind.__name__, value)
    choices = declared.metadata.get("choices")
    if choices and value not in choices:
        raise _invalid(declared, kind.__name__, value)
    return value


def check_settings(settings: Any) -> None:
    """Check every setting of a dataclass instance; call it from `__post_init__`.  Raises InvalidSetting."""
    kinds = setting_types(type(settings))
    for declared in fields(settings):
        value = checked_value(declared, kinds[declared.name], getattr(settings, declared.name))
        object.__setattr__(settings, declared.name, value)


def check_names(kind: type, given: Mapping[str, Any]) -> None:
    """Raises InvalidSetting, naming the valid settings, when `given` has one that `kind` lacks."""
    valid = [declared.name for declared in fields(kind)]
    unknown = sorted(set(given) - set(valid))
    if unknown:
        raise InvalidSetting(f"unknown parameter {', '.join(unknown)}; valid are {', '.join(valid)}")


def _invalid(declared: Field[Any], expected: str, value: Any) -> InvalidSetting:
    valid = valid_values(declared)
    return InvalidSetting(
        f"parameter {declared.name}: expected {expected}{' ' + valid if valid else ''}, "
        f"got {value!r} ({type(value).__name__}); {declared.metadata.get('description', '')}".rstrip("; ")
    )
