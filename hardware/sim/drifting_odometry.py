"""Odometry as a skid-steered base has it: wheel speeds that slip and a gyro that drifts."""

from __future__ import annotations

from math import cos, sin

import numpy as np

from cairn.hardware.mobile_base import Odometry


class DriftingOdometry:
    """Integrates wheel travel along a gyro heading; both err by a seeded scale, bias and noise.

    The Jackal fuses wheels and IMU in an EKF, which leaves mostly scale errors of the wheels under slip
    and the gyro's bias: about 1 % of distance and a degree a minute at `noise` 1.
    """

    def __init__(self, seed: int, noise: float) -> None:
        random = np.random.default_rng(seed)
        self._random = random
        self._noise = noise
        self._wheel_scale = 1.0 + noise * random.normal(0, 0.01)
        self._gyro_scale = 1.0 + noise * random.normal(0, 0.005)
        self._gyro_bias = noise * random.normal(0, 3e-4)
        self.x = self.y = self.yaw = 0.0
        self._linear = self._angular = 0.0

    def advance(self, wheel_speed: float, yaw_rate: float, dt: float) -> None:
        """One step of `dt` seconds: mean rim speed of the wheels [m/s] and true yaw rate [rad/s]."""
        noise = self._noise
        linear = wheel_speed * self._wheel_scale + noise * self._random.normal(0, 0.01)
        angular = yaw_rate * self._gyro_scale + self._gyro_bias + noise * self._random.normal(0, 0.004)
        middle = self.yaw + 0.5 * angular * dt
        self.x += linear * cos(middle) * dt
        self.y += linear * sin(middle) * dt
        self.yaw = float(np.arctan2(sin(self.yaw + angular * dt), cos(self.yaw + angular * dt)))
        self._linear, self._angular = linear, angular

    def read(self, stamp: float) -> Odometry:
        return Odometry(stamp, self.x, self.y, self.yaw, self._linear, self._angular)
