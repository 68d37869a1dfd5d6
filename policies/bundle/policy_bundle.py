"""A verified policy on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.manifest import Manifest
from cairn.policies.bundle.statistics import Statistics

MANIFEST_FILE = "policy.yaml"


@dataclass(frozen=True)
class PolicyBundle:
    """A directory whose every file was found to be as its manifest says; made by `load_bundle`.

    Attributes:
        directory: absolute.
        statistics: read-only float64 vectors by name; empty where the manifest names no file.
    """

    directory: Path
    manifest: Manifest
    statistics: Statistics

    @property
    def name(self) -> str:
        """Of the policy, not of the directory."""
        return self.manifest.name

    @property
    def fingerprint(self) -> str:
        """sha256 of the manifest, which holds the sha256 of every other file."""
        return hashlib.sha256(self.manifest.model_dump_json(exclude_defaults=True).encode()).hexdigest()

    def read(self, file: str) -> bytes:
        """A file's content, verified again: what is used is what was hashed, whatever happened since.

        Raises:
            BundleError: not of this bundle, gone, or changed.
        """
        return read_verified(self.directory, self.manifest, file)


def read_verified(directory: Path, manifest: Manifest, file: str) -> bytes:
    """A listed file's content, if its size and sha256 are those of the manifest.

    Raises:
        BundleError: not listed, missing, no regular file, or of another size or hash.
    """
    if file not in manifest.files:
        raise BundleError(f"{directory} lists no file {file!r}; valid: {sorted(manifest.files)}")
    entry, path = manifest.files[file], directory / file
    if not path.is_file():
        raise BundleError(f"{path} is listed in {MANIFEST_FILE} but missing, or no regular file")
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size == entry.size else b""
    except OSError as error:
        raise BundleError(f"{path} can't be read: {error}") from error
    if size != entry.size:
        raise BundleError(f"{path} must have {entry.size} bytes as in {MANIFEST_FILE}, got {size}")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != entry.sha256:
        raise BundleError(f"{path} must have sha256 {entry.sha256} as in {MANIFEST_FILE}, got {sha256}")
    return content
