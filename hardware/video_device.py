"""Finds a video device by an id that survives re-plugging."""

from __future__ import annotations

from pathlib import Path

from cairn.hardware.camera import CameraLost

DIRECTORY = Path("/dev/v4l")
_KINDS = ("by-id", "by-path")


def resolve_video_device(device: str, directory: Path = DIRECTORY) -> Path:
    """The device node that `device` stands for at this moment.

    Args:
        device: a name in `/dev/v4l/by-id` or `/dev/v4l/by-path`, or an absolute path.  The kernel's
            `/dev/videoN` may be another camera after a re-plug, an id never is.
        directory: where udev keeps the two folders of links.

    Raises CameraLost, listing the ids present, when there is none.
    """
    candidates = [Path(device)] if device.startswith("/") else [directory / kind / device for kind in _KINDS]
    for candidate in candidates:
        if candidate.exists():  # false for a link whose target has gone
            return candidate.resolve()
    present = sorted(entry.name for entry in (directory / "by-id").glob("*") if entry.exists())
    raise CameraLost(f"no video device {device!r}; present: {', '.join(present) or 'none'}")
