"""Read a bundle and believe nothing that it doesn't prove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.manifest import SCHEMA_VERSION, Manifest
from cairn.policies.bundle.onnx_inspection import check_graph
from cairn.policies.bundle.policy_bundle import MANIFEST_FILE, PolicyBundle, read_verified
from cairn.policies.bundle.statistics import parse_statistics
from cairn.policies.bundle.yaml_document import parse_yaml_mapping

MAX_MANIFEST_SIZE = 1 << 20
MAX_GRAPH_SIZE = (1 << 31) - 1  # the limit of protobuf
MAX_FILE_SIZE = 1 << 28


def load_bundle(path: str | Path) -> PolicyBundle:
    """A verified bundle from its directory.

    Raises:
        BundleError: says which file or field is wrong, what was expected, what came and what is valid.
    """
    directory = Path(path).absolute()
    manifest = _read_manifest(directory)
    _check_listing(directory, manifest)
    graphs = {graph.file: graph for graph in manifest.graphs.values()}
    statistics = {}
    for file, entry in manifest.files.items():
        limit = MAX_GRAPH_SIZE if file in graphs else MAX_FILE_SIZE
        if entry.size > limit:
            raise BundleError(f"{directory / file} must have at most {limit} bytes, got {entry.size}")
        content = read_verified(directory, manifest, file)
        if file == manifest.statistics:
            statistics = dict(parse_statistics(content, manifest))
        for graph in manifest.graphs.values():
            if graph.file == file:
                check_graph(content, graph)
    return PolicyBundle(directory, manifest, statistics)


def parse_manifest(document: dict[str, Any], source: str) -> Manifest:
    """A manifest from plain values.

    Args:
        source: what messages call it.

    Raises:
        BundleError: newer schema, unknown, missing or wrong fields; the message lists them all.
    """
    version = document.get("schema_version")
    if type(version) is int and version > SCHEMA_VERSION:
        raise BundleError(
            f"{source} has schema_version {version}, this Cairn reads up to {SCHEMA_VERSION}: update Cairn"
        )
    if version is not None and (type(version) is not int or version < 1):
        raise BundleError(f"{source}: schema_version must be a whole number from 1 on, got {version!r}")
    try:
        # By way of JSON, because strict validation of Python values would refuse lists for tuples.
        return Manifest.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise BundleError(f"{source} is refused:\n{_describe(error)}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise BundleError(f"{source} holds something other than plain values: {error}") from error


def _read_manifest(directory: Path) -> Manifest:
    path = directory / MANIFEST_FILE
    if not directory.is_dir():
        raise BundleError(f"{directory} must be the directory of a bundle, got no directory")
    if not path.is_file():
        raise BundleError(f"{directory} is no bundle: it has no {MANIFEST_FILE}")
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_MANIFEST_SIZE + 1)
    except OSError as error:
        raise BundleError(f"{path} can't be read: {error}") from error
    if len(text) > MAX_MANIFEST_SIZE:
        raise BundleError(f"{path} must have at most {MAX_MANIFEST_SIZE} bytes, got more")
    return parse_manifest(parse_yaml_mapping(text, str(path)), str(path))


def _check_listing(directory: Path, manifest: Manifest) -> None:
    present = {entry.name for entry in directory.iterdir()} - {MANIFEST_FILE}
    unlisted = sorted(present - manifest.files.keys())
    if unlisted:
        raise BundleError(f"{directory} holds {unlisted}, which {MANIFEST_FILE} doesn't list; remove them")


def _describe(error: ValidationError) -> str:
    lines = []
    for detail in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in detail["loc"]) or "the whole"
        got = repr(detail["input"])
        got = f", got {got}" if len(got) <= 80 and detail["type"] != "missing" else ""
        lines.append(f"  {where}: {detail['msg']}{got}")
    return "\n".join(lines)
