"""What an ONNX file really holds, read from its protobuf without running anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.graph_spec import GraphSpec, TensorSpec

_MIN_OPSET = 11


def check_graph(content: bytes, spec: GraphSpec) -> None:
    """Check that an ONNX file is self-contained and has the inputs and outputs of `spec`.

    A size that the file leaves open may be fixed by `spec` (the runtime checks it at every call); the
    contrary is refused.

    Raises:
        BundleError: no ONNX, external data, old opset, other names, dtypes or shapes.
    """
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise BundleError(f"{spec.file} is no ONNX model: {error}") from error
    if not model.graph.node:
        raise BundleError(f"{spec.file} is no ONNX model: it holds no graph")
    for tensor in _tensors(model):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise BundleError(
                f"{spec.file} keeps tensor {tensor.name!r} in external data, which no hash covers; "
                "export it into the file itself"
            )
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    if opsets.get("", 0) < _MIN_OPSET:
        raise BundleError(f"{spec.file} has opset {opsets.get('', 0)}, valid: {_MIN_OPSET} or newer")
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    _check_tensors(f"{spec.file}: input", inputs, spec.inputs)
    _check_tensors(f"{spec.file}: output", list(model.graph.output), spec.outputs)


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    """Every tensor, wherever it hides: initialisers, attributes, subgraphs, functions, sparse tensors."""
    if isinstance(message, onnx.TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for child in value if isinstance(value, (list, tuple)) or hasattr(value, "add") else [value]:
            yield from _tensors(child)


def _check_tensors(what: str, values: list[Any], specs: Mapping[str, TensorSpec]) -> None:
    actual = {value.name: value.type.tensor_type for value in values}
    if actual.keys() != specs.keys():
        got = sorted(map(str, actual))  # protobuf hands out bytes for names that are not UTF-8
        raise BundleError(f"{what}s must be those of the manifest {sorted(specs)}, got {got}")
    for name, spec in specs.items():
        dtype = _dtype_name(actual[name].elem_type)
        if dtype != spec.dtype:
            raise BundleError(f"{what} {name!r} must be {spec.dtype} as in the manifest, got {dtype}")
        if not actual[name].HasField("shape"):
            continue
        shape = [
            size.dim_value if size.HasField("dim_value") else (size.dim_param or "?")
            for size in actual[name].shape.dim
        ]
        if not _admits(shape, spec.shape):
            raise BundleError(
                f"{what} {name!r} must have the manifest's shape {list(spec.shape)}, got {shape}"
            )


def _dtype_name(element: int) -> str:
    try:
        return str(np.dtype(onnx.helper.tensor_dtype_to_np_dtype(element)))
    except KeyError:
        return f"element type {element}"


def _admits(actual: list[int | str], promised: tuple[int | str, ...]) -> bool:
    if len(actual) != len(promised):
        return False
    return all(
        have == want if isinstance(have, int) else True for have, want in zip(actual, promised, strict=True)
    )
