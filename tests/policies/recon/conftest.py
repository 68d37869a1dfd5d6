import sys
from pathlib import Path

import pytest
import torch

# Bags of short drives are made by the helpers of the tests of episodes.
sys.path.append(str(Path(__file__).parents[2] / "episodes"))


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Small models are faster so, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
