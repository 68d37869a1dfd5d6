"""TensorFlow's `tf.train.Example`: named lists of bytes, floats or integers, as a protobuf message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from cairn.hardware.errors import CairnError

_PACKAGE = "cairn.tf_example"
_KINDS = {"bytes": "bytes_list", "float": "float_list", "int": "int64_list"}

Values = Sequence[bytes] | Sequence[float] | Sequence[int]


def parse_example(data: bytes) -> dict[str, tuple[str, Values]]:
    """Lists by name, each with its kind: "bytes", "float" or "int"; empty lists are left out.

    Raises CairnError for what is no Example.
    """
    try:
        message = _example().FromString(data)
    except DecodeError as error:
        raise CairnError(f"{len(data)} bytes are no tf.train.Example: {error}") from error
    found: dict[str, tuple[str, Values]] = {}
    for name, feature in message.features.feature.items():
        for kind, field in _KINDS.items():
            if values := getattr(feature, field).value:
                found[name] = (kind, values)
    return found


def serialise_example(features: Mapping[str, tuple[str, Values]]) -> bytes:
    """The inverse of `parse_example`, always in the same bytes."""
    message = _example()()
    for name, (kind, values) in features.items():
        getattr(message.features.feature[name], _KINDS[kind]).value.extend(values)
    serialised: bytes = message.SerializeToString(deterministic=True)
    return serialised


@lru_cache(maxsize=1)
def _example() -> Any:
    """The message class, in a pool of its own: TensorFlow, where it is installed, has the same names."""
    file = FileDescriptorProto(name="tf_example.proto", package=_PACKAGE, syntax="proto3")
    for name, kind in (
        ("BytesList", FieldDescriptorProto.TYPE_BYTES),
        ("FloatList", FieldDescriptorProto.TYPE_FLOAT),
        ("Int64List", FieldDescriptorProto.TYPE_INT64),
    ):
        file.message_type.add(name=name).field.add(
            name="value", number=1, type=kind, label=FieldDescriptorProto.LABEL_REPEATED
        )
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, kind in enumerate(("BytesList", "FloatList", "Int64List"), 1):
        field = _message_field(feature, kind.replace("List", "_list").lower(), number, kind)
        field.oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(
        name="key",
        number=1,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )
    _message_field(entry, "value", 2, "Feature")
    _message_field(
        features, "feature", 1, "Features.FeatureEntry"
    ).label = FieldDescriptorProto.LABEL_REPEATED
    _message_field(file.message_type.add(name="Example"), "features", 1, "Features")
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Example"))


def _message_field(message: Any, name: str, number: int, kind: str) -> Any:
    return message.field.add(
        name=name,
        number=number,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
        type_name=f".{_PACKAGE}.{kind}",
    )
