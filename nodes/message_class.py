"""The Python class of a message type."""

from __future__ import annotations

import importlib
from typing import Any

from cairn.episodes.bag_error import BagError


def message_class(type_name: str) -> Any:
    """Of a type such as std_msgs/msg/String.  Raises BagError where it is not installed."""
    package, _, message = type_name.partition("/msg/")
    try:
        return getattr(importlib.import_module(f"{package}.msg"), message)
    except (ImportError, AttributeError, ValueError):
        raise BagError(f"no message class of {type_name} is installed here") from None
