"""A policy bundle: manifest, graphs, statistics and card in one directory, every file hashed."""

from cairn.policies.bundle.bundle_error import BundleError
from cairn.policies.bundle.finding import find_bundle
from cairn.policies.bundle.loading import load_bundle
from cairn.policies.bundle.manifest import Manifest
from cairn.policies.bundle.policy_bundle import PolicyBundle
from cairn.policies.bundle.writing import write_bundle

__all__ = ["BundleError", "Manifest", "PolicyBundle", "find_bundle", "load_bundle", "write_bundle"]
