"""One contract expresses RECON, Bridge, GNM, ViNT and NoMaD."""

from __future__ import annotations

import pytest
from example_bundles import (
    bridge_files,
    bridge_manifest,
    files_of,
    gnm_manifest,
    nomad_files,
    nomad_manifest,
    recon_manifest,
)

from cairn.policies.bundle import load_bundle, write_bundle


@pytest.mark.parametrize(
    ("manifest", "files_for", "image_shape", "graphs"),
    [
        (recon_manifest(), files_of, (3, 24, 32), ["encode", "compare", "decode"]),
        (bridge_manifest("image"), bridge_files, (3, 96, 128), ["act"]),
        (bridge_manifest("task"), bridge_files, (3, 96, 128), ["act"]),
        (gnm_manifest("gnm"), files_of, (3, 64, 85), ["navigate"]),
        (gnm_manifest("vint"), files_of, (3, 64, 85), ["navigate"]),
        (nomad_manifest(), nomad_files, (3, 96, 96), ["encode", "predict_noise", "predict_distance"]),
    ],
    ids=["recon", "bridge-image", "bridge-task", "gnm", "vint", "nomad"],
)
def test_family_is_written_and_read_back(tmp_path, manifest, files_for, image_shape, graphs):
    written = write_bundle(tmp_path / "bundle", manifest, files_for(manifest))
    read = load_bundle(tmp_path / "bundle")
    assert read.manifest == written.manifest
    assert read.fingerprint == written.fingerprint
    assert read.manifest.image.frame_shape == image_shape
    assert list(read.manifest.graphs) == graphs


def test_bridge_statistics_are_read_only_vectors(tmp_path):
    manifest = bridge_manifest()
    bundle = write_bundle(tmp_path / "bundle", manifest, bridge_files(manifest))
    assert bundle.statistics["action_std"].tolist()[-1] == 0.48710
    with pytest.raises(ValueError, match="read-only"):
        bundle.statistics["action_std"][0] = 1


def test_nomad_says_how_it_denoises(tmp_path):
    manifest = nomad_manifest()
    bundle = write_bundle(tmp_path / "bundle", manifest, nomad_files(manifest))
    assert bundle.manifest.diffusion.steps == 10
    assert bundle.manifest.actions[0].increments
    assert bundle.manifest.goal.mask == "goal_mask"
