"""Fixed inputs of the right shapes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.graph_spec import GraphSpec


def example_inputs(spec: GraphSpec, sizes: Mapping[str, int] | None = None) -> dict[str, NDArray[np.generic]]:
    """The same numbers at every call: uniform in [0, 1) for floats, zeros for the rest.

    Args:
        sizes: of the named axes; 1 where absent.
    """
    generator = np.random.default_rng(0)
    inputs: dict[str, NDArray[np.generic]] = {}
    for name, tensor in spec.inputs.items():
        shape = [size if isinstance(size, int) else (sizes or {}).get(size, 1) for size in tensor.shape]
        values = generator.random(shape) if tensor.dtype.startswith("float") else np.zeros(shape)
        inputs[name] = values.astype(tensor.dtype)
    return inputs
