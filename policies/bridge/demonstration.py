"""One demonstration as training sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from cairn.episodes.bridge.bridge_trajectory import BridgeInfo


@dataclass(frozen=True)
class Demonstration:
    """Where in a `FrameStore` it lies.

    Attributes:
        name, source: of its file or folder, for people.
        key: the same wherever the data lie, and of no other demonstration of their source.
        task: what was done; empty when unknown.
        split: as the source has it, empty when unknown.
        cameras: numbers, as in the source.
        start: row of its first observation.
        length: its observations.
        frame: row of its first frame; frames lie camera by camera.
    """

    name: str
    source: str
    key: str
    task: str
    split: str
    cameras: tuple[int, ...]
    start: int
    length: int
    frame: int

    def frame_of(self, camera: int, step: int) -> int:
        """The frame's row.  `camera` is a place in `cameras`."""
        return self.frame + camera * self.length + step


def task_of(info: BridgeInfo) -> str:
    """The folder's name, else what somebody said, in small letters without underscores and full stops."""
    said = info.task or (info.language[0] if info.language else "")
    return re.sub(r"[\s_]+", " ", said).strip(" .").lower()


def key_of(info: BridgeInfo, root: str) -> str:
    """Of a demonstration that was found in the data set at `root`."""
    return blake2b(f"{root}/{info.source.name}/{info.name}".encode(), digest_size=8).hexdigest()
