"""What a training runs on."""

from __future__ import annotations

import torch

from cairn.hardware.errors import CairnError

DEVICES = ("auto", "cpu", "cuda")


def training_device(name: str) -> str:
    """One of `DEVICES` as torch names it; "auto" takes a GPU if there is one.

    Raises CairnError when CUDA was asked for and is missing.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise CairnError("device cuda was asked for, but torch finds no GPU; valid here: auto, cpu")
    return name


def use_threads(count: int) -> None:
    """So many within an operator, of this process."""
    torch.set_num_threads(count)
