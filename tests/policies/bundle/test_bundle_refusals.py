"""Everything that a bundle may lie about is refused by a message that says which."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx
import pytest
import yaml
from example_bundles import BRIDGE_STATISTICS, bridge_files, bridge_manifest, files_of, recon_manifest

from cairn.policies.bundle import BundleError, load_bundle, write_bundle


def change_manifest(bundle, **changes):
    path = bundle.directory / "policy.yaml"
    document = yaml.safe_load(path.read_text())
    for dotted, value in changes.items():
        *parents, last = dotted.split("__")
        part = document
        for parent in parents:
            part = part[int(parent) if parent.isdigit() else parent]
        part[last] = value
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def replace_file(bundle, name: str, content: bytes) -> None:
    """A file and its entry, as somebody would who knows how the manifest works."""
    (bundle.directory / name).write_bytes(content)
    path = bundle.directory / "policy.yaml"
    document = yaml.safe_load(path.read_text())
    document["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def refused(bundle, *words: str) -> None:
    with pytest.raises(BundleError) as caught:
        load_bundle(bundle.directory)
    for word in words:
        assert word in str(caught.value)


def test_changed_byte(recon_bundle):
    path = recon_bundle.directory / "decode.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    expected = recon_bundle.manifest.files["decode.onnx"].sha256
    refused(recon_bundle, "decode.onnx", "must have sha256", expected, hashlib.sha256(content).hexdigest())


def test_changed_after_loading(recon_bundle):
    path = recon_bundle.directory / "decode.onnx"
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(BundleError, match=r"decode\.onnx must have sha256"):
        recon_bundle.read("decode.onnx")


def test_truncated_file(recon_bundle):
    path = recon_bundle.directory / "encode.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    refused(recon_bundle, "encode.onnx must have", "bytes", "got")


def test_missing_file(recon_bundle):
    (recon_bundle.directory / "compare.onnx").unlink()
    refused(recon_bundle, "compare.onnx is listed in policy.yaml but missing")


def test_unlisted_file(recon_bundle):
    (recon_bundle.directory / "weights.bin").write_bytes(b"x")
    refused(recon_bundle, "holds ['weights.bin'], which policy.yaml doesn't list")


def test_listed_directory(recon_bundle):
    (recon_bundle.directory / "compare.onnx").unlink()
    (recon_bundle.directory / "compare.onnx").mkdir()
    refused(recon_bundle, "compare.onnx", "no regular file")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "blue"}, ["colour: Extra inputs are not permitted", "'blue'"]),
        ({"image__resize__sharpen": True}, ["image.resize.sharpen: Extra inputs are not permitted"]),
        ({"image__resize__kernel": "bicubic"}, ["image.resize.kernel", "'area', 'linear'", "'bicubic'"]),
        ({"rate": "4"}, ["rate: Input should be a valid number", "'4'"]),
        ({"rate": -1.0}, ["rate: Input should be greater than 0", "-1.0"]),
        ({"rate": float("nan")}, ["rate"]),
        ({"schema_version": 2}, ["schema_version 2, this Cairn reads up to 1: update Cairn"]),
        ({"schema_version": 0}, ["schema_version"]),
        ({"schema_version": True}, ["schema_version"]),
        ({"graphs__encode__file": "/etc/passwd"}, ["graphs.encode.file", "pattern", "/etc/passwd"]),
        ({"graphs__encode__file": "../encode.onnx"}, ["graphs.encode.file", "pattern", "../encode.onnx"]),
        ({"graphs__encode__file": ".."}, ["graphs.encode.file", "pattern"]),
        (
            {"graphs__encode__file": "other.onnx"},
            ["graph 'encode' uses 'other.onnx', which is not"],
        ),
        ({"files__encode.onnx__sha256": "0" * 64}, ["encode.onnx must have sha256 000"]),
        ({"files__encode.onnx__size": 1}, ["encode.onnx must have 1 bytes"]),
        ({"files__encode.onnx__size": 1 << 40}, ["encode.onnx must have at most 2147483647 bytes"]),
        ({"image__mean": [0.0]}, ["mean needs 3 number(s) for rgb, got 1"]),
        ({"image__crop": {"left": 30, "top": 0, "width": 8, "height": 8}}, ["crop must lie inside", "32x24"]),
        ({"image__history": 5}, ["stacking must be `none` for a history of 1"]),
        ({"goal": {"kind": "smell"}}, ["goal", "'image', 'task', 'language', 'none'"]),
        ({"actions__0__output": "decode.speed"}, ["'decode.speed' names no output", "'twist'"]),
        ({"actions__1__horizon": 9}, ["waypoints needs 'decode.waypoints' to end in [9, 2]"]),
        ({"actions__0__execute": 2}, ["execute must be at most the horizon of 1, got 2"]),
        (
            {"actions__0__normalisation": {"kind": "z_score", "offset": "mean", "scale": "std"}},
            ["twist is normalised, which needs a statistics file"],
        ),
        (
            {"graphs__encode__inputs__image__shape": ["B", 3, 64, 85]},
            ["encode.onnx: input 'image' must have the manifest's shape", "[3, 64, 85]"[1:], "24, 32]"],
        ),
        (
            {"graphs__encode__inputs__image__shape": ["B", 3, "H", 32]},
            ["encode.onnx: input 'image' must have the manifest's shape ['B', 3, 'H', 32]"],
        ),
        (
            {"graphs__encode__inputs__image__dtype": "uint8"},
            ["encode.onnx: input 'image' must be uint8 as in the manifest, got float32"],
        ),
        (
            {"graphs__compare__outputs__match__shape": ["B", 1]},
            ["compare.onnx: output 'match' must have the manifest's shape ['B', 1], got ['B']"],
        ),
        (
            {"graphs__encode__outputs__noise": {"dtype": "float32", "shape": ["B", 2]}},
            ["encode.onnx: outputs must be those of the manifest", "'noise'"],
        ),
        (
            {"graphs__encode__outputs__ranges__shape": ["N", 5]},
            ["output 'ranges' has sizes ['N'] that no input names"],
        ),
        ({"parameters": {"match_threshold": float("inf")}}, ["parameters.match_threshold"]),
    ],
)
def test_wrong_manifest(recon_bundle, changes, words):
    change_manifest(recon_bundle, **changes)
    refused(recon_bundle, *words)


def test_every_wrong_field_is_named_at_once(recon_bundle):
    change_manifest(recon_bundle, rate=0.0, extra=1)
    refused(recon_bundle, "rate: Input should be greater than 0", "extra: Extra inputs are not permitted")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name: a\nname: b\n", ["key 'name' occurs twice"]),
        (b"a: &x [1]\nb: *x\n", ["alias is not permitted"]),
        (b"1: a\n", ["a key must be a string"]),
        (b"- a\n", ["must hold a mapping, got list"]),
        (b"a: !!python/object/apply:os.system [ls]\n", ["no valid YAML", "python/object"]),
        (b"a: [\n", ["no valid YAML"]),
        (b"\xff\xfe\x00", ["no valid YAML"]),
        (b"a: " + b"[" * 1000, ["policy.yaml"]),
        (b"a: " + b"x" * (1 << 20), ["policy.yaml must have at most 1048576 bytes"]),
        (b"", ["must hold a mapping, got NoneType"]),
    ],
)
def test_wrong_yaml(recon_bundle, text, words):
    (recon_bundle.directory / "policy.yaml").write_bytes(text)
    refused(recon_bundle, *words)


def test_exponent_without_point_is_a_number(recon_bundle):
    path = recon_bundle.directory / "policy.yaml"
    path.write_text(path.read_text().replace("rate: 4.0", "rate: 4e0"))
    assert load_bundle(recon_bundle.directory).manifest.rate == 4.0


def test_no_directory(tmp_path):
    with pytest.raises(BundleError, match="nowhere must be the directory of a bundle"):
        load_bundle(tmp_path / "nowhere")
    with pytest.raises(BundleError, match=r"is no bundle: it has no policy\.yaml"):
        load_bundle(tmp_path)


def with_external_data(content: bytes, place: str) -> bytes:
    model = onnx.load_model_from_string(content)
    tensor = onnx.helper.make_tensor("outside", onnx.TensorProto.FLOAT, [1], [1.0])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret.bin")
    if place == "initialiser":
        model.graph.initializer.append(tensor)
    elif place == "attribute":
        model.graph.node.append(onnx.helper.make_node("Constant", [], ["c"], value=tensor))
    else:
        branch = onnx.helper.make_graph([], "then", [], [], [tensor])
        model.graph.node.append(
            onnx.helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
        )
    return model.SerializeToString()


@pytest.mark.parametrize("place", ["initialiser", "attribute", "subgraph"])
def test_external_data(recon_bundle, place):
    replace_file(recon_bundle, "encode.onnx", with_external_data(recon_bundle.read("encode.onnx"), place))
    refused(recon_bundle, "encode.onnx keeps tensor 'outside' in external data")


@pytest.mark.parametrize("content", [b"", b"\x00\x01garbage", b"<html></html>"])
def test_no_onnx(recon_bundle, content):
    replace_file(recon_bundle, "encode.onnx", content)
    refused(recon_bundle, "encode.onnx is no ONNX model")


@pytest.mark.parametrize(
    ("statistics", "words"),
    [
        (BRIDGE_STATISTICS | {"action_std": [0.1] * 6}, ["'action_std' must hold 7 numbers, got 6"]),
        (BRIDGE_STATISTICS | {"action_std": [0.1] * 6 + [0]}, ["'action_std' must be positive"]),
        (BRIDGE_STATISTICS | {"action_mean": [float("nan")] * 7}, ["'action_mean' must be finite"]),
        (BRIDGE_STATISTICS | {"other": ["a"]}, ["'other' must be a non-empty list of numbers"]),
        ({"action_mean": [0.0] * 7}, ["statistics.json lacks 'action_std'"]),
        ([1], ["must hold an object of lists, got list"]),
    ],
)
def test_wrong_statistics(tmp_path, statistics, words):
    manifest = bridge_manifest()
    files = bridge_files(manifest) | {"statistics.json": json.dumps(statistics).encode()}
    with pytest.raises(BundleError) as caught:
        write_bundle(tmp_path / "bundle", manifest, files)
    assert all(word in str(caught.value) for word in words)
    assert list(tmp_path.iterdir()) == []


def test_duplicate_statistics(tmp_path):
    manifest = bridge_manifest()
    files = bridge_files(manifest) | {"statistics.json": b'{"a": [1], "a": [2]}'}
    with pytest.raises(BundleError, match="a key occurs twice"):
        write_bundle(tmp_path / "bundle", manifest, files)


def test_writing_is_all_or_nothing(tmp_path, recon_bundle):
    manifest = recon_manifest()
    files = files_of(manifest)
    with pytest.raises(BundleError, match="exists already"):
        write_bundle(recon_bundle.directory, manifest, files)
    broken = files | {"decode.onnx": b"not a graph"}
    with pytest.raises(BundleError, match=r"decode\.onnx is no ONNX model"):
        write_bundle(recon_bundle.directory, manifest, broken, overwrite=True)
    assert load_bundle(recon_bundle.directory).fingerprint == recon_bundle.fingerprint
    renamed = write_bundle(recon_bundle.directory, manifest | {"rate": 5.0}, files, overwrite=True)
    assert load_bundle(recon_bundle.directory).fingerprint == renamed.fingerprint != recon_bundle.fingerprint
    assert [path.name for path in tmp_path.iterdir()] == [recon_bundle.directory.name]


def test_nothing_but_a_bundle_is_overwritten(tmp_path):
    manifest = recon_manifest()
    precious = Path(tmp_path, "home")
    precious.mkdir()
    with pytest.raises(BundleError, match="exists already"):
        write_bundle(precious, manifest, files_of(manifest), overwrite=True)
