"""Judge steps one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from math import cos, hypot, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.picture import PictureError
from cairn.episodes.quality_limits import QualityLimits
from cairn.episodes.step import PlanarPose, Step
from cairn.episodes.step_tally import DropReason

_SLACK = 0.1  # [m], [rad]: what odometry may be off between two steps whatever the time between them


@dataclass(frozen=True, eq=False)
class JudgedStep:
    """A step with its decoded image, shape (height, width, 3), and whether one is missing before it."""

    step: Step
    image: NDArray[np.uint8]
    after_gap: bool


@dataclass(frozen=True)
class _Seen:
    stamp: float
    pose: PlanarPose
    digest: bytes


class QualityGate:
    """Compares each step with the one before; both may have been refused.

    Args:
        limits: thresholds.
        rate: nominal steps a second [Hz].
    """

    def __init__(self, limits: QualityLimits, rate: float) -> None:
        self._limits = limits
        self._longest = limits.max_gap / rate
        self._last: _Seen | None = None
        self._refused = False

    def judge(self, step: Step) -> JudgedStep | DropReason:
        """The step with its image, or why it is left out."""
        try:
            image = step.image
        except PictureError:
            self._refused = True
            return DropReason.CORRUPT_IMAGE
        last = self._last
        self._last = _Seen(step.stamp, step.pose, blake2b(step.picture.data, digest_size=16).digest())
        reason = self._fault(step, image, last)
        if reason is not None:
            self._refused = True
            return reason
        gap = self._refused or last is None or step.stamp - last.stamp > self._longest
        self._refused = False
        return JudgedStep(step, image, gap)

    def _fault(self, step: Step, image: NDArray[np.uint8], last: _Seen | None) -> DropReason | None:
        if last is not None:
            if self._has_jumped(step, last):
                return DropReason.ODOMETRY_JUMP
            if self._is_stale(step, last):
                return DropReason.STALE_IMAGE
        if -_forward_speed(step, last) > self._limits.max_reverse:
            return DropReason.REVERSED
        if self._limits.min_sharpness and _sharpness(image) < self._limits.min_sharpness:
            return DropReason.BLURRED
        return None

    def _has_jumped(self, step: Step, last: _Seen) -> bool:
        elapsed = step.stamp - last.stamp
        distance, turn = _moved(last.pose, step.pose)
        limits = self._limits
        return (
            distance > limits.max_speed * elapsed + _SLACK or turn > limits.max_turn_rate * elapsed + _SLACK
        )

    def _is_stale(self, step: Step, last: _Seen) -> bool:
        assert self._last is not None
        return self._last.digest == last.digest and max(_moved(last.pose, step.pose)) > (
            self._limits.stale_distance
        )


def _moved(first: PlanarPose, second: PlanarPose) -> tuple[float, float]:
    """Distance [m] and absolute turn [rad]."""
    turn = abs((second.yaw - first.yaw + pi) % (2 * pi) - pi)
    return hypot(second.x - first.x, second.y - first.y), turn


def _forward_speed(step: Step, last: _Seen | None) -> float:
    """By odometry, else by the way since the step before [m/s]."""
    if step.velocity is not None:
        return step.velocity.linear
    if last is None or step.stamp <= last.stamp:
        return 0.0
    way = (step.pose.x - last.pose.x) * cos(last.pose.yaw) + (step.pose.y - last.pose.y) * sin(last.pose.yaw)
    return way / (step.stamp - last.stamp)


def _sharpness(image: NDArray[np.uint8]) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())
