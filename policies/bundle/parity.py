"""Reference inputs and outputs, as the trained model itself computed them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle.bundle_error import BundleError

MAX_EXPANDED_SIZE = 1 << 30

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Reference:
    """One graph's inputs and the outputs expected for them."""

    inputs: Arrays
    outputs: Arrays


def parity_bytes(references: Mapping[str, Reference]) -> bytes:
    """The content of a `parity.npz`, for `write_bundle`.

    Args:
        references: by graph; arrays of the manifest's dtypes and shapes.

    Raises:
        BundleError: an array that is not numeric or not finite.
    """
    arrays = {}
    for graph, reference in references.items():
        for role, tensors in (("inputs", reference.inputs), ("outputs", reference.outputs)):
            for name, tensor in tensors.items():
                if tensor.dtype.kind not in "fiub" or not np.isfinite(tensor).all():
                    raise BundleError(f"{graph}'s reference {name!r} must be numeric and finite")
                arrays[f"{graph}/{role}/{name}"] = tensor
    stream = BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def parse_parity(content: bytes, source: str) -> dict[str, Reference]:
    """References by graph.

    Args:
        source: what messages call the file.

    Raises:
        BundleError: no archive of plain arrays, names other than `graph/inputs|outputs/tensor`, or larger
            than 1 GiB when expanded.
    """
    inputs: dict[str, dict[str, NDArray[np.generic]]] = {}
    outputs: dict[str, dict[str, NDArray[np.generic]]] = {}
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_EXPANDED_SIZE:
            raise BundleError(f"{source} must expand to at most {MAX_EXPANDED_SIZE} bytes, got {size}")
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            for path in stored.files:
                graph, role, name = path.split("/")
                {"inputs": inputs, "outputs": outputs}[role].setdefault(graph, {})[name] = stored[path]
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise BundleError(f"{source} is no archive of graph/inputs|outputs/tensor arrays: {error}") from error
    if not inputs or inputs.keys() != outputs.keys():
        raise BundleError(
            f"{source} must hold inputs and outputs of the same graphs, got inputs of {sorted(inputs)} and "
            f"outputs of {sorted(outputs)}"
        )
    return {graph: Reference(inputs[graph], outputs[graph]) for graph in inputs}
