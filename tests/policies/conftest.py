from __future__ import annotations

from pathlib import Path

import pytest
from example_bundles import files_of, recon_manifest

from cairn.policies.bundle import PolicyBundle, write_bundle


@pytest.fixture
def recon_bundle(tmp_path: Path) -> PolicyBundle:
    manifest = recon_manifest()
    return write_bundle(tmp_path / "recon-test", manifest, files_of(manifest))
