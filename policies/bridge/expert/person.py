"""How a person's hands go from here to there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.teleop.arm_hands import ArmHands
from cairn.hardware.teleop.hand_speeds import HandSpeeds
from cairn.policies.bridge.expert.move import Move

_LEVER = 0.06  # [m] at which a radian left is worth as much as the metres it moves
_WAITS = 0.015  # chance of hesitation, each step


class Person:
    """Seeded hands: each has its own speed and smoothness, jitters and hesitates now and then.

    Args:
        speeds: what sticks at their stops mean.
        period: between two looks [s].
    """

    def __init__(self, seed: int, speeds: HandSpeeds, period: float) -> None:
        self.rng = np.random.default_rng([0x9E, seed])
        self._speeds, self._period = speeds, period
        self._pace = float(self.rng.uniform(0.6, 0.95))
        self._smoothness = float(self.rng.uniform(0.15, 0.4))
        self._jitter = float(self.rng.uniform(0.01, 0.05))
        self._motion = np.zeros(6)
        self._tremor = np.zeros(6)
        self._pause = 0

    def hands(self, move: Move, target: NDArray[np.float64]) -> ArmHands:
        """What they do for a move while the hand's target stands at a pose, shape (4, 4)."""
        if self._pause == 0 and self.rng.random() < _WAITS:
            self._pause = int(self.rng.integers(1, 4))
        wanted = np.zeros(6)
        if self._pause > 0:
            self._pause -= 1
        elif move.pose is not None:
            wanted = self._shares(move, target)
        self._motion = self._smoothness * self._motion + (1 - self._smoothness) * wanted
        self._brake(move, target)
        self._tremor = 0.6 * self._tremor + self.rng.normal(0, self._jitter, 6) * (1, 1, 1, 0.5, 0.5, 0.5)
        shares = self._motion + self._tremor * min(1.0, 0.2 + float(np.abs(self._motion).max()))
        x, y, z, roll, pitch, yaw = np.clip(shares, -1, 1).tolist()
        return ArmHands((x, y, z), (roll, pitch, yaw), move.opening, clutch=True)

    def left(self, move: Move, target: NDArray[np.float64]) -> float:
        """How far the target still is from where a move goes [m], turns counted."""
        if move.pose is None:
            return 0.0
        off, turned = _difference(move.pose, target)
        return float(np.linalg.norm(off) + _LEVER * np.linalg.norm(turned))

    def _brake(self, move: Move, target: NDArray[np.float64]) -> None:
        """Hands that arrive do not overshoot by much."""
        off, turned = (np.zeros(3), np.zeros(3)) if move.pose is None else _difference(move.pose, target)
        for part, left, fastest in (
            (slice(0, 3), off, self._speeds.linear),
            (slice(3, 6), turned, self._speeds.angular),
        ):
            most = float(np.linalg.norm(left)) / (fastest * self._period) + 0.05
            length = float(np.linalg.norm(self._motion[part]))
            self._motion[part] *= min(1.0, most / length) if length > 0 else 1.0

    def _shares(self, move: Move, target: NDArray[np.float64]) -> NDArray[np.float64]:
        assert move.pose is not None
        off, turned = _difference(move.pose, target)
        fastest = self._pace * move.pace
        shares = np.concatenate(
            [off / (self._speeds.linear * self._period), turned / (self._speeds.angular * self._period)]
        )
        for part in (slice(0, 3), slice(3, 6)):
            length = float(np.linalg.norm(shares[part]))
            shares[part] *= min(1.0, fastest / length) if length > 0 else 1.0
        return shares


def _difference(
    pose: NDArray[np.float64], target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    turned = Rotation.from_matrix(pose[:3, :3] @ target[:3, :3].T).as_rotvec()
    return pose[:3, 3] - target[:3, 3], turned
