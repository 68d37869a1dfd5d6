"""Find message definitions among the installed packages."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from cairn.episodes.bag_error import BagError

SEPARATOR = "=" * 80
_PRIMITIVE = re.compile(r"bool|byte|char|w?string|float(32|64)|u?int(8|16|32|64)")
_FIELD_TYPE = re.compile(r"^([A-Za-z][A-Za-z0-9_/]*)(?:<=\d+)?(?:\[(?:<=)?\d*\])?\s+[A-Za-z]")


class MessageDefinitions:
    """Looks up .msg files in `share/` of ROS packages, without ROS.

    Where ROS 2 is installed the prefixes come from AMENT_PREFIX_PATH; wheels install to the prefix of the
    Python environment, which is always searched last.
    """

    def __init__(self, prefixes: Iterable[str | Path] | None = None) -> None:
        if prefixes is None:
            prefixes = [*filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)), sys.prefix]
        self._prefixes = [Path(prefix) for prefix in prefixes]
        self._found: dict[str, str] = {}

    def find(self, type_name: str) -> str:
        """The definition of "package/msg/Name" followed by all that it depends on.

        The text is in the form that MCAP calls `ros2msg`: each dependency after a line of 80 "=" and a line
        "MSG: package/Name".

        Raises BagError when the type is no message type, or its file or that of a dependency isn't installed.
        """
        if type_name not in self._found:
            parts = [self._read(type_name)]
            parts += [
                f"{SEPARATOR}\nMSG: {name.replace('/msg/', '/')}\n{self._read(name)}"
                for name in self._dependencies(type_name)
            ]
            self._found[type_name] = "\n".join(part.rstrip("\n") for part in parts) + "\n"
        return self._found[type_name]

    def _dependencies(self, type_name: str) -> list[str]:
        """Types that `type_name` is built from, each once, breadth first."""
        found: list[str] = []
        pending = [type_name]
        while pending:
            current = pending.pop(0)
            for name in _field_types(self._read(current), package=current.split("/")[0]):
                if name != type_name and name not in found:
                    found.append(name)
                    pending.append(name)
        return found

    def _read(self, type_name: str) -> str:
        parts = type_name.split("/")
        if len(parts) != 3 or parts[1] != "msg" or not all(parts):
            raise BagError(f'a message type reads "package/msg/Name", got {type_name!r}')
        relative = Path("share", parts[0], "msg", f"{parts[2]}.msg")
        for prefix in self._prefixes:
            if (path := prefix / relative).is_file():
                return path.read_text(encoding="utf-8")
        searched = ", ".join(str(prefix) for prefix in self._prefixes)
        raise BagError(f"no definition of {type_name}: {relative} is in none of {searched}")


def _field_types(text: str, package: str) -> list[str]:
    """Full names of the non-primitive field types of a .msg text that belongs to `package`."""
    names: list[str] = []
    for line in text.splitlines():
        match = _FIELD_TYPE.match(line.split("#")[0].strip())
        if match is None or _PRIMITIVE.fullmatch(match[1]):
            continue
        parts = match[1].split("/")
        owner = parts[0] if len(parts) > 1 else package
        names.append(f"{owner}/msg/{parts[-1]}")
    return names
