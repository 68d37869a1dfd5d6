"""One moment of a trajectory: what the robot saw, where it was, what it was told."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

LIDAR_BEAMS = 360


class PlanarPose(NamedTuple):
    """Of `base_link` in `odom`: x, y [m], yaw [rad] counter-clockwise from x."""

    x: float
    y: float
    yaw: float


class CollisionFlags(NamedTuple):
    """The labels of the RECON data set; `any` is a field of its own, for a source may know no more."""

    any: bool = False
    physical: bool = False
    close: bool = False
    flipped: bool = False
    stuck: bool = False
    outside_geofence: bool = False


class ImuReading(NamedTuple):
    """In the frame of the sensor: [m/s^2], [rad/s], [T]; the bearing as its compass gave it."""

    linear_acceleration: tuple[float, float, float]
    angular_velocity: tuple[float, float, float]
    magnetometer: tuple[float, float, float] | None = None
    compass_bearing: float | None = None


class GpsFix(NamedTuple):
    """WGS 84 [degrees]; `fixed` is False, and the place worthless, where satellites were missing."""

    latitude: float
    longitude: float
    fixed: bool


@dataclass(frozen=True, eq=False)
class Step:
    """A sample of all sensors at the moment of one camera image.

    Attributes:
        stamp: when the image was taken [s], by the clock of its source.
        picture: the image as it was stored.
        pose: by odometry, at `stamp`.
        velocity: by odometry, in `base_link`; None when unknown.
        command: what the base had been told last; None when unknown.
        collision: since the step before; None when nobody labelled it.
        imu, gps: None when there is none.
        lidar: ranges [m], shape (360,), float32, read-only: the k-th at k degrees counter-clockwise from
            straight ahead; not finite where nothing was hit; None when there is none.

    Raises CairnError when the stamp, the pose or a known velocity is not finite, or the lidar's shape is
    wrong.
    """

    stamp: float
    picture: Picture
    pose: PlanarPose
    velocity: Twist | None = None
    command: Twist | None = None
    collision: CollisionFlags | None = None
    imu: ImuReading | None = None
    gps: GpsFix | None = None
    lidar: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.stamp) and all(map(isfinite, self.pose))):
            raise CairnError(f"a step's stamp and pose must be finite, got {self.stamp} and {self.pose}")
        for name in ("velocity", "command"):
            twist = getattr(self, name)
            if twist is not None and not twist.is_finite:
                raise CairnError(f"a step's {name} must be finite or None, got {twist}")
        if self.lidar is not None:
            if self.lidar.shape != (LIDAR_BEAMS,):
                raise CairnError(f"expected {LIDAR_BEAMS} lidar ranges, got shape {self.lidar.shape}")
            self.lidar.setflags(write=False)

    @property
    def image(self) -> NDArray[np.uint8]:
        """RGB, uint8, shape (height, width, 3), read-only; decoded at every call.

        Raises PictureError when the image is damaged.
        """
        return self.picture.pixels()

    @property
    def jpeg(self) -> bytes | None:
        """The JPEG file as recorded, None where the image was stored otherwise."""
        return self.picture.jpeg
