"""Time-correlated random driving that collects explorative data."""

from __future__ import annotations

from math import exp, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist

_HALF_WIDTH = 0.33


class ExplorativeDriver:
    """RECON collects with a time-correlated random walk; this one also turns on the spot.

    Like RECON's collection it leans on a lidar for safety, but not always: a share of bold stretches ends
    in contact, so that collisions are in the data.  Every back-off is followed by a turn.
    """

    def __init__(self, seed: int, rate: float, bold: float = 0.03) -> None:
        random = np.random.default_rng(seed)
        self._random = random
        self._cruise = random.uniform(0.6, 1.2)
        self._correlation = exp(-1 / (rate * random.uniform(1.5, 4.0)))
        self._rate = rate
        self._bold = bold
        self._turn = 0.0
        self._manoeuvre: list[Twist] = []

    @property
    def is_manoeuvring(self) -> bool:
        """Whether a back-off or a turn on the spot is not yet over."""
        return bool(self._manoeuvre)

    def __call__(self, bearings: NDArray[np.float64], ranges: NDArray[np.float32], collided: bool) -> Twist:
        """The next twist from a scan: bearings [rad] in `base_link` and ranges [m], equal shapes."""
        random = self._random
        if collided:
            self._manoeuvre = self._back_off()
        if self._manoeuvre:
            return self._manoeuvre.pop(0)
        if random.random() < 0.006:
            self._manoeuvre = self._spin(random.uniform(radians(60), radians(360)))
        spread = sqrt(1 - self._correlation**2)
        self._turn = self._correlation * self._turn + spread * random.normal(0, 0.55)
        ahead = _free_ahead(bearings, ranges)
        if ahead < 0.9 and random.random() > self._bold:
            left = float(np.mean(np.minimum(ranges[(bearings > 0.3) & (bearings < 1.6)], 6)))
            right = float(np.mean(np.minimum(ranges[(bearings < -0.3) & (bearings > -1.6)], 6)))
            side = 1.0 if left + random.normal(0, 0.7) > right else -1.0
            self._turn = 0.3 * side
            self._manoeuvre = self._spin(random.uniform(radians(30), radians(120)), side)
            return self._manoeuvre.pop(0)
        near = np.clip(1.5 - ranges, 0, 1) * (np.abs(bearings) < 1.4)
        avoid = -float(np.sum(near * np.sign(bearings))) / max(float(np.sum(np.abs(bearings) < 1.4)), 1) * 4
        speed = min(self._cruise, 0.25 + 0.55 * max(ahead - 0.7, 0.0))
        return Twist(speed, float(np.clip(self._turn + avoid, -1.0, 1.0)))

    def _spin(self, angle: float, side: float | None = None) -> list[Twist]:
        speed = self._random.uniform(0.6, 1.0)
        sign = side if side is not None else self._random.choice((-1.0, 1.0))
        return [Twist(0.0, sign * speed)] * max(2, round(angle / speed * self._rate))

    def _back_off(self) -> list[Twist]:
        steps = round(1.5 * self._rate)
        back = [Twist(-0.4, float(self._random.uniform(-0.3, 0.3)))] * steps
        return back + self._spin(self._random.uniform(radians(60), radians(180)))


def _free_ahead(bearings: NDArray[np.float64], ranges: NDArray[np.float32]) -> float:
    """Metres that the hull can go straight before something of the scan is in its way."""
    x, y = ranges * np.cos(bearings), ranges * np.sin(bearings)
    in_the_way = (np.abs(y) < _HALF_WIDTH) & (x > 0)
    return float(x[in_the_way].min()) if in_the_way.any() else 10.0
