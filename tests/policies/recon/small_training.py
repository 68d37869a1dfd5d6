"""`train_recon` on so little that a test can wait for it."""

from functools import partial
from types import ModuleType

import pytest


def make_small(recipe: ModuleType, patches: pytest.MonkeyPatch) -> None:
    """A narrow model, batches of two groups of six views, few for a diagnosis, and a checkpoint after every
    other step."""
    sampler, diagnose = recipe.GroupSampler, recipe.diagnose
    patches.setattr(recipe, "ModelSettings", partial(recipe.ModelSettings, channels=32, width=0.25))
    patches.setattr(recipe, "GroupSampler", lambda *a, **k: sampler(*a, **k, groups=2, views=6))
    patches.setattr(recipe, "diagnose", lambda *a, **k: diagnose(*a, **(k | {"batches": 1})))
    patches.setattr(recipe, "_SAVE_EVERY", 2)
