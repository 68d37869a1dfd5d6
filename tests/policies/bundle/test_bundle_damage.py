"""Whatever happens to a bundle's bytes, it is read or refused; nothing else is raised."""

from __future__ import annotations

import json

import pytest
import yaml
from example_bundles import graph_bytes, recon_manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.policies.bundle import BundleError
from cairn.policies.bundle.graph_spec import GraphSpec
from cairn.policies.bundle.loading import parse_manifest
from cairn.policies.bundle.onnx_inspection import check_graph
from cairn.policies.bundle.yaml_document import parse_yaml_mapping

ENCODE = recon_manifest()["graphs"]["encode"]
GRAPH = graph_bytes(ENCODE)
MANIFEST = yaml.safe_dump(
    recon_manifest()
    | {
        "schema_version": 1,
        "files": {
            name: {"sha256": "0" * 64, "size": 1}
            for name in ("MODEL_CARD.md", "encode.onnx", "compare.onnx", "decode.onnx")
        },
    }
).encode()


def damaged(content: bytes, changes: list[tuple[int, int]]) -> bytes:
    result = bytearray(content)
    for position, value in changes:
        result[position % len(result)] = value
    return bytes(result)


def changes_of(values: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, 1 << 16), values), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(changes_of(st.sampled_from(b"\x00\xff:-[]{}&*!|>%@`\"'#?, \n\tabcN0.e")))
def test_manifest(changes):
    try:
        parse_manifest(parse_yaml_mapping(damaged(MANIFEST, changes), "policy.yaml"), "policy.yaml")
    except BundleError as error:
        assert "policy.yaml" in str(error)  # noqa: PT017 (an undamaged one may pass)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(changes_of(st.integers(0, 255)))
def test_graph(changes):
    spec = GraphSpec.model_validate_json(json.dumps(ENCODE))
    try:
        check_graph(damaged(GRAPH, changes), spec)
    except BundleError as error:
        assert "encode.onnx" in str(error)  # noqa: PT017 (damage inside weights may pass)


def test_names_that_are_no_text():
    """The generated protobuf code hands out bytes for a string that is not UTF-8."""
    spec = GraphSpec.model_validate_json(json.dumps(ENCODE))
    with pytest.raises(BundleError, match="outputs must be those of the manifest"):
        check_graph(GRAPH.replace(b"ranges", b"r\xffnges"), spec)
