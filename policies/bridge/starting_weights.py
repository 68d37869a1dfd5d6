"""A trained model to go on from."""

from __future__ import annotations

from pathlib import Path

import torch

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.training.checkpoint import read_checkpoint


@torch.no_grad()
def take_weights(model: BridgeModel, checkpoint: Path) -> int:
    """Put a checkpoint's averaged weights into a fresh model, wherever name and shape agree.

    Tasks, horizon and sizes of pictures may differ; what depends on them begins anew.

    Returns:
        how many numbers were taken.

    Raises CairnError when the file is no checkpoint, or has less than half of the model's numbers.
    """
    if not checkpoint.is_file():
        raise CairnError(f"there is no {checkpoint}: expected a checkpoint.pt of `cairn train bridge`")
    trained = read_checkpoint(checkpoint, {"average", "settings"})["average"]
    own = model.state_dict()
    taken = 0
    for name, value in own.items():
        if name in trained and trained[name].shape == value.shape:
            value.copy_(trained[name])
            taken += value.numel()
    total = sum(value.numel() for value in own.values())
    if taken < total / 2:
        raise CairnError(
            f"{checkpoint} fits {taken} of {total} numbers of this model, expected at least half: it is of "
            "another kind or size"
        )
    return taken
