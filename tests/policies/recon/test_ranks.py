"""What two processes do together: share a batch, wait, stop, and refuse to learn from different things."""

import json
from pathlib import Path

import pytest
import torch
from gradients import CASES, draw, gradients
from torchrun import torchrun

from cairn.hardware.errors import CairnError
from cairn.policies.recon.ranks import Ranks

pytestmark = pytest.mark.timeout(300)

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ranks")
    with torchrun(HERE / "ranks_process.py", folder) as running:
        said, _ = running.communicate(timeout=240)
    assert running.returncode == 0, said
    return folder


@pytest.mark.parametrize(("fusion", "seed"), CASES)
def test_gradients_and_statistics_are_those_of_one_process(results, fusion, seed):
    expected = gradients(fusion, seed, Ranks())
    largest = max(value.norm() for value in expected.values())
    for number in (0, 1):
        found = torch.load(results / f"{fusion}-{seed}-{number}.pt", weights_only=True)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            # Rounding may decide which of two columns matches best.
            assert (found[name] - value).norm() < 1e-2 * value.norm() + 1e-6 * largest, name


def test_some_processes_have_no_driven_pair_and_then_nobody_has():
    groups = {seed: set((draw(seed, Ranks()).hindsight[:, 0] // 8).tolist()) for seed in (1, 4, 2)}
    assert groups == {1: {0, 2}, 4: {2}, 2: set()}


def test_what_process_0_cannot_do_ends_all(results):
    first, second = (json.loads((results / f"{number}.json").read_text())["first"] for number in (0, 1))
    assert first == "the disk is full"
    assert second == "process 1 of 2 ends: process 0 has ended"


def test_all_stop_after_the_same_step_whoever_is_told_to(results):
    assert [json.loads((results / f"{number}.json").read_text())["stopped"] for number in (0, 1)] == [2, 2]


@pytest.mark.parametrize("number", [0, 1])
def test_a_folder_and_data_that_processes_do_not_share_are_refused(results, number):
    found = json.loads((results / f"{number}.json").read_text())
    assert found["folder"] == found["same"] == "fine"
    assert list((results / "one").iterdir()) == []
    assert found["folders"].startswith("--work must be one folder that every process sees")
    assert found["folders"].endswith("of process 0 is not that of 1")
    for what in ("seeds", "worlds"):
        assert found[what].startswith("every process must have the same command, recordings and worlds")


def test_more_processes_than_groups_are_refused():
    class Many(Ranks):
        count = 4

    with pytest.raises(
        CairnError, match="a batch has 3 groups of views, so at most 3 processes can share it, got 4"
    ):
        draw(1, Many())
