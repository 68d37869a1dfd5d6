"""The pose in the map: odometry, corrected by places recognised."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.navigation.pose import Pose, wrap_angle

GATE = 11.34
"""99 % of a chi-square with three degrees of freedom: what a true match may differ by."""


@dataclass(frozen=True)
class OdometryNoise:
    """Growth of the variance of a dead-reckoned pose.

    Attributes:
        position_per_metre: m^2 a metre driven.
        yaw_per_metre, yaw_per_radian: rad^2 a metre driven and a radian turned (skid steering slips there).
    """

    position_per_metre: float = 0.01
    yaw_per_metre: float = 0.0003
    yaw_per_radian: float = 0.002


class PoseFilter:
    """Pose of `base_link` in `map` with isotropic variances: position [m^2] and yaw [rad^2].

    The variance counts drift since the map's origin, as nodes do.  Along a driven chain the error of a node
    is part of the robot's own, so what a match with a node can correct is the *difference* of the two
    variances: nearly nothing for a node just added, everything for one of long ago.
    """

    def __init__(self, noise: OdometryNoise | None = None) -> None:
        self._noise = noise or OdometryNoise()
        self.pose = Pose()
        self.variance = (0.0, 0.0)
        self.rejected = 0
        """Corrections refused by the gate since the last one accepted."""
        self._odometry: Pose | None = None

    @property
    def map_to_odom(self) -> Pose:
        """`T_map_odom`, what a tf broadcaster publishes; identity before the first odometry."""
        return Pose() if self._odometry is None else self.pose @ self._odometry.inverse

    def predict(self, odometry: Pose) -> Pose:
        """Follow odometry (pose of `base_link` in `odom`); returns the motion since the last call."""
        if self._odometry is None:
            self._odometry = odometry
            return Pose()
        motion = self._odometry.inverse @ odometry
        self._odometry = odometry
        self.pose = self.pose @ motion
        driven = motion.distance
        position, yaw = self.variance
        self.variance = (
            position + self._noise.position_per_metre * driven + yaw * driven**2,
            yaw + self._noise.yaw_per_metre * driven + self._noise.yaw_per_radian * abs(motion.yaw),
        )
        return motion

    def correct(
        self, measured: Pose, measured_variance: tuple[float, float], node_variance: tuple[float, float]
    ) -> bool:
        """Fuse a pose seen from a node; False when the gate refuses it.

        Args:
            measured: of `base_link` in `map`, according to the node and the comparison with it.
            measured_variance: of the comparison alone.
            node_variance: drift of the node.
        """
        own = [max(mine - node, 1e-6) for mine, node in zip(self.variance, node_variance, strict=True)]
        spread = [o + m for o, m in zip(own, measured_variance, strict=True)]
        dx, dy = measured.x - self.pose.x, measured.y - self.pose.y
        dyaw = wrap_angle(measured.yaw - self.pose.yaw)
        if (dx * dx + dy * dy) / spread[0] + dyaw * dyaw / spread[1] > GATE:
            self.rejected += 1
            return False
        self.rejected = 0
        gain = [o / s for o, s in zip(own, spread, strict=True)]
        self.pose = Pose(
            self.pose.x + gain[0] * dx, self.pose.y + gain[0] * dy, wrap_angle(self.pose.yaw + gain[1] * dyaw)
        )
        position, yaw = (
            min(mine, node + (1 - g) * o)
            for mine, node, g, o in zip(self.variance, node_variance, gain, own, strict=True)
        )
        self.variance = (position, yaw)
        return True

    def reset(self, pose: Pose, variance: tuple[float, float]) -> None:
        """Believe in a pose found otherwise, as after being carried away."""
        self.pose, self.variance, self.rejected = pose, variance, 0
