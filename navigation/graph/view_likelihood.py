"""How well a pose explains what the policy recognised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.pose import between, compose, inverse, wrap_angles
from cairn.policies.comparison import Comparison


@dataclass(frozen=True)
class ViewLikelihood:
    """A model of the recogniser.

    Attributes:
        recall: probability of a match where robot and node stand at the same place.
        false_match: probability of a match anywhere else.
        base_rate: share of matches among the nodes compared; turns the policy's posterior into a likelihood.
        reach, reach_heading: at this many metres and radians between robot and node the probability of a
            match has fallen by exp(-1/2).
        position_floor, position_share: standard deviation of a relative position: metres plus share of the
            distance.
        yaw_deviation: of a relative heading [rad].
        looks: independent views that the nodes compared with one image amount to (they share that image).
        limit: largest evidence of one image, as a log-likelihood ratio.
    """

    recall: float = 0.85
    false_match: float = 0.03
    base_rate: float = 0.25
    reach: float = 3.0
    reach_heading: float = 0.7
    position_floor: float = 0.5
    position_share: float = 0.4
    yaw_deviation: float = 0.25
    looks: float = 1.5
    limit: float = 4.0

    def robot_poses(self, node_poses: NDArray[np.float64], comparison: Comparison) -> NDArray[np.float64]:
        """Where the robot would be in `map`, shape (K, 3), if each of K nodes, (K, 3), is what it sees."""
        bearing = comparison.bearing.astype(np.float64)
        distance = comparison.distance.astype(np.float64)
        yaw = comparison.yaw.astype(np.float64)
        seen = np.stack((distance * np.cos(bearing), distance * np.sin(bearing), yaw), axis=1)
        return compose(node_poses, inverse(seen))

    def variance(self, distance: float) -> tuple[float, float]:
        """Of a relative pose measured over `distance` [m]: position [m^2] and yaw [rad^2]."""
        return (self.position_floor + self.position_share * distance) ** 2, self.yaw_deviation**2

    def log_ratios(
        self,
        poses: NDArray[np.float64],
        node_poses: NDArray[np.float64],
        seen_from: NDArray[np.float64],
        comparison: Comparison,
    ) -> NDArray[np.float64]:
        """Evidence for each of H poses against being elsewhere, shape (H,), within +-`limit`."""
        match = comparison.match.astype(np.float64)[None]
        expected = self.false_match + (self.recall - self.false_match) * self._visible(poses, node_poses)
        explained = self._explained(poses, seen_from, comparison)
        here = match * expected * explained / self.base_rate
        here = here + (1 - match) * (1 - expected) / (1 - self.base_rate)
        elsewhere = match * self.false_match / self.base_rate
        elsewhere = elsewhere + (1 - match) * (1 - self.false_match) / (1 - self.base_rate)
        logs = np.log(here / elsewhere)
        speaking = np.maximum((np.abs(logs) > 0.1).sum(axis=1), 1)
        total = logs.sum(axis=1) * np.minimum(1.0, self.looks / speaking)
        return np.asarray(np.clip(total, -self.limit, self.limit))

    def pull(
        self,
        poses: NDArray[np.float64],
        node_poses: NDArray[np.float64],
        seen_from: NDArray[np.float64],
        comparison: Comparison,
    ) -> NDArray[np.float64]:
        """Mean correction, shape (H, 3), that the matches wish for each of H poses, zero without any."""
        weight = comparison.match[None] * self._visible(poses, node_poses)
        weight = weight * self._explained(poses, seen_from, comparison)
        weight = np.where(weight > 0.1, weight, 0.0)
        delta = seen_from[None] - poses[:, None]
        delta[..., 2] = wrap_angles(delta[..., 2])
        total = (weight[..., None] * delta).sum(axis=1)
        return np.asarray(total / np.maximum(weight.sum(axis=1, keepdims=True), 1.0))

    def _visible(self, poses: NDArray[np.float64], node_poses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Fall-off of recognition, shape (H, K), 1 where robot and node coincide."""
        relative = between(poses[:, None], node_poses[None])
        square = (relative[..., 0] ** 2 + relative[..., 1] ** 2) / self.reach**2
        square = square + (relative[..., 2] / self.reach_heading) ** 2
        return np.asarray(np.exp(-0.5 * square))

    def _explained(
        self, poses: NDArray[np.float64], seen_from: NDArray[np.float64], comparison: Comparison
    ) -> NDArray[np.float64]:
        """Agreement of the relative pose, shape (H, K), from .4 (a gross error) to 1."""
        delta = seen_from[None] - poses[:, None]
        deviation = self.position_floor + self.position_share * comparison.distance.astype(np.float64)[None]
        square = (delta[..., 0] ** 2 + delta[..., 1] ** 2) / deviation**2
        square = square + (wrap_angles(delta[..., 2]) / self.yaw_deviation) ** 2
        return np.asarray(0.4 + 0.6 * np.exp(-0.5 * square))
