"""`cairn verify` and `cairn compile` as a shell sees them: output, errors and exit codes."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from example_bundles import files_of
from example_parity import recon_references

from cairn.cli.main import main
from cairn.policies.bundle import PolicyBundle, write_bundle


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def bundle_at(directory: Path, **offsets: float) -> PolicyBundle:
    manifest, content = recon_references(**offsets)
    return write_bundle(directory, manifest, files_of(manifest, **{"parity.npz": content}))


def cairn(capsys, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr()
    return ended.value.code, printed.out, printed.err


def test_verify_prints_what_it_checked(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "good")
    code, out, _ = cairn(capsys, "verify", str(bundle.directory), "--provider", "cpu")
    assert code == 0
    assert "5 files have their hashes and shapes" in out
    assert "encode runs on cpu (CPUExecutionProvider:" in out
    assert "20 calls: median" in out
    assert "decode.twist" in out
    assert "m/s" in out


def test_verify_for_scripts(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "good")
    code, out, _ = cairn(capsys, "verify", str(bundle.directory), "--json", "--repeats", "5")
    report = json.loads(out)
    assert code == 0
    assert report["passed"]
    assert report["fingerprint"] == bundle.fingerprint
    assert report["graphs"]["decode"]["latency"]["count"] == 5
    assert {row["unit"] for row in report["parity"]} == {"m", "rad", "m/s", "rad/s", "steps"}


def test_verify_fails_when_the_graph_is_not_the_trained_model(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "false", decode__twist=0.5)
    code, out, _ = cairn(capsys, "verify", str(bundle.directory))
    assert code == 1
    assert "TOO LARGE" in out
    assert out.count("TOO LARGE") == 2
    code, out, _ = cairn(capsys, "verify", str(bundle.directory), "--json")
    assert (code, json.loads(out)["passed"]) == (1, False)


def test_verify_refuses_a_changed_file_without_traceback(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "good")
    path = bundle.directory / "encode.onnx"
    path.write_bytes(path.read_bytes()[::-1])
    code, out, err = cairn(capsys, "verify", str(bundle.directory))
    assert (code, out) == (2, "")
    assert err.startswith("cairn: ")
    assert "encode.onnx must have sha256" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("verb", ["verify", "compile"])
def test_unknown_bundle(capsys, verb):
    code, _, err = cairn(capsys, verb, "atlantis")
    assert code == 2
    assert "'atlantis' is neither a directory nor a shipped bundle; shipped: [" in err


def test_verify_refuses_an_unknown_provider(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "good")
    code, _, err = cairn(capsys, "verify", str(bundle.directory), "--provider", "npu")
    assert code == 2
    assert "provider 'npu' is unknown; valid: tensorrt, tensorrt-onnxruntime, cuda, cpu" in err


@pytest.mark.skipif(
    not (find_spec("tensorrt") or find_spec("tensorrt_rtx")), reason="no TensorRT module (extra `tensorrt`)"
)
def test_compile_builds_and_then_finds(tmp_path, capsys):
    bundle = bundle_at(tmp_path / "good")
    code, out, _ = cairn(capsys, "compile", str(bundle.directory), "--json")
    first = json.loads(out)
    assert code == 0
    assert [engine["graph"] for engine in first["engines"]] == ["encode", "compare", "decode"]
    assert all(Path(engine["path"]).stat().st_size == engine["size"] for engine in first["engines"])
    assert first["runnable"] == all(engine["gpu"] != "none" for engine in first["engines"])
    code, out, _ = cairn(capsys, "compile", str(bundle.directory))
    assert code == 0
    assert out.count("in the cache") == 3
    assert ("can't be run here" in out) == (not first["runnable"])


def test_compile_refuses_other_providers(tmp_path, capsys):
    code, _, err = cairn(capsys, "compile", str(tmp_path), "--provider", "cuda")
    assert code == 2
    assert "'tensorrt'" in err
