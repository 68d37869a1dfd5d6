"""Write a bundle so that it is either whole and verified or not there."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.loading import load_bundle, parse_manifest
from cairn.policies.bundle.policy_bundle import MANIFEST_FILE, PolicyBundle


def write_bundle(
    directory: str | Path,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes | Path],
    overwrite: bool = False,
) -> PolicyBundle:
    """Write a bundle next to its place, verify it as a reader would, then move it there.

    Args:
        directory: must not exist unless `overwrite`, and then must hold a bundle.
        manifest: the fields of `Manifest` but `files` (and `schema_version`, which may be left out).
        files: content, or a file to copy, by name.

    Raises:
        BundleError: what `load_bundle` would refuse, or a directory that is in the way.
    """
    target = Path(directory).absolute()
    if "files" in manifest:
        raise BundleError("a manifest to write must not list files: their hashes are computed")
    if target.exists() and not (overwrite and (target / MANIFEST_FILE).is_file()):
        raise BundleError(f"{target} exists already; remove it, or permit a bundle to be overwritten")
    contents = {
        name: content if isinstance(content, bytes) else content.read_bytes()
        for name, content in files.items()
    }
    entries = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(contents.items())
    }
    document = {"schema_version": 1, **manifest, "files": entries}
    checked = parse_manifest(document, str(target / MANIFEST_FILE))
    contents[MANIFEST_FILE] = yaml.safe_dump(
        checked.model_dump(mode="json", exclude_unset=True), sort_keys=False, allow_unicode=True, width=110
    ).encode()

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        new.mkdir()
        for name, content in contents.items():
            _write_durably(new / name, content)
        bundle = load_bundle(new)
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                shutil.move(old, target)
            raise
    return replace(bundle, directory=target)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
