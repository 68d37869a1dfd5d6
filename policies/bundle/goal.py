"""What tells a policy where to go or what to do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.policies.bundle.schema import ManifestPart, Name, PositiveInt


class ImageGoal(ManifestPart):
    """A photo, prepared as the observation's image.

    `mask`: the graph input that says whether the goal counts (NoMaD explores with the goal masked out).
    """

    kind: Literal["image"]
    mask: Name | None = None


class TaskGoal(ManifestPart):
    """One of these tasks, as an id in this order."""

    kind: Literal["task"]
    tasks: Annotated[tuple[str, ...], Field(min_length=1)]
    encoding: Literal["index", "one_hot"]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        if len(set(self.tasks)) != len(self.tasks):
            raise ValueError("tasks must differ from each other")
        return self


class LanguageGoal(ManifestPart):
    """A sentence, embedded by the named encoder into `size` numbers."""

    kind: Literal["language"]
    encoder: Annotated[str, Field(min_length=1)]
    size: PositiveInt


class NoGoal(ManifestPart):
    """The policy knows what to do."""

    kind: Literal["none"]


Goal = Annotated[ImageGoal | TaskGoal | LanguageGoal | NoGoal, Field(discriminator="kind")]
