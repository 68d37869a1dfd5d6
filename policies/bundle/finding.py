"""Where shipped bundles lie."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.policy_bundle import MANIFEST_FILE


def bundle_directories() -> list[Path]:
    """Where shipped bundles are looked for: beside the sources, below this Python, below ROS prefixes."""
    shared = Path("share", "cairn", "policies", "bundles")
    ros = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    prefixes = [sys.prefix, site.getuserbase(), *filter(None, ros)]
    return [Path(__file__).parents[1] / "bundles", *(Path(prefix) / shared for prefix in prefixes)]


def find_bundle(name: str | Path) -> Path:
    """The directory of a shipped bundle by its name; a path to a directory is returned as it is.

    Raises:
        BundleError: neither; the message lists the shipped bundles.
    """
    path = Path(name)
    if path.is_absolute() or len(path.parts) > 1 or (path / MANIFEST_FILE).is_file():
        if not path.is_dir():
            raise BundleError(f"{path} must be the directory of a bundle, got no directory")
        return path
    shipped = {
        found.parent.name: found.parent
        for directory in reversed(bundle_directories())
        for found in sorted(directory.glob(f"*/{MANIFEST_FILE}"))
    }
    if path.name not in shipped:
        raise BundleError(
            f"{str(name)!r} is neither a directory nor a shipped bundle; shipped: {sorted(shipped)}"
        )
    return shipped[path.name]
