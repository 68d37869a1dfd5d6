"""RECON's latent goal policy, from a bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.policies.action import Action
from cairn.policies.bundle import BundleError, PolicyBundle, find_bundle, load_bundle
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser
from cairn.policies.image_transform import ImageTransform
from cairn.policies.latent_goal_policy import LatentGoalPolicy
from cairn.policies.local_features import LocalFeatureExtractor
from cairn.policies.runtime import PolicyInputError, PolicyOutputError, PolicyRuntime

_INPUTS = {
    "encode": ["image"],
    "compare": ["tokens_goal", "tokens_observation"],
    "decode": ["latent", "tokens_observation"],
}
_OUTPUTS = {
    "encode": ["descriptor", "ranges", "tokens"],
    "compare": ["bearing", "distance", "latent_log_variance", "latent_mean", "match", "steps", "yaw"],
    "decode": ["steps", "twist", "waypoints"],
}
# Bounds memory, stays in the cache, and is the largest batch that engines are compiled for.
_BATCH = 256

Float32s = dict[str, NDArray[np.float32]]


class ReconPolicy(LatentGoalPolicy):
    """Late fusion: an image is encoded once, goals are compared by their cached tokens."""

    def __init__(self, runtime: PolicyRuntime, camera: CameraModel | None = None) -> None:
        """Check that the bundle is RECON's and prepare for images of one camera.

        Args:
            camera: that takes the images; a bundle whose manifest has a view can't do without.

        Raises:
            BundleError: other graphs than encode, compare and decode with RECON's inputs and outputs.
            ImageError: the camera is needed and missing.
        """
        manifest = runtime.bundle.manifest
        _check_graphs(runtime.bundle)
        self._runtime = runtime
        self._transform = ImageTransform(manifest.image, camera)
        self._features = LocalFeatureExtractor(camera) if camera else None
        self._image = np.empty((1, *self._transform.shape), np.float32)
        self._latent_size = _last_size(runtime.bundle, "compare", "latent_mean")
        tokens = manifest.graphs["encode"].outputs["tokens"].shape
        self._token_shape = (tokens[1], tokens[2])
        # The tokens of an image depend on the encoder and on how the image was prepared.
        facts = manifest.files[manifest.graphs["encode"].file].sha256 + manifest.image.model_dump_json(
            exclude_defaults=True
        )
        self._fingerprint = hashlib.sha256(facts.encode()).hexdigest()

    @classmethod
    def load(
        cls, bundle: str | Path, camera: CameraModel | None = None, provider: str | None = None
    ) -> ReconPolicy:
        """A warm policy from a bundle's directory or shipped name.

        Raises:
            BundleError: the bundle is refused, or not RECON's.
            ProviderError: the provider asked for can't run it.
        """
        runtime = PolicyRuntime(load_bundle(find_bundle(bundle)), provider)
        policy = cls(runtime, camera)
        runtime.warm_up()
        return policy

    @property
    def runtime(self) -> PolicyRuntime:
        """For its report."""
        return self._runtime

    @property
    def rate(self) -> float:
        return self._runtime.bundle.manifest.rate

    @property
    def latent_size(self) -> int:
        return self._latent_size

    @property
    def horizontal_fov(self) -> float:
        return self._runtime.bundle.manifest.image.horizontal_fov

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def encode(self, image: NDArray[np.uint8]) -> Embedding:
        self._transform(image, out=self._image[0])
        outputs = self._runtime.run("encode", {"image": self._image})
        return Embedding(
            descriptor=_normalised(outputs["descriptor"][0].astype(np.float32)),
            tokens=outputs["tokens"][0].astype(np.float16),
            ranges=outputs["ranges"][0].astype(np.float32),
        )

    def compare(self, observation: Embedding, goals: Sequence[Embedding]) -> Comparison:
        for embedding in (observation, *goals):
            self._check_tokens(embedding)
        parts = []
        here = observation.tokens.astype(np.float32)
        for start in range(0, len(goals), _BATCH):
            there = np.stack([goal.tokens for goal in goals[start : start + _BATCH]]).astype(np.float32)
            inputs = {"tokens_observation": np.broadcast_to(here, there.shape), "tokens_goal": there}
            parts.append(self._runtime.run("compare", inputs))
        joined: dict[str, Any] = dict(self._joined("compare", parts))
        return Comparison(**joined)

    def recogniser(self, photo: NDArray[np.uint8]) -> GoalRecogniser:
        return GoalRecogniser(self, photo, self._features)

    def decode(self, observation: Embedding, latents: NDArray[np.float32]) -> Action:
        self._check_tokens(observation)
        if latents.ndim != 2 or latents.shape[1] != self._latent_size:
            raise PolicyInputError(
                f"latents must have shape (N, {self._latent_size}), got {list(latents.shape)}"
            )
        parts = []
        here = observation.tokens.astype(np.float32)
        for start in range(0, len(latents), _BATCH):
            batch = latents[start : start + _BATCH].astype(np.float32, copy=False)
            tokens = np.broadcast_to(here, (len(batch), *here.shape))
            parts.append(self._runtime.run("decode", {"tokens_observation": tokens, "latent": batch}))
        return Action(**self._joined("decode", parts))

    def _check_tokens(self, embedding: Embedding) -> None:
        if embedding.tokens.shape != self._token_shape:
            raise PolicyInputError(
                f"tokens must have shape {list(self._token_shape)} as this encoder's, got "
                f"{list(embedding.tokens.shape)}: the embedding is of another encoder"
            )

    def _joined(self, graph: str, parts: list[dict[str, NDArray[np.generic]]]) -> Float32s:
        """All batches as one; empty arrays of the right shapes where there is none."""
        joined: Float32s = {}
        for name, spec in self._runtime.bundle.manifest.graphs[graph].outputs.items():
            if parts:
                joined[name] = np.concatenate([part[name] for part in parts]).astype(np.float32, copy=False)
            else:
                joined[name] = np.empty((0, *(int(size) for size in spec.shape[1:])), np.float32)
        return joined


def _check_graphs(bundle: PolicyBundle) -> None:
    graphs, refused = bundle.manifest.graphs, f"{bundle.directory} is no RECON bundle"
    if graphs.keys() != _INPUTS.keys():
        raise BundleError(f"{refused}: expected graphs {sorted(_INPUTS)}, got {sorted(graphs)}")
    for name, graph in graphs.items():
        if sorted(graph.inputs) != _INPUTS[name]:
            raise BundleError(f"{refused}: {name} needs inputs {_INPUTS[name]}, got {sorted(graph.inputs)}")
        if sorted(graph.outputs) != _OUTPUTS[name]:
            raise BundleError(
                f"{refused}: {name} needs outputs {_OUTPUTS[name]}, got {sorted(graph.outputs)}"
            )
        for tensor, spec in (*graph.inputs.items(), *graph.outputs.items()):
            named = [isinstance(size, str) for size in spec.shape]
            if named[:1] != [True] or any(named[1:]) or spec.dtype != "float32":
                raise BundleError(
                    f"{refused}: {name}'s {tensor!r} must be float32 with a named batch axis and fixed sizes "
                    f"after it, got {spec.dtype} {list(spec.shape)}"
                )


def _last_size(bundle: PolicyBundle, graph: str, output: str) -> int:
    return int(bundle.manifest.graphs[graph].outputs[output].shape[-1])


def _normalised(descriptor: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of unit norm as exactly as float32 can, whatever rounding the provider does."""
    norm = np.float32(np.linalg.norm(descriptor))
    if norm == 0:
        raise PolicyOutputError("a descriptor must have unit norm, got all zeros")
    unit: NDArray[np.float32] = descriptor / norm
    return unit
