"""A chain of images, followed link by link in the manner of visualnav-transformer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.local_driver import LocalDriver
from cairn.evaluation.path_driver import CRUISE_SPEED
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.searcher import Observation, Searcher
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_LINK_SECONDS = 1.0  # between images of the chain
_WINDOW = 4  # links searched on either side of the last closest one
_CLOSE_STEPS = 3.0  # a link predicted nearer than this is passed


class ImageChain(Searcher):
    """Localises by the smallest predicted distance in a window and drives to the link after it.

    What GNM, ViNT and NoMaD deploy as a topological map (Shah et al. 2023, arXiv 2306.14846): images at a
    fixed interval, no belief, no loop closures, no way back onto the chain.  It is given the same policy
    and safety as every other method.  The chain is what it was shown by `watch`.
    """

    def __init__(self, policy: LatentGoalPolicy) -> None:
        self._policy = policy
        self._chain: list[Embedding] = []
        self._last_stamp = -np.inf
        self._closest = 0
        self._links: list[Embedding] = []
        self._driver = LocalDriver(policy.horizontal_fov, CRUISE_SPEED)

    def watch(self, observation: Observation) -> None:
        if observation.stamp - self._last_stamp >= _LINK_SECONDS - 1e-6:
            self._chain.append(self._policy.encode(observation.image))
            self._last_stamp = observation.stamp

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        if not self._chain:
            raise CairnError("an image chain needs a demonstration before it can be followed")
        self._links = [*self._chain, self._policy.encode(goal_image)]
        self._closest = 0
        self._driver.begin()

    def step(self, observation: Observation) -> Decision:
        here = self._policy.encode(observation.image)
        self._driver.look(observation, here)
        first = max(self._closest - _WINDOW, 0)
        window = self._links[first : self._closest + _WINDOW + 1]
        seen = self._policy.compare(here, window)
        # Among images that are as near as the nearest the latest counts, or a chain whose last pictures
        # were taken from one place would never end.
        nearest = int(np.flatnonzero(seen.steps <= seen.steps.min() + 0.5)[-1])
        steps = float(seen.steps[nearest])
        self._closest = first + nearest
        if self._closest == len(self._links) - 1 and steps < _CLOSE_STEPS:
            return Decision(Twist(), Phase.REACHED, "the last image of the chain", steps, node=self._closest)
        ahead = nearest + 1 if steps < _CLOSE_STEPS and nearest + 1 < len(window) else nearest
        action = self._policy.decode(here, seen.latent_mean[ahead : ahead + 1])
        return Decision(
            self._driver.follow(action),
            Phase.TRAVELLING,
            f"to image {first + ahead} of {len(self._links) - 1}",
            predicted_steps=float(action.steps[0]),
            match_probability=float(seen.match[ahead]),
            subgoal_node=first + ahead,
            node=self._closest,
            waypoints=action.waypoints[0],
            sector_ranges=here.ranges,
        )
