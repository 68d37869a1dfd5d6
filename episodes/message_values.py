"""From decoded messages to the values of a step."""

from __future__ import annotations

from math import atan2, isfinite, pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.picture import Picture
from cairn.episodes.step import LIDAR_BEAMS, CollisionFlags, GpsFix, ImuReading, PlanarPose
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist


class OdometryValue(NamedTuple):
    """What odometry says at one moment; the velocity is None where it says none."""

    pose: PlanarPose
    velocity: Twist | None


def seconds(whole: int, nanoseconds: int) -> float:
    """A time in [s], always rounded in the same way: equal times stay equal."""
    return whole + nanoseconds * 1e-9


def header_stamp(message: Any) -> float | None:
    """When a message's data was taken [s]; None without a header or where its stamp was never set."""
    stamp = getattr(getattr(message, "header", None), "stamp", None)
    if stamp is None or not (stamp.sec or stamp.nanosec):
        return None
    return seconds(stamp.sec, stamp.nanosec)


def picture(message: Any) -> Picture:
    """Of an Image or a CompressedImage.  Raises PictureError for a compressed one that is neither kind."""
    data = message.data.tobytes()
    if hasattr(message, "format"):
        return Picture.compressed(data)
    return Picture(data, message.encoding, message.width, message.height, message.step)


def odometry(message: Any) -> OdometryValue | None:
    """The planar part of an Odometry; None when its pose is not finite or its orientation no rotation."""
    position, q = message.pose.pose.position, message.pose.pose.orientation
    twist = message.twist.twist
    norm = q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w
    if not 0.5 < norm < 2.0:
        return None
    yaw = atan2(2.0 * (q.w * q.z + q.x * q.y), norm - 2.0 * (q.y * q.y + q.z * q.z))
    pose, velocity = PlanarPose(position.x, position.y, yaw), Twist(twist.linear.x, twist.angular.z)
    if not all(map(isfinite, pose)):
        return None
    return OdometryValue(pose, velocity if velocity.is_finite else None)


def command(message: Any) -> Twist | None:
    """Of a Twist or TwistStamped; None when it is not finite."""
    twist = getattr(message, "twist", message)
    value = Twist(twist.linear.x, twist.angular.z)
    return value if value.is_finite else None


def collision(message: Any) -> CollisionFlags:
    """Of a CollisionState, or of a Bool that says no more than that there was one."""
    if hasattr(message, "data"):
        return CollisionFlags(any=bool(message.data), physical=bool(message.data))
    return CollisionFlags(*(bool(getattr(message, name)) for name in CollisionFlags._fields))


def imu(message: Any) -> ImuReading | None:
    """Acceleration and turn rates; None when they are not finite."""
    acceleration, rate = _vector(message.linear_acceleration), _vector(message.angular_velocity)
    return ImuReading(acceleration, rate) if acceleration is not None and rate is not None else None


def magnetic_field(message: Any) -> tuple[float, float, float] | None:
    """[T]; None when it is not finite."""
    return _vector(message.magnetic_field)


def compass(message: Any) -> float | None:
    """As it was published; None when it is not finite."""
    return float(message.data) if isfinite(message.data) else None


def gps(message: Any) -> GpsFix | None:
    """Of a NavSatFix, whose status is negative where there is no fix; None when it is not finite."""
    latitude, longitude = float(message.latitude), float(message.longitude)
    if not (isfinite(latitude) and isfinite(longitude)):
        return None
    return GpsFix(latitude, longitude, message.status.status >= 0)


def lidar(message: Any) -> NDArray[np.float32] | None:
    """Ranges by whole degrees, not finite where the scan has none; None when the scan says nothing."""
    increment = float(message.angle_increment)
    ranges = np.asarray(message.ranges, np.float32)
    if not (isfinite(increment) and increment != 0.0 and isfinite(message.angle_min) and len(ranges)):
        return None
    azimuth = np.arange(LIDAR_BEAMS) * (2.0 * pi / LIDAR_BEAMS)
    # Beams are counted from the scan's first one, in the direction in which it turns.
    turned = np.mod((azimuth - message.angle_min) * np.sign(increment), 2.0 * pi)
    index = np.rint(turned / abs(increment)).astype(np.int64)
    whole_turn = round(2.0 * pi / abs(increment))
    if len(ranges) >= whole_turn:
        index %= whole_turn
    beams = np.full(LIDAR_BEAMS, np.nan, np.float32)
    seen = index < len(ranges)
    beams[seen] = ranges[index[seen]]
    return beams


def camera_model(message: Any) -> CameraModel | None:
    """Of a CameraInfo; None when it describes no calibrated camera."""
    k = message.k
    try:
        return CameraModel(
            int(message.width),
            int(message.height),
            float(k[0]),
            float(k[4]),
            float(k[2]),
            float(k[5]),
            str(message.distortion_model) or "plumb_bob",
            tuple(map(float, message.d)) or (0.0,) * 5,
        )
    except CairnError:
        return None


def between(first: OdometryValue | None, second: OdometryValue | None, share: float) -> OdometryValue | None:
    """Odometry a share of the way from one to the other, turning the shorter way; None where either is."""
    if first is None or second is None:
        return None
    turn = (second.pose.yaw - first.pose.yaw + pi) % (2.0 * pi) - pi
    yaw = first.pose.yaw + share * turn
    return OdometryValue(
        PlanarPose(
            first.pose.x + share * (second.pose.x - first.pose.x),
            first.pose.y + share * (second.pose.y - first.pose.y),
            (yaw + pi) % (2.0 * pi) - pi,
        ),
        between_twists(first.velocity, second.velocity, share),
    )


def between_twists(first: Twist | None, second: Twist | None, share: float) -> Twist | None:
    """A twist a share of the way from one to the other; None where either is."""
    if first is None or second is None:
        return None
    return Twist(
        first.linear + share * (second.linear - first.linear),
        first.angular + share * (second.angular - first.angular),
    )


def _vector(message: Any) -> tuple[float, float, float] | None:
    """Three numbers; None when one is not finite."""
    vector = float(message.x), float(message.y), float(message.z)
    return vector if all(map(isfinite, vector)) else None
