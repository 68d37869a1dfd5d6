from __future__ import annotations

import shutil

import pytest

from cairn.policies.bundle import BundleError, find_bundle


def test_shipped_bundle_in_a_ros_prefix(tmp_path, monkeypatch, recon_bundle):
    place = tmp_path / "prefix/share/cairn/policies/bundles/pile"
    shutil.copytree(recon_bundle.directory, place)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path / "prefix"))
    assert find_bundle("pile") == place
    with pytest.raises(BundleError, match=r"'heap' is neither a directory nor a shipped bundle; .*'pile'"):
        find_bundle("heap")


def test_a_path_is_taken_as_it_is(recon_bundle, tmp_path, monkeypatch):
    assert find_bundle(recon_bundle.directory) == recon_bundle.directory
    monkeypatch.chdir(tmp_path)
    assert find_bundle("recon-test").samefile(recon_bundle.directory)
    with pytest.raises(BundleError, match="no directory"):
        find_bundle(tmp_path / "none")
