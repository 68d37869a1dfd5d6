"""A recorded trajectory as frames on disk, and which of them are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.policies.recon.dataset import WorldFrames


@dataclass(frozen=True)
class RecordedDrive:
    """A converted trajectory.

    Attributes:
        recording: what was asked for.
        source: the file or folder there that it was read from; drives of one may show the same place.
        name: of the trajectory, unique in its source.
        frames: how many there are; 0 where nothing in it can be learned from.
        scanned: how many of them have a lidar scan.
        directory: of the arrays.
        dropped: steps and messages that were left out.
        weight: of the recording it belongs to.
    """

    recording: Path
    source: Path
    name: str
    frames: int
    scanned: int
    directory: Path
    dropped: int = 0
    weight: float = 1.0

    def load(self) -> WorldFrames:
        """The frames; pictures and scans stay on disk until they are asked for."""
        return WorldFrames.open(self.directory)


def hold_out(
    drives: Sequence[RecordedDrive], share: float
) -> tuple[list[RecordedDrive], list[RecordedDrive]]:
    """Split into drives to train on and drives to judge by: whole drives, never single frames.

    Each drive is assigned by a hash of its source's name and its own, so that what was held out stays held
    out when recordings are added; at least one drive is on either side.

    Drives without frames are on neither side.

    Raises CairnError for fewer than two drives with frames.
    """
    drives = [drive for drive in drives if drive.frames]
    if len(drives) < 2:
        raise CairnError(
            f"expected at least 2 trajectories, so that one can be held out, got {len(drives)}: "
            f"{', '.join(drive.name for drive in drives) or 'none'}"
        )
    ranked = sorted(drives, key=_rank)
    held = sum(_rank(drive) < share for drive in ranked)
    held = min(max(held, 1), len(ranked) - 1)
    chosen = {id(drive) for drive in ranked[:held]}
    training = [drive for drive in drives if id(drive) not in chosen]
    return training, [drive for drive in drives if id(drive) in chosen]


def _rank(drive: RecordedDrive) -> float:
    """A number in [0, 1) that depends on the names alone."""
    digest = hashlib.sha256(f"{drive.source.name}/{drive.name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
