"""A policy with the numbers of its bundle that searchers need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle
from cairn.policies.latent_goal_policy import LatentGoalPolicy
from cairn.policies.recon_policy import ReconPolicy

THRESHOLD = "match_threshold"
"""Among the manifest's parameters: match probability from which a view counts as a recognition."""


@dataclass(frozen=True)
class LoadedPolicy:
    """`threshold` of the match probability, from the bundle."""

    policy: LatentGoalPolicy
    threshold: float


@lru_cache(maxsize=4)
def load_policy(bundle: str, camera: CameraModel) -> LoadedPolicy:
    """A bundle's directory or shipped name, loaded once a process for each camera.

    Raises CairnError for a bundle that is refused or has no threshold.
    """
    policy = ReconPolicy.load(bundle, camera)
    return LoadedPolicy(policy, match_threshold(policy.runtime.bundle))


def match_threshold(bundle: PolicyBundle) -> float:
    """What the bundle ships.  Raises CairnError when that is not in [0, 1] or missing."""
    threshold = bundle.manifest.parameters.get(THRESHOLD)
    if threshold is None or not 0 <= threshold <= 1:
        raise CairnError(
            f"the bundle {bundle.directory} must have a parameter {THRESHOLD!r} in [0, 1], got {threshold}; "
            "it is chosen on tuning worlds by `cairn bench recognise --tune`"
        )
    return threshold
