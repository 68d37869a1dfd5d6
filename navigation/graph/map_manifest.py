"""The manifest of a map file."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cairn.hardware.errors import CairnError

FORMAT: Final = "cairn-map"
VERSION: Final = 1
MAX_NODES = 1_000_000
"""A map larger than this is refused: shortest paths over it would take over a quarter of a second."""

_Count = Annotated[int, Field(ge=0)]
_Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Header(BaseModel):
    """What every version has."""

    format: Literal["cairn-map"]
    version: Annotated[int, Field(ge=1)]


class Member(BaseModel):
    """A file of the archive."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: _Count


class MapManifest(BaseModel):
    """Everything about a map but its arrays; `calibration` is seconds and predicted steps of traversals."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal["cairn-map"] = FORMAT
    version: Literal[1] = VERSION
    fingerprint: Annotated[str, Field(min_length=1)]
    rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    nodes: Annotated[int, Field(ge=0, le=MAX_NODES)]
    edges: _Count
    next_id: _Count
    calibration: tuple[_Number, _Number]
    members: dict[str, Member]


def parse_manifest(content: bytes) -> MapManifest:
    """Read JSON.  Raises CairnError that names the field, what came and what is valid."""
    try:
        header = _Header.model_validate_json(content)
        if header.version > VERSION:
            raise CairnError(
                f"map version {header.version} is newer than this Cairn reads (1 to {VERSION}); upgrade it"
            )
        return MapManifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        got = str(first.get("input"))[:60]
        raise CairnError(f"its manifest is wrong at {field}: {first['msg']}, got {got}") from error
