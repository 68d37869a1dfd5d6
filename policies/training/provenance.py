"""Where a bundle's numbers come from."""

from __future__ import annotations

import datetime
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch


def provenance(data: Sequence[str], seed: int, command: str, metrics: Mapping[str, float]) -> dict[str, Any]:
    """The manifest's fields of that name, as of now and of these sources."""
    return {
        "data": list(data),
        "seed": seed,
        "command": command,
        "git_revision": _revision(),
        "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metrics": {name: float(value) for name, value in metrics.items()},
        "software": {"python": platform.python_version(), "torch": torch.__version__},
    }


def _revision() -> str:
    """The commit of the source tree this runs from, or "unknown" outside one."""
    here = Path(__file__).parent
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()
        status = ["git", "status", "--porcelain", "--untracked-files=no"]
        dirty = subprocess.run(status, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}-dirty" if dirty.stdout.strip() else head
