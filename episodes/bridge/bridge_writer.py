"""What writes demonstrations in some format of Bridge Data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO

from PIL import Image

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeTrajectory
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError


class BridgeWriter(ABC):
    """Writes one demonstration after the other into a directory.

    Attributes:
        left_out: what the format has no place for.
    """

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()

    @abstractmethod
    def write(self, trajectory: BridgeTrajectory) -> int:
        """Write a demonstration whole; returns how many steps with an action it has now.

        Raises CairnError, and leaves nothing of it, when it can't be read to its end or not be held.
        """

    @abstractmethod
    def close(self) -> None:
        """Complete what all demonstrations share."""

    @abstractmethod
    def abandon(self) -> None:
        """Give up: close files without completing anything."""


def jpeg_of(picture: Picture, quality: int) -> bytes:
    """The stored JPEG without a loss, or the image encoded at `quality` (1 to 100).

    Raises PictureError when the image is damaged.
    """
    pixels = picture.pixels()
    if picture.jpeg is not None:
        return picture.jpeg
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.getvalue()


def with_last_observation(
    steps: list[BridgeStep], trajectory: BridgeTrajectory, left_out: Counter[str]
) -> list[BridgeStep]:
    """The steps, of which the last has no action; that of a source which ends with an action is left out.

    Raises CairnError when no action is left.
    """
    if steps and steps[-1].action is not None:
        steps = [*steps[:-1], replace(steps[-1], action=None)]
        left_out["last action, for no observation follows it"] += 1
    if len(steps) < 2:
        raise CairnError(
            f"{trajectory.info.source}, {trajectory.info.name}: "
            "expected an action and an observation after it"
        )
    return steps


def unheld_scalars(steps: Iterable[BridgeStep]) -> set[str]:
    """Of what reinforcement learning has, what says more than nothing."""
    found = set()
    for step in steps:
        found |= {"rewards"} if step.reward else set()
        found |= {"discounts"} if step.discount != 1.0 else set()
        found |= {"is_terminal"} if step.is_terminal else set()
    return found
