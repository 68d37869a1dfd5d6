"""What one batch makes of the gradients of a fresh model, by one process or by several."""

from dataclasses import replace

import torch
from synthetic_drive import TINY, room_frames, sampler

from cairn.policies.recon.dataset import Batch
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.objective import Objective
from cairn.policies.recon.ranks import Ranks

CASES = [("late", 1), ("early", 1), ("late", 4), ("early", 4), ("late", 2)]
"""Fusion and seed.  Of two processes, with seed 4 only one has driven pairs, with seed 2 none."""


def draw(seed: int, ranks: Ranks) -> Batch:
    """Three groups, which two processes share unequally; in the second world nothing was driven far."""
    return sampler([room_frames(0), room_frames(1, steps=1, strays=20)], seed, share=ranks.share)()


def gradients(fusion: str, seed: int, ranks: Ranks) -> dict[str, torch.Tensor]:
    """Of every parameter that has one, and the statistics of batch normalisation."""
    torch.manual_seed(0)
    model = LatentGoalModel(replace(TINY, fusion=fusion)).train()
    objective = ranks.parallel(Objective(model, ranks, torch.Generator().manual_seed(seed)))
    sum(objective(draw(seed, ranks), 0.5).values()).backward()
    statistics = {name: value for name, value in model.named_buffers() if "running" in name}
    return statistics | {
        name: value.grad for name, value in model.named_parameters() if value.grad is not None
    }
