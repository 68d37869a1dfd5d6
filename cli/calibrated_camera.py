"""Finds the intrinsics that a command needs."""

from __future__ import annotations

from pathlib import Path

from cairn.hardware.calibration_folder import camera_file
from cairn.hardware.errors import CairnError


def intrinsics_of(camera: str, named: Path | None) -> Path:
    """The file that was named, else the one kept for the camera.

    Raises CairnError when there is none, with what to do about it.
    """
    path = named or camera_file(camera)
    if path.is_file():
        return path
    raise CairnError(
        f"camera {camera!r} has no intrinsics at {path}: run `cairn calibrate intrinsics --camera {camera}` "
        "first, or name a file with --intrinsics"
    )
