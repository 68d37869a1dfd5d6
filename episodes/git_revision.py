"""The revision of the software that makes a recording."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git_revision(folder: Path) -> str:
    """Commit of the checkout that `folder` lies in, with "-dirty" where tracked files differ from it.

    Empty where there is no checkout or no git, as in an installed package.
    """
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty", "--match="]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10.0, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.strip()
