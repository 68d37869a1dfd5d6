"""How long the shipped policy takes from an image in user space to a twist."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.performance.row import PerformanceRow
from cairn.hardware.camera_model import CameraModel
from cairn.policies.embedding import Embedding
from cairn.policies.image_transform import ImageTransform
from cairn.policies.recon_policy import ReconPolicy

_SIZES = ((160, 120), (640, 480))
_FOV = 120.0  # [degrees]
_FRAMES, _WARM_UP = 320, 20
_GOALS = 32  # remembered places compared a step
_STAGES = ("preparing the image", "encoding", f"comparing with {_GOALS} places", "decoding")


def rows() -> list[PerformanceRow]:
    """p50 and p99 of the whole step, and the median of each stage."""
    return [row for width, height in _SIZES for row in _rows_at(width, height)]


def _rows_at(width: int, height: int) -> list[PerformanceRow]:
    camera = CameraModel.pinhole(width, height, _FOV)
    policy = ReconPolicy.load("recon", camera)
    transform = ImageTransform(policy.runtime.bundle.manifest.image, camera)
    images = np.random.default_rng(0).integers(0, 256, (8, height, width, 3), dtype=np.uint8)
    goals = [policy.encode(image) for image in images] * (_GOALS // len(images))
    view = np.empty(transform.shape, np.float32)
    samples = np.array(
        [_step(policy, transform, view, images[n % len(images)], goals) for n in range(_FRAMES)]
    )
    samples = samples[_WARM_UP:] * 1000
    size = f"{width}x{height}"
    # Preparing stands in both of the first two columns, for `encode` does it again.
    median, slow = np.percentile(samples[:, 1:].sum(axis=1), [50, 99])
    stages = np.median(samples, axis=0)
    stages[1] -= stages[0]
    figures = [
        PerformanceRow("policy", f"{size} image to twist, p50", float(median), "ms", "<=", 8.0, len(samples)),
        PerformanceRow("policy", f"{size} image to twist, p99", float(slow), "ms", "<=", 20.0, len(samples)),
    ]
    return figures + [
        PerformanceRow("policy", f"{size} of which {name}", float(value), "ms", samples=len(samples))
        for name, value in zip(_STAGES, stages, strict=True)
    ]


def _step(
    policy: ReconPolicy,
    transform: ImageTransform,
    view: NDArray[np.float32],
    image: NDArray[np.uint8],
    goals: list[Embedding],
) -> tuple[float, float, float, float]:
    """Seconds to prepare alone, prepare and encode, compare, decode."""
    times = [time.perf_counter()]
    transform(image, out=view)
    times.append(time.perf_counter())
    here = policy.encode(image)
    times.append(time.perf_counter())
    seen = policy.compare(here, goals)
    times.append(time.perf_counter())
    policy.decode(here, seen.latent_mean[:1])
    times.append(time.perf_counter())
    prepare, encode, compare, decode = np.diff(times)
    return prepare, encode, compare, decode
