"""One ONNX graph of a bundle, as its users may rely on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.policies.bundle.schema import FileName, ManifestPart, Name

DType = Literal["float32", "float16", "float64", "int64", "int32", "uint8", "bool"]
Dimension = Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class TensorSpec(ManifestPart):
    """An input or output.

    Attributes:
        dtype: as NumPy names it.
        shape: sizes; a name stands for a size that may vary and is the same wherever the name occurs in
            one call.
        unit: of all numbers, or one unit an entry of the last axis; `1` where there is none.
    """

    dtype: DType
    shape: tuple[Dimension, ...]
    unit: str | tuple[str, ...] = "1"

    @model_validator(mode="after")
    def _one_unit_an_entry(self) -> Self:
        if isinstance(self.unit, tuple) and (not self.shape or self.shape[-1] != len(self.unit)):
            raise ValueError(
                f"{len(self.unit)} units need a last axis of that size, got shape {list(self.shape)}"
            )
        return self


class GraphSpec(ManifestPart):
    """A file and its tensors by name."""

    file: FileName
    inputs: Annotated[dict[Name, TensorSpec], Field(min_length=1)]
    outputs: Annotated[dict[Name, TensorSpec], Field(min_length=1)]

    @model_validator(mode="after")
    def _symbols_come_in(self) -> Self:
        known = {size for spec in self.inputs.values() for size in spec.shape}
        for name, spec in self.outputs.items():
            unknown = [size for size in spec.shape if isinstance(size, str) and size not in known]
            if unknown:
                raise ValueError(f"output {name!r} has sizes {unknown} that no input names")
        return self
