"""What goes into a graph and comes out of it is what the manifest promises."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.bundle.graph_spec import GraphSpec, TensorSpec
from cairn.policies.runtime.errors import PolicyInputError, PolicyOutputError

Tensors = Mapping[str, NDArray[np.generic]]


def check_inputs(graph: str, spec: GraphSpec, inputs: Tensors) -> dict[str, int]:
    """The sizes that the named axes have in this call.

    Raises:
        PolicyInputError: names, a dtype, a shape or a value is not as in `spec`.
    """
    sizes: dict[str, int] = {}
    _check(PolicyInputError, f"{graph}: input", spec.inputs, inputs, sizes)
    return sizes


def check_outputs(graph: str, spec: GraphSpec, outputs: Tensors, sizes: dict[str, int]) -> None:
    """Check outputs against `spec` and the sizes of the inputs they came from.

    Raises:
        PolicyOutputError: a dtype, a shape or a value is not as in `spec`.
    """
    _check(PolicyOutputError, f"{graph}: output", spec.outputs, outputs, sizes)


def _check(
    error: type[CairnError],
    what: str,
    specs: Mapping[str, TensorSpec],
    tensors: Tensors,
    sizes: dict[str, int],
) -> None:
    if tensors.keys() != specs.keys():
        raise error(f"{what}s must be {sorted(specs)}, got {sorted(tensors)}")
    for name, spec in specs.items():
        tensor = tensors[name]
        if not isinstance(tensor, np.ndarray) or tensor.dtype != spec.dtype:
            got = getattr(tensor, "dtype", type(tensor).__name__)
            raise error(f"{what} {name!r} must be {spec.dtype}, got {got}")
        bound = _bind(tensor.shape, spec.shape, sizes)
        if bound is None:
            known = f" with {sizes}" if sizes else ""
            raise error(
                f"{what} {name!r} must have shape {list(spec.shape)}{known}, got {list(tensor.shape)}"
            )
        sizes |= bound
        if not is_finite(tensor):
            raise error(f"{what} {name!r} must be finite, got {describe_not_finite(tensor)}")


def _bind(
    shape: tuple[int, ...], promised: tuple[int | str, ...], sizes: Mapping[str, int]
) -> dict[str, int] | None:
    """The named sizes with those of this shape added; None where it does not fit."""
    if len(shape) != len(promised) or 0 in shape:
        return None
    bound = dict(sizes)
    fits = all(
        have == (want if isinstance(want, int) else bound.setdefault(want, have))
        for have, want in zip(shape, promised, strict=True)
    )
    return bound if fits else None


def is_finite(tensor: NDArray[np.generic]) -> bool:
    """Whether all numbers are finite."""
    if tensor.dtype.kind != "f":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        # A sum is not finite if any term isn't, and quicker than a mask; it may overflow, hence the rest.
        return bool(np.isfinite(tensor.sum())) or bool(np.isfinite(tensor).all())


def describe_not_finite(tensor: NDArray[np.generic]) -> str:
    """How many numbers are not finite, for a message."""
    return f"{np.isnan(tensor).sum()} NaN and {np.isinf(tensor).sum()} infinite of {tensor.size}"
