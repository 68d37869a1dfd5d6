"""Where calibrations are kept, so that drivers find them by a camera's name."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cairn.hardware.errors import CairnError

_VARIABLE = "CAIRN_CALIBRATION"


def calibration_folder() -> Path:
    """`$CAIRN_CALIBRATION`, else `cairn/calibration` in the user's data directory (XDG)."""
    if chosen := os.environ.get(_VARIABLE):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(data) / "cairn/calibration"


def camera_file(name: str) -> Path:
    """The intrinsics of the camera with this serial number or name, whether there are any or not.

    Raises CairnError for a name that is no file name.
    """
    return calibration_folder() / f"{_checked(name)}.yaml"


def transform_file(name: str) -> Path:
    """Where the camera with this name is mounted, whether it is known or not.  Raises CairnError likewise."""
    return calibration_folder() / f"{_checked(name)}.tf.yaml"


def _checked(name: str) -> str:
    # Device names may be paths of /dev/v4l; their last part tells cameras apart.
    name = name.rstrip("/").rsplit("/", 1)[-1]
    if not re.fullmatch(r"[\w][\w.:+-]{0,199}", name):
        raise CairnError(f"a camera's name must be letters, digits and . : + - _ (at most 200), got {name!r}")
    return name
