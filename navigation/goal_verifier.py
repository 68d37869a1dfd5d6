"""Is the goal in view, where is it, and has it been reached?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import hypot, inf, nan, radians

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.goal_hypothesis import GoalHypothesis, Sighting, viewpoint
from cairn.navigation.pose import Pose, wrap_angle
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser

_MERGE = 4.0
_CLOSE = 1.6
_FIELD = radians(50)
# To go and look takes half a minute, and look-alikes are many: one good view suffices, a fair one does not.
_GO_AND_LOOK, _GIVE_UP = 0.9, 0.5
# From this match on a view says where the place that is pursued lies.
_FAIR = 0.5
# Local features of the photo that the view from its own place must show again: of 103 such views within 1.2 m
# and 17 degrees in tuning worlds, 95 % show 31 or more, and walls of the same bricks 11 to 20.
_SHOWN = 32.0
# Metres around a rejected place, and views, for which it stays rejected.
_REJECTED, _GRUDGE = 4.0, 1200


class Verdict(Enum):
    """`UNSEEN`: nothing looks like the goal; `SUSPECTED`: go and look; `CONFIRMED`: this is it."""

    UNSEEN = 0
    SUSPECTED = 1
    CONFIRMED = 2


@dataclass(frozen=True)
class GoalEstimate:
    """What is believed after one more view.

    Attributes:
        verdict: see Verdict.
        match, steps: the policy's answer for this view alone.
        pose: suspected viewpoint of the goal in the frame of the poses given, None when unseen.
        distance: metres to it, infinite when unseen.
        probability: of the hypothesis, over all views.
    """

    verdict: Verdict
    match: float
    steps: float
    pose: Pose | None
    distance: float
    probability: float


NOTHING_SEEN = GoalEstimate(Verdict.UNSEEN, 0.0, nan, None, inf, 0.0)
"""Before the first view."""


class GoalVerifier:
    """Gathers single-view recognitions into hypotheses and confirms one only from close by.

    A single view that matches is a reason to go and look, never a reason to stop: the goal is confirmed
    where several independent views agreed on its place, the robot stands there, and it still looks like it.

    Args:
        threshold: match probability from which a view counts as a recognition; from the bundle.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        # From close by the goal leaves less doubt than from afar.
        self._sure = 1.0 - 0.1 * (1.0 - threshold)
        self._recognise: GoalRecogniser | None = None
        self._hypotheses: list[GoalHypothesis] = []
        self._rejected: list[tuple[Pose, int]] = []
        self._pursued: GoalHypothesis | None = None
        self._seen = 0
        self._last: Pose | None = None
        self._near_views: list[bool] = []

    def begin(self, recognise: GoalRecogniser) -> None:
        """Look for this goal; what was suspected before is forgotten."""
        self._recognise = recognise
        self._hypotheses, self._rejected, self._last, self._near_views = [], [], None, []
        self._pursued = None

    def shift(self, correction: Pose) -> None:
        """The frame of the poses moved: `correction` takes old coordinates to new ones."""
        for hypothesis in self._hypotheses:
            hypothesis.shifted(correction)
        self._rejected = [(correction @ pose, since) for pose, since in self._rejected]
        self._last = correction @ self._last if self._last is not None else None

    def reject(self) -> None:
        """The best hypothesis was visited and is not the goal: do not fall for it again soon."""
        if self._hypotheses:
            best = max(self._hypotheses, key=lambda h: h.log_odds)
            self._rejected.append((best.pose, self._seen))
            self._hypotheses.remove(best)
        self._near_views, self._pursued = [], None

    def update(self, image: NDArray[np.uint8], embedding: Embedding, pose: Pose) -> GoalEstimate:
        """One more view from `pose`."""
        if self._recognise is None:
            raise RuntimeError("begin() gives the goal before the first view")
        return self.consider(self._recognise(image, embedding), pose)

    def consider(self, comparison: Comparison, pose: Pose) -> GoalEstimate:
        """As `update`, for a comparison with the goal already made."""
        match, steps = float(comparison.match[0]), float(comparison.steps[0])
        distance, yaw = float(comparison.distance[0]), float(comparison.yaw[0])
        self._seen += 1
        self._rejected = [(place, since) for place, since in self._rejected if self._seen - since < _GRUDGE]
        share = self._independent_share(pose)
        seen = viewpoint(pose, float(comparison.bearing[0]), distance, yaw)
        recognised = match >= self._threshold and not self._is_rejected(seen)
        sighting = Sighting(seen, distance, share)
        supported = self._support(sighting, match) if recognised else None
        if supported is None and match >= _FAIR and self._pursued is not None:
            self._pursued.place(sighting)
        for hypothesis in self._hypotheses:
            if hypothesis is not supported and self._should_see(hypothesis, pose):
                hypothesis.weigh(min(match, 0.4), share)
        self._hypotheses = [h for h in self._hypotheses if h.log_odds > -2.0]
        best = max(self._hypotheses, key=lambda h: h.log_odds, default=None)
        if best is None or best.probability < (_GIVE_UP if best is self._pursued else _GO_AND_LOOK):
            self._near_views, self._pursued = [], None
            return GoalEstimate(Verdict.UNSEEN, match, steps, None, inf, 0.0)
        self._pursued = best
        away = best.distance_from(pose)
        shown = comparison.support is None or comparison.support >= _SHOWN
        near = away < _CLOSE and distance < _CLOSE and match >= self._sure and shown
        aligned = abs(wrap_angle(best.pose.yaw - pose.yaw)) < radians(50)
        self._near_views = [*self._near_views[-3:], near and aligned]
        sure = best.views >= 3 and best.probability > 0.95
        confirmed = sure and sum(self._near_views) >= 3
        verdict = Verdict.CONFIRMED if confirmed else Verdict.SUSPECTED
        return GoalEstimate(verdict, match, steps, best.pose, away, best.probability)

    def _independent_share(self, pose: Pose) -> float:
        """How much of this view is new, in [0.1, 1]."""
        if self._last is None:
            self._last = pose
            return 1.0
        moved = hypot(pose.x - self._last.x, pose.y - self._last.y)
        turned = abs(wrap_angle(pose.yaw - self._last.yaw))
        share = min(1.0, max(0.1, (moved + 0.8 * turned) / 0.5))
        if share > 0.3:
            self._last = pose
        return share

    def _support(self, sighting: Sighting, match: float) -> GoalHypothesis:
        reach = _MERGE + 0.3 * sighting.distance
        near = [h for h in self._hypotheses if h.distance_from(sighting.pose) < reach]
        if near:
            hypothesis = min(near, key=lambda h: h.distance_from(sighting.pose))
            hypothesis.support(sighting, match)
            return hypothesis
        hypothesis = GoalHypothesis(sighting, match)
        self._hypotheses.append(hypothesis)
        return hypothesis

    def _is_rejected(self, seen: Pose) -> bool:
        return any(hypot(seen.x - pose.x, seen.y - pose.y) < _REJECTED for pose, _ in self._rejected)

    def _should_see(self, hypothesis: GoalHypothesis, pose: Pose) -> bool:
        """Whether a view from here would show the goal if the hypothesis were true."""
        to_goal = pose.inverse @ hypothesis.pose
        ahead = to_goal.distance < 1.0 or abs(to_goal.bearing) < _FIELD
        return to_goal.distance < 5.0 and ahead and abs(to_goal.yaw) < _FIELD
