"""Where a ROS 2 package keeps its launch files, parameters and other data."""

import os
import sys
from pathlib import Path

from cairn.launch.errors import LaunchError

SOURCE_TREE = Path(__file__).resolve().parent.parent


def prefixes() -> list[Path]:
    """The install prefixes to search, in the order of ROS 2: sourced workspaces, then this Python's own."""
    sourced = [Path(entry) for entry in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if entry]
    return [*sourced, Path(sys.prefix)]


def share_directory(package: str) -> Path:
    """The share directory of `package`, as `$(find-pkg-share ...)` in a launch file.

    A source tree of Cairn (an editable install) has the layout of the installed share directory, and is
    its own.

    Raises:
        LaunchError: no such package is installed.
    """
    if package == "cairn" and (SOURCE_TREE / "package.xml").is_file():
        return SOURCE_TREE
    for prefix in prefixes():
        if (prefix / "share" / package / "package.xml").is_file():
            return prefix / "share" / package
    raise LaunchError(
        f"no ROS 2 package `{package}` is installed; searched share/{package}/package.xml in "
        + ", ".join(map(str, prefixes()))
    )
