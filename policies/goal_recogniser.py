"""Is what a photo shows in view?"""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, log1p, pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.local_features import LocalFeatureExtractor
from cairn.policies.planar_motion import PlanarMotion, find_planar_motion
from cairn.policies.sectors import sectors_at

if TYPE_CHECKING:
    from cairn.policies.latent_goal_policy import LatentGoalPolicy

_CANDIDATE = 0.1  # match probability below which local features were never seen to change the answer
# Chosen on tuning worlds: how many nats a doubling of the matches that agree is worth, and the offset that
# makes the sum's logistic a fair probability again.
_NATS = 3.0
_OFFSET = 6.0
_ENOUGH = 5  # spots that tell how far away the goal is
_GEOMETRY = 10.0  # matches from which their directions are better than the learned ones


class GoalRecogniser:
    """The policy's comparison with one goal photo, sharpened by local features on candidates.

    The policy says at a glance what may be the place, and from where; it sees layout and colours, and takes
    look-alikes for the place.  Local features that agree on one motion over level ground decide: their
    errors have nothing to do with the policy's.

    Attributes:
        goal: the photo as the policy remembers it.
    """

    def __init__(
        self,
        policy: LatentGoalPolicy,
        photo: NDArray[np.uint8],
        features: LocalFeatureExtractor | None = None,
    ) -> None:
        """`photo` is RGB uint8 (height, width, 3); without `features` the policy's answer stands alone."""
        self._policy = policy
        self._extract = features
        self.goal = policy.encode(photo)
        self._photo = features(photo) if features else None

    def __call__(self, image: NDArray[np.uint8], embedding: Embedding) -> Comparison:
        """Compare a view, as image and as the policy remembers it, with the goal; arrays of length 1."""
        glance = self._policy.compare(embedding, [self.goal])
        if self._extract is None or self._photo is None:
            return glance
        motion = PlanarMotion()
        learned = float(glance.match[0])
        if learned > _CANDIDATE:
            motion = find_planar_motion(self._photo, self._extract(image))
        match = np.array([_joined(learned, motion.support)], np.float32)
        if motion.support < _GEOMETRY:
            return replace(glance, match=match, support=motion.support)
        # The motion leads from the goal to here; asked for is the goal as seen from here.
        bearing, yaw = motion.travel + pi - motion.turn, -motion.turn
        # The same scene from afar may look near at a glance: what moved against what else says otherwise.
        distance = np.maximum(glance.distance, np.float32(self._distance(motion, embedding)))
        return replace(
            glance,
            match=match,
            bearing=_angle(bearing),
            yaw=_angle(yaw),
            distance=distance,
            support=motion.support,
        )

    def _distance(self, motion: PlanarMotion, embedding: Embedding) -> float:
        """Metres to the goal, from the free ranges in the directions of what both views show; 0 unknown."""
        if len(motion.share) < _ENOUGH:
            return 0.0
        sector = sectors_at(motion.azimuth, len(embedding.ranges), self._policy.horizontal_fov)
        return float(np.median(motion.share * embedding.ranges[sector]))


def _joined(learned: float, support: float) -> float:
    """Probability from the learned one and the matches that agree."""
    learned = min(max(learned, 1e-6), 1 - 1e-6)
    evidence = log(learned / (1 - learned)) + _NATS * log1p(support) - _OFFSET
    return 1 / (1 + exp(-evidence))


def _angle(value: float) -> NDArray[np.float32]:
    return np.array([(value + pi) % (2 * pi) - pi], np.float32)
