"""What every part of a manifest has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: A file of the bundle: flat, so that no name can lead out of the directory.
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]

#: Graphs, tensors, statistics and parameters.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.:/-]{0,127}$")]

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PositiveInt = Annotated[int, Field(ge=1, le=1 << 31)]
PositiveFloat = Annotated[float, Field(gt=0)]


class ManifestPart(BaseModel):
    """Strict (a quoted number is no number), closed (an unknown field is an error), finite and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
