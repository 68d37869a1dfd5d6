"""`cairn train recon` on small batches, as one process of torchrun; process 1 is killed in its first life.

Arguments: where to list what there is when life begins again, and those of `cairn`.
"""

import os
import signal
import sys
from pathlib import Path

import pytest
from small_training import make_small

from cairn.cli.main import main
from cairn.policies.recon import train_recon as recipe
from cairn.policies.recon.dataset import Batch

KILLED_IN_STEP = 4


class FatalSampler(recipe.GroupSampler):
    """Whose process is killed while others wait for its share of the gradients."""

    drawn = 0

    def __call__(self) -> Batch:
        self.drawn += 1
        if self.drawn == KILLED_IN_STEP:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__()


if __name__ == "__main__":
    listing, *words = sys.argv[1:]
    if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        if os.environ["RANK"] == "1":
            recipe.GroupSampler = FatalSampler
    elif os.environ["RANK"] == "0":
        folder = Path(listing).parent
        Path(listing).write_text("\n".join(sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))))
    make_small(recipe, pytest.MonkeyPatch())
    main(words)
