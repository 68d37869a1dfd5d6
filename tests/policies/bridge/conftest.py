import sys
from pathlib import Path

import pytest
import torch

# Demonstrations in memory, and the real ones where they are there.
sys.path.append(str(Path(__file__).parents[2] / "episodes/bridge"))


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Small models are faster so, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
