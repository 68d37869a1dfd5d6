"""How much a policy's answer changes when its pictures do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.replay.frame_replay import PolicyAnswer, answer
from cairn.evaluation.replay.perturbations import DROPPED, FROZEN, PERTURBATIONS
from cairn.evaluation.replay.recorded_frames import RecordedFrame
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

FIGURES = {"linear": "m/s", "angular": "rad/s", "steps": "steps", "distance": "m", "match": ""}
"""What is compared, with its unit."""

_FROZEN_FOR = 1.0  # [s]
_FROZEN_EVERY = 4.0  # [s]

Float64s = NDArray[np.float64]


class PerturbationSuite:
    """Asks the policy about every frame once more for each perturbation.

    Equal frames, policy, goal and seed give equal figures.
    """

    def __init__(self, policy: LatentGoalPolicy, goal: Embedding, seed: int = 0) -> None:
        self._policy = policy
        self._goal = goal
        self._seed = seed
        self._clean: list[PolicyAnswer] = []
        self._disturbed: dict[str, list[tuple[PolicyAnswer, PolicyAnswer]]] = {
            name: [] for name in (*PERTURBATIONS, DROPPED, FROZEN)
        }
        self._kept: PolicyAnswer | None = None
        self._frozen: PolicyAnswer | None = None
        self._began: float | None = None

    def add(self, frame: RecordedFrame, clean: PolicyAnswer) -> None:
        """The next frame, and what the policy says of it undisturbed."""
        number = len(self._clean)
        self._clean.append(clean)
        for place, (name, perturb) in enumerate(PERTURBATIONS.items()):
            image = perturb(frame.image, np.random.default_rng([self._seed, place, number]))
            self._disturbed[name].append((clean, answer(self._policy, image, self._goal)))
        if number % 3 != 2 or self._kept is None:
            self._kept = clean
        else:
            self._disturbed[DROPPED].append((clean, self._kept))
        self._began = frame.stamp if self._began is None else self._began
        if (frame.stamp - self._began) % _FROZEN_EVERY >= _FROZEN_FOR or self._frozen is None:
            self._frozen = clean
        else:
            self._disturbed[FROZEN].append((clean, self._frozen))

    def as_json(self) -> dict[str, Any]:
        """For each perturbation and figure: median and 95th percentile of the absolute change, where it acts.

        `relative` is the median change divided by the median size of the clean figure; None where that is
        nearly zero.
        """
        clean = {name: _series(self._clean, name) for name in FIGURES}
        return {
            "seed": self._seed,
            "frames": len(self._clean),
            "units": dict(FIGURES),
            "clean_median": {name: _rounded(np.median(np.abs(values))) for name, values in clean.items()},
            "perturbations": {
                name: {
                    figure: _change(*(_series(list(side), figure) for side in zip(*pairs, strict=True)))
                    for figure in FIGURES
                }
                for name, pairs in self._disturbed.items()
                if pairs
            },
        }


def _series(answers: list[PolicyAnswer], figure: str) -> Float64s:
    return np.array([getattr(said, figure) for said in answers], float)


def _change(clean: Float64s, disturbed: Float64s) -> dict[str, float | None]:
    change, size = np.abs(disturbed - clean), float(np.median(np.abs(clean)))
    median, slow = np.percentile(change, [50, 95])
    return {
        "median": _rounded(median),
        "p95": _rounded(slow),
        "relative": _rounded(median / size) if size > 1e-3 else None,
    }


def _rounded(value: Any) -> float:
    return round(float(value), 5)
