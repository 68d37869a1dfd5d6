"""Says where a camera is, if that was calibrated."""

from __future__ import annotations

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from scipy.spatial.transform import Rotation
from tf2_msgs.msg import TFMessage

from cairn.calibration.transform_file import CalibratedTransform, read_transform
from cairn.hardware.calibration_folder import transform_file
from cairn.hardware.errors import CairnError
from cairn.nodes.qos_profiles import LATCHED


class MountingPublisher:
    """Publishes what `cairn calibrate` keeps for a device as static tf; nothing where nothing is kept.

    Args:
        node: to publish through.
        device: by whose name the mounting is kept.
        frame_id: the driver's optical frame, which is the child.
    """

    def __init__(self, node: Node, device: str, frame_id: str) -> None:
        self._publisher = None
        mounting = _kept(node, device)
        if mounting is not None:
            self._publisher = node.create_publisher(TFMessage, "/tf_static", LATCHED)
            self._publisher.publish(TFMessage(transforms=[_message(node, mounting, frame_id)]))


def _kept(node: Node, device: str) -> CalibratedTransform | None:
    try:
        path = transform_file(device)
        return read_transform(path) if path.is_file() else None
    except CairnError as error:
        # A camera without a known place still gives images.
        node.get_logger().error(f"the mounting of {device!r} is not published: {error}")
        return None


def _message(node: Node, mounting: CalibratedTransform, frame_id: str) -> TransformStamped:
    message = TransformStamped(child_frame_id=frame_id)
    message.header.stamp = node.get_clock().now().to_msg()
    message.header.frame_id = mounting.parent
    place, turn = message.transform.translation, message.transform.rotation
    place.x, place.y, place.z = mounting.pose[:3, 3].tolist()
    turn.x, turn.y, turn.z, turn.w = Rotation.from_matrix(mounting.pose[:3, :3]).as_quat().tolist()
    return message
