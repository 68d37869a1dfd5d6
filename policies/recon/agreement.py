"""Whether processes that train together work on the same."""

from __future__ import annotations

import secrets
import zlib
from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.training import Trainer
from cairn.policies.recon.training_data import TrainingData


def require_one_folder(folder: Path, ranks: Ranks) -> None:
    """Raises CairnError, in all processes, unless `folder` is one that all of them see."""
    if ranks.count == 1:
        return
    mark = folder / f".seen-{ranks.exchange(secrets.randbits(62))[0]:x}"
    ranks.first_does(lambda: _leave(mark))
    blind = [number for number, seen in enumerate(ranks.exchange(int(mark.exists()))) if not seen]
    ranks.first_does(mark.unlink)
    if blind:
        raise CairnError(
            f"--work must be one folder that every process sees, such as one on a network file system: "
            f"{folder} of process 0 is not that of {', '.join(map(str, blind))}"
        )


def _leave(mark: Path) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def require_agreement(trainer: Trainer, data: TrainingData, ranks: Ranks) -> None:
    """Raises CairnError, in all processes, unless they start from one step with one data set and settings:
    otherwise each would draw other views."""
    text = repr((trainer.step, trainer.settings, trainer.model.settings, data.places, data.chances))
    digest = zlib.crc32(text.encode())
    for world in data.worlds:
        for array in (world.pose, world.session, world.step):
            digest = zlib.crc32(array.tobytes(), digest)
    digests = ranks.exchange(digest)
    others = [number for number, each in enumerate(digests) if each != digests[0]]
    if others:
        raise CairnError(
            f"every process must have the same command, recordings and worlds: those of "
            f"{', '.join(map(str, others))} differ from those of process 0"
        )
