"""Engines are built for real wherever a TensorRT module is installed, with or without a GPU."""

from __future__ import annotations

import json
import stat
from importlib.util import find_spec

import pytest
from example_bundles import files_of

from cairn.policies.bundle import write_bundle
from cairn.policies.runtime import PolicyRuntime, ProviderError
from cairn.policies.runtime.compilation import NO_GPU, compile_bundle, compile_graph
from cairn.policies.runtime.cuda_device import gpu_name
from cairn.policies.runtime.engine_cache import EngineCache, engine_directory
from cairn.policies.runtime.parity_check import check_parity
from cairn.policies.runtime.tensorrt_builder import EngineFlags
from cairn.policies.runtime.tensorrt_module import MODULES, load_tensorrt

needs_tensorrt = pytest.mark.skipif(
    not any(find_spec(name) for name in MODULES), reason=f"none of {MODULES} is installed (extra `tensorrt`)"
)


def has_gpu() -> bool:
    try:
        gpu_name()
    except ProviderError:
        return False
    return True


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@needs_tensorrt
def test_builds_once_and_keeps_it_private(recon_bundle, tmp_path):
    built = compile_bundle(recon_bundle)
    assert [engine.graph for engine in built] == ["encode", "compare", "decode"]
    for engine in built:
        assert not engine.cached
        assert engine.seconds > 0
        assert engine.path.parent == tmp_path / "cache/cairn/engines"
        assert engine.path.stat().st_size == engine.size > 1000
        assert stat.S_IMODE(engine.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(built[0].path.parent.stat().st_mode) == 0o700
    again = compile_bundle(recon_bundle)
    assert all(engine.cached for engine in again)
    assert [engine.path for engine in again] == [engine.path for engine in built]


@needs_tensorrt
def test_other_flags_are_another_engine(recon_bundle):
    content, spec = recon_bundle.read("decode.onnx"), recon_bundle.manifest.graphs["decode"]
    first = compile_graph(content, spec, "decode")
    second = compile_graph(content, spec, "decode", EngineFlags(largest_batch=8))
    assert not second.cached
    assert first.path != second.path


@needs_tensorrt
def test_changed_engine_is_refused(recon_bundle):
    engine = compile_bundle(recon_bundle)[0]
    content = bytearray(engine.path.read_bytes())
    content[-1] ^= 1
    engine.path.write_bytes(content)
    with pytest.raises(ProviderError, match=r"engine .* must have sha256 .* remove it and compile again"):
        compile_bundle(recon_bundle)


@needs_tensorrt
def test_unreadable_record_is_refused(recon_bundle):
    engine = compile_bundle(recon_bundle)[0]
    engine.path.with_suffix(".json").write_text(json.dumps([]))
    with pytest.raises(ProviderError, match=r"can't be read .* remove it and compile again"):
        compile_bundle(recon_bundle)


@needs_tensorrt
def test_a_graph_that_tensorrt_refuses(recon_bundle):
    spec = recon_bundle.manifest.graphs["decode"]
    with pytest.raises(ProviderError, match=r"tensorrt\w* [\d.]+ can't read decode\.onnx: \S"):
        compile_graph(b"no graph", spec, "decode")
    assert list(engine_directory().iterdir()) == []


@needs_tensorrt
@pytest.mark.skipif(has_gpu(), reason="this machine has a GPU")
def test_without_a_gpu_an_engine_is_built_but_not_run(recon_bundle):
    assert {engine.gpu for engine in compile_bundle(recon_bundle)} == {NO_GPU}
    with pytest.raises(ProviderError, match="'encode' of recon-test can't run here: no GPU can be used"):
        PolicyRuntime(recon_bundle, "tensorrt")
    report = PolicyRuntime(recon_bundle).report()
    assert report.graphs["encode"].provider == "cpu"
    assert "no GPU can be used here" in report.graphs["encode"].not_used["tensorrt"]


@needs_tensorrt
@pytest.mark.skipif(not has_gpu(), reason="this machine has no GPU")
def test_with_a_gpu_the_engine_computes_what_onnxruntime_does(tmp_path):
    from example_parity import recon_references

    manifest, references = recon_references()
    files = files_of(manifest, **{"parity.npz": references})
    bundle = write_bundle(tmp_path / "bundle", manifest, files)
    runtime = PolicyRuntime(bundle, "tensorrt")
    assert {graph.provider for graph in runtime.report().graphs.values()} == {"tensorrt"}
    assert all(result.passed for result in check_parity(runtime))


def test_no_module(monkeypatch):
    from cairn.policies.runtime import tensorrt_module

    monkeypatch.setattr(tensorrt_module, "MODULES", ("tensorrt_that_nobody_has",))
    with pytest.raises(ProviderError, match=r"no TensorRT here .* 'cairn-robotics\[tensorrt\]'"):
        load_tensorrt()


def test_directory_open_to_others_is_refused():
    directory = engine_directory()
    directory.chmod(0o755)
    with pytest.raises(ProviderError, match=r"with mode 0700, got user \d+ with mode 0755"):
        EngineCache()


def test_key_depends_on_everything():
    facts = {"content": b"onnx", "tensorrt": "tensorrt 10.3", "gpu": "Orin 8.7", "flags": {"tf32": False}}
    changes = {"content": b"other", "tensorrt": "tensorrt 10.4", "gpu": "Thor 11.0", "flags": {"tf32": True}}
    keys = {EngineCache.key(**facts)} | {
        EngineCache.key(**facts | {name: value}) for name, value in changes.items()
    }
    assert len(keys) == 5
    assert EngineCache.key(**facts) == EngineCache.key(**facts)


@pytest.mark.parametrize("sizes", [(0, 8), (9, 8), (1, 1 << 17)])
def test_bad_batch_sizes(sizes):
    with pytest.raises(ProviderError, match="batch sizes must rise"):
        EngineFlags(*sizes)
