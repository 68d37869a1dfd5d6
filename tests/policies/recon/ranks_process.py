"""One process of torchrun that tries what processes do together, and writes what came of it to a folder."""

import json
import sys
from pathlib import Path

import torch
from gradients import CASES, gradients
from synthetic_drive import TINY, room_frames, sampler

from cairn.hardware.errors import CairnError
from cairn.policies.recon.agreement import require_agreement, require_one_folder
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.torchrun_ranks import joined_ranks
from cairn.policies.recon.training import Trainer, TrainSettings
from cairn.policies.recon.training_data import mix


def message(function, *arguments) -> str:
    try:
        function(*arguments)
    except CairnError as error:
        return str(error)
    return "fine"


def full_disk() -> None:
    raise CairnError("the disk is full")


def trainer(seed: int, ranks: Ranks) -> Trainer:
    torch.manual_seed(seed)
    settings = TrainSettings(steps=5, seed=seed)
    return Trainer(LatentGoalModel(TINY), sampler(seed=seed, share=ranks.share), settings, ranks)


def told_to_stop(ranks: Ranks) -> int:
    """The step after which all stop when process 1 is told to after the second."""
    made = trainer(0, ranks)
    made.run(5, lambda row: None, should_stop=lambda: ranks.number == 1 and made.step == 2)
    return made.step


def try_all(ranks: Ranks, folder: Path) -> None:
    for fusion, seed in CASES:
        torch.save(gradients(fusion, seed, ranks), folder / f"{fusion}-{seed}-{ranks.number}.pt")
    data = mix([room_frames(0)], 1.0, [])
    found = {
        "first": message(ranks.first_does, full_disk),
        "folder": message(require_one_folder, folder / "one", ranks),
        "folders": message(require_one_folder, folder / f"own{ranks.number}", ranks),
        "same": message(require_agreement, trainer(0, ranks), data, ranks),
        "seeds": message(require_agreement, trainer(ranks.number, ranks), data, ranks),
        "worlds": message(
            require_agreement, trainer(0, ranks), mix([room_frames(ranks.number)], 1.0, []), ranks
        ),
        "stopped": told_to_stop(ranks),
    }
    (folder / f"{ranks.number}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    torch.set_num_threads(1)
    with joined_ranks() as joined:
        try_all(joined, Path(sys.argv[1]))
