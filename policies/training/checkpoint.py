"""What a training goes on from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from cairn.hardware.errors import CairnError


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Atomically: tensors, numbers and text by name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    torch.save(dict(state), temporary)
    temporary.rename(path)


def read_checkpoint(path: Path, expected: set[str]) -> dict[str, Any]:
    """A checkpoint's content, on the CPU whatever device wrote it; no object is unpickled.

    Raises CairnError when it is none, or lacks an `expected` entry.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the unpickler stumbles over
        raise CairnError(f"{path} is not a checkpoint: {error}") from error
    if not isinstance(state, dict) or not expected <= state.keys():
        raise CairnError(f"{path} is not a checkpoint: it should hold {sorted(expected)}")
    return state
