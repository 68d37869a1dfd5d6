from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from example_bundles import files_of, graph_bytes, recon_manifest, tensor

from cairn.policies.bundle import BundleError, write_bundle
from cairn.policies.runtime import PolicyInputError, PolicyOutputError, PolicyRuntime, ProviderError
from cairn.policies.runtime.onnx_runner import OnnxRunner


@pytest.fixture
def runtime(recon_bundle) -> PolicyRuntime:
    return PolicyRuntime(recon_bundle, "cpu")


def tokens(batch: int, fill: float = 0.0) -> dict[str, np.ndarray]:
    return {name: np.full((batch, 6, 4), fill, np.float32) for name in ("tokens_observation", "tokens_goal")}


@pytest.mark.parametrize("batch", [1, 7])
def test_computes_what_the_graph_says(runtime, batch):
    outputs = runtime.run("compare", tokens(batch, 1.5))
    assert outputs["steps"].shape == (batch,)
    assert outputs["latent_mean"].shape == (batch, 3)
    np.testing.assert_allclose(outputs["latent_mean"], 3.0, rtol=1e-6)  # the mean of each input, summed


@pytest.mark.parametrize(
    ("graph", "inputs", "words"),
    [
        ("act", {}, r"'act' is no graph of this bundle; valid: \['compare', 'decode', 'encode'\]"),
        ("encode", {}, r"encode: inputs must be \['image'\], got \[\]"),
        ("encode", {"photo": np.zeros(1)}, r"inputs must be \['image'\], got \['photo'\]"),
        (
            "encode",
            {"image": np.zeros((1, 3, 24, 32))},
            "encode: input 'image' must be float32, got float64",
        ),
        ("encode", {"image": [[0.0]]}, "encode: input 'image' must be float32, got list"),
        (
            "encode",
            {"image": np.zeros((1, 24, 32, 3), np.float32)},
            r"input 'image' must have shape \['B', 3, 24, 32\], got \[1, 24, 32, 3\]",
        ),
        (
            "encode",
            {"image": np.zeros((0, 3, 24, 32), np.float32)},
            r"must have shape .* got \[0, 3, 24, 32\]",
        ),
        (
            "encode",
            {"image": np.full((1, 3, 24, 32), np.nan, np.float32)},
            "input 'image' must be finite, got 2304 NaN and 0 infinite of 2304",
        ),
        (
            "compare",
            tokens(2) | {"tokens_goal": np.zeros((3, 6, 4), np.float32)},
            r"must have shape \['B', 6, 4\] with \{'B': 2\}, got \[3, 6, 4\]",
        ),
    ],
)
def test_refuses_wrong_inputs(runtime, graph, inputs, words):
    with pytest.raises(PolicyInputError, match=words):
        runtime.run(graph, inputs)


def test_one_infinite_number_among_many_is_found(runtime):
    inputs = tokens(50)
    inputs["tokens_goal"][31, 2, 1] = np.inf
    with pytest.raises(PolicyInputError, match="0 NaN and 1 infinite of 1200"):
        runtime.run("compare", inputs)


def test_finite_numbers_whose_sum_overflows_are_finite(runtime):
    inputs = {"image": np.full((1, 3, 24, 32), 1e38, np.float32)}
    with pytest.raises(PolicyOutputError, match=r"encode: output '\w+' must be finite"):
        runtime.run("encode", inputs)  # the inputs pass, the graph's mean overflows


def test_output_of_another_shape_than_promised(tmp_path):
    """A graph whose file leaves a size open is held to the manifest at run time."""
    manifest = recon_manifest()
    declared = {**manifest["graphs"]["encode"], "outputs": dict(manifest["graphs"]["encode"]["outputs"])}
    files = files_of(manifest)
    model = onnx.load_model_from_string(graph_bytes(declared))
    ranges = next(value for value in model.graph.output if value.name == "ranges")
    ranges.type.tensor_type.shape.dim[1].dim_param = "S"
    files["encode.onnx"] = model.SerializeToString()
    manifest["graphs"]["encode"]["outputs"]["ranges"] = tensor("B", 9, unit="m")
    runtime = PolicyRuntime(write_bundle(tmp_path / "bundle", manifest, files), "cpu")
    with pytest.raises(PolicyOutputError, match=r"'ranges' must have shape \['B', 9\] .* got \[1, 5\]"):
        runtime.warm_up()


def test_report_says_what_runs_where_and_why_not_elsewhere(recon_bundle, monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    report = PolicyRuntime(recon_bundle).report()
    assert list(report.graphs) == ["encode", "compare", "decode"]
    encode = report.graphs["encode"]
    assert encode.provider == "cpu"
    assert list(encode.placement) == ["CPUExecutionProvider"]
    assert encode.placement["CPUExecutionProvider"] >= 1
    assert list(encode.not_used) == ["tensorrt", "tensorrt-onnxruntime", "cuda"]
    assert (
        "this onnxruntime has no CUDAExecutionProvider, only CPUExecutionProvider" in encode.not_used["cuda"]
    )
    assert "encode runs on cpu (CPUExecutionProvider:" in str(report)


def test_provider_asked_for_and_absent(recon_bundle):
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(ProviderError, match=r"provider 'cuda' is not available: .* only .*CPU"):
        PolicyRuntime(recon_bundle, "cuda")


def test_unknown_provider_and_bad_threads(recon_bundle):
    with pytest.raises(
        ProviderError, match="'npu' is unknown; valid: tensorrt, tensorrt-onnxruntime, cuda, cpu"
    ):
        PolicyRuntime(recon_bundle, "npu")
    with pytest.raises(ProviderError, match="threads must be at least 1, got 0"):
        PolicyRuntime(recon_bundle, "cpu", threads=0)


def test_silent_fallback_is_an_error(recon_bundle, monkeypatch):
    """ONNX Runtime announces CUDA but, without driver, starts a CPU session and only logs."""
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
    )
    real = onnxruntime.InferenceSession

    def falling_back(content, options, providers):
        assert providers[0][0] == "CUDAExecutionProvider"
        return real(content, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", falling_back)
    content = recon_bundle.read("encode.onnx")
    with pytest.raises(ProviderError, match="could not start CUDAExecutionProvider and fell back to CPU"):
        OnnxRunner(content, "cuda")


def test_sessions_neither_spin_nor_multiply_threads(recon_bundle, monkeypatch):
    seen = []
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda content, options, providers: (
            seen.append(options) or real(content, options, providers=providers)
        ),
    )
    PolicyRuntime(recon_bundle, "cpu")
    assert len(seen) == 3
    for options in seen:
        assert options.intra_op_num_threads == options.inter_op_num_threads == 1
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_latency_counts_real_calls_only(runtime):
    runtime.warm_up()
    assert runtime.report().graphs["compare"].latency is None
    for _ in range(5):
        runtime.run("compare", tokens(1))
    latency = runtime.report().graphs["compare"].latency
    assert latency.count == 5
    assert 0 < latency.median <= latency.p99 <= latency.maximum
    assert runtime.report().graphs["encode"].latency is None


def test_a_file_changed_after_verification_is_not_run(recon_bundle):
    path = recon_bundle.directory / "decode.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(BundleError, match=r"decode\.onnx must have"):
        PolicyRuntime(recon_bundle, "cpu")
