"""What is kept in the calibration folder, with age and error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

_SECONDS_A_DAY = 86400.0


@dataclass(frozen=True)
class StoredCalibration:
    """One file.

    Attributes:
        name: of the camera.
        kind: "intrinsics" or what its transform is, e.g. "eye-in-hand".
        days: age; None where the file doesn't say.
        error: in words; "" where the file doesn't say.
        fault: why it can't be read; "" when it can.
    """

    name: str
    kind: str
    days: float | None
    error: str
    fault: str = ""


def stored_calibrations(folder: Path) -> list[StoredCalibration]:
    """Everything in `folder`, by name; empty where there is none."""
    return [_read(path) for path in sorted(folder.glob("*.yaml"))] if folder.is_dir() else []


def _read(path: Path) -> StoredCalibration:
    is_transform = path.name.endswith(".tf.yaml")
    name = path.name.removesuffix(".tf.yaml" if is_transform else ".yaml")
    usual = "transform" if is_transform else "intrinsics"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return StoredCalibration(name, usual, None, "", " ".join(str(error).split()))
    details = document.get("calibration") if isinstance(document, dict) else None
    if not isinstance(details, dict):
        return StoredCalibration(name, usual, None, "")
    return StoredCalibration(name, str(details.get("kind", usual)), _age(details), _error(details))


def _age(details: dict[str, Any]) -> float | None:
    try:
        made = datetime.fromisoformat(str(details["made"]))
    except (KeyError, ValueError):
        return None
    made = made if made.tzinfo else made.replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - made).total_seconds() / _SECONDS_A_DAY


def _error(details: dict[str, Any]) -> str:
    if "held_out_pixels" in details:
        return f"{details['held_out_pixels']} pixels on held-out views"
    if "error_mm" in details:
        return f"{details['error_mm']} mm, {details.get('error_deg', '?')}°"
    return ""
