"""What the simulator publishes, as messages."""

from __future__ import annotations

from math import cos, sin

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import CollisionState as CollisionMessage
from geometry_msgs.msg import Quaternion, TransformStamped
from nav_msgs.msg import Odometry as OdometryMessage

from cairn.hardware.mobile_base import Odometry
from cairn.hardware.sim.collision_state import CollisionState
from cairn.nodes.odometry_conversion import rotation_about_z

WORLD_FRAME, ODOM_FRAME, BASE_FRAME, CAMERA_FRAME = "world", "odom", "base_link", "camera_link"


def odometry_message(odometry: Odometry, stamp: Time, frame: str = ODOM_FRAME) -> OdometryMessage:
    """A planar pose of `base_link` in `frame` and its velocity."""
    message = OdometryMessage()
    message.header.stamp = stamp
    message.header.frame_id = frame
    message.child_frame_id = BASE_FRAME
    message.pose.pose.position.x = odometry.x
    message.pose.pose.position.y = odometry.y
    message.pose.pose.orientation = rotation_about_z(odometry.yaw)
    message.twist.twist.linear.x = odometry.linear
    message.twist.twist.angular.z = odometry.angular
    return message


def transform_of_odometry(message: OdometryMessage) -> TransformStamped:
    """`T_odom_base_link` as odometry says."""
    transform = TransformStamped(header=message.header, child_frame_id=message.child_frame_id)
    transform.transform.translation.x = message.pose.pose.position.x
    transform.transform.translation.y = message.pose.pose.position.y
    transform.transform.rotation = message.pose.pose.orientation
    return transform


def camera_transforms(
    position: tuple[float, float, float], pitch: float, optical_frame: str, stamp: Time
) -> list[TransformStamped]:
    """`T_base_link_camera_link` and from there to the optical frame (REP-103: z ahead, x right, y down)."""
    mount = TransformStamped(child_frame_id=CAMERA_FRAME)
    mount.header.frame_id = BASE_FRAME
    translation = mount.transform.translation
    translation.x, translation.y, translation.z = position
    mount.transform.rotation = Quaternion(y=sin(pitch / 2), w=cos(pitch / 2))
    optical = TransformStamped(child_frame_id=optical_frame)
    optical.header.frame_id = CAMERA_FRAME
    optical.transform.rotation = Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)
    mount.header.stamp = optical.header.stamp = stamp
    return [mount, optical]


def collision_message(state: CollisionState, collisions: int, stamp: Time) -> CollisionMessage:
    """The labels of the RECON data set, with the distinct contacts so far."""
    message = CollisionMessage(
        any=state.any,
        physical=state.physical,
        close=state.close,
        flipped=state.flipped,
        stuck=state.stuck,
        outside_geofence=state.outside_geofence,
        collisions=collisions,
    )
    message.header.stamp = stamp
    message.header.frame_id = BASE_FRAME
    return message
