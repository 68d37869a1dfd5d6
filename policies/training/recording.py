"""A recording to learn from and how much it counts."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class Recording:
    """What one argument of the command line names.

    Attributes:
        path: a bag, a file or folder of a data set, or a folder of these.
        weight: how often it is drawn from; compared with what, the training says.

    Raises CairnError when the weight is not positive.
    """

    path: Path
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (isfinite(self.weight) and self.weight > 0):
            raise CairnError(f"the weight of {self.path} must be positive, got {self.weight}")

    @classmethod
    def parse(cls, text: str) -> Recording:
        """From "PATH" or "PATH=WEIGHT"; a path that exists as written is taken as a path.

        Raises CairnError when the weight is no positive number.
        """
        path, equals, weight = text.rpartition("=")
        if not equals or Path(text).exists():
            return cls(Path(text))
        try:
            return cls(Path(path), float(weight))
        except ValueError as error:
            raise CairnError(f"expected PATH or PATH=WEIGHT such as bags/park=2.0, got {text!r}") from error
