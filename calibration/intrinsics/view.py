"""One image of a board."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.calibration.board.detection import Detection


@dataclass(frozen=True, eq=False)
class View:
    """A board found in an image: the image's name (file, or stamp in a bag) and what was found in it."""

    name: str
    detection: Detection
