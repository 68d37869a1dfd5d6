from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from example_bundles import BRIDGE_STATISTICS, bridge_files, bridge_manifest, files_of, gnm_manifest
from example_parity import recon_references

from cairn.policies.bundle import BundleError, write_bundle
from cairn.policies.bundle.parity import Reference, parity_bytes, parse_parity
from cairn.policies.runtime import PolicyRuntime
from cairn.policies.runtime.parity_check import check_parity


def results_of(tmp_path, manifest, files):
    bundle = write_bundle(tmp_path / "bundle", manifest, files)
    return {(result.output, result.unit): result for result in check_parity(PolicyRuntime(bundle, "cpu"))}


def recon_results(tmp_path, **offsets):
    manifest, content = recon_references(**offsets)
    return results_of(tmp_path, manifest, files_of(manifest, **{"parity.npz": content}))


def test_true_references_pass(tmp_path):
    results = recon_results(tmp_path)
    assert list(results) == [
        ("encode.ranges", "m"),
        ("compare.steps", "steps"),
        ("compare.bearing", "rad"),
        ("decode.twist", "m/s"),
        ("decode.twist", "rad/s"),
        ("decode.waypoints", "m"),
    ]
    assert all(result.passed for result in results.values())
    assert all(result.error < 1e-6 for result in results.values())


def test_false_references_fail_by_their_unit(tmp_path):
    results = recon_results(tmp_path, compare__steps=0.5, decode__twist=0.01)
    failed = {key: result.error for key, result in results.items() if not result.passed}
    assert failed == {
        ("compare.steps", "steps"): pytest.approx(0.5, abs=1e-5),
        ("decode.twist", "m/s"): pytest.approx(0.01, abs=1e-5),
        ("decode.twist", "rad/s"): pytest.approx(0.01, abs=1e-5),
    }


def test_a_full_turn_is_no_error(tmp_path):
    assert recon_results(tmp_path, compare__bearing=2 * np.pi)["compare.bearing", "rad"].error < 1e-5


def test_normalised_actions_are_judged_in_metres_and_radians(tmp_path):
    manifest = bridge_manifest()
    manifest["parity"] = {"file": "parity.npz", "tolerances": {"act.action": 1e-2}}
    image = np.ones((2, 3, 96, 128), np.float32)
    wrong_by_one_deviation = np.full((2, 7), 3.0, np.float32)  # the graph gives 2
    reference = Reference({"image": image, "goal_image": image}, {"action": wrong_by_one_deviation})
    files = bridge_files(manifest) | {"parity.npz": parity_bytes({"act": reference})}
    results = results_of(tmp_path, manifest, files)
    std = BRIDGE_STATISTICS["action_std"]
    assert results["act.action", "m"].error == pytest.approx(max(std[:3]))
    assert results["act.action", "rad"].error == pytest.approx(max(std[3:6]))
    assert results["act.action", "1"].error == pytest.approx(std[6])


def test_waypoints_are_judged_in_metres(tmp_path):
    manifest = gnm_manifest()
    manifest["parity"] = {"file": "parity.npz", "tolerances": {"navigate.waypoints": 1e-3}}
    inputs = {
        "observation": np.zeros((1, 18, 64, 85), np.float32),
        "goal_image": np.zeros((1, 3, 64, 85), np.float32),
    }
    outputs = {"waypoints": np.ones((1, 5, 4), np.float32), "steps": np.ones((1, 1), np.float32)}
    files = files_of(manifest, **{"parity.npz": parity_bytes({"navigate": Reference(inputs, outputs)})})
    results = results_of(tmp_path, manifest, files)
    assert results["navigate.waypoints", "m"].error == pytest.approx(0.2 / 4)
    assert results["navigate.waypoints", "1"].error == pytest.approx(1.0)


def test_no_references(recon_bundle):
    with pytest.raises(BundleError, match="has no parity references"):
        check_parity(PolicyRuntime(recon_bundle, "cpu"))


def archive(**arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no archive"),
        (b"PK\x03\x04 nonsense", "is no archive"),
        (archive(x=np.zeros(1)), "is no archive of graph/inputs"),
        (archive(**{"g/inputs/x": np.zeros(1)}), r"got inputs of \['g'\] and outputs of \[\]"),
        (archive(**{"g/inputs/x": np.array([{}], object), "g/outputs/y": np.zeros(1)}), "is no archive"),
    ],
    ids=["empty", "not zip", "other names", "one-sided", "pickle"],
)
def test_refused_archives(content, words):
    with pytest.raises(BundleError, match=words):
        parse_parity(content, "parity.npz")


def test_zip_bomb(monkeypatch):
    """The sizes that the archive claims are judged before anything is expanded."""
    monkeypatch.setattr("cairn.policies.bundle.parity.MAX_EXPANDED_SIZE", 1 << 20)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("g/inputs/x.npy", b"\0" * (1 << 21))
    assert len(stream.getvalue()) < 1 << 13
    with pytest.raises(BundleError, match="must expand to at most 1048576 bytes, got 2097152"):
        parse_parity(stream.getvalue(), "parity.npz")


def test_references_must_be_finite():
    bad = Reference({"x": np.array([np.nan])}, {"y": np.zeros(1)})
    with pytest.raises(BundleError, match="g's reference 'x' must be numeric and finite"):
        parity_bytes({"g": bad})
