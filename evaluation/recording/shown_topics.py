"""Which topics of a bag a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cairn.episodes.bag_error import BagError

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")
ODOMETRY = ("nav_msgs/msg/Odometry",)
EPISODE_EVENT = "cairn_interfaces/msg/EpisodeEvent"
GATE_STATUS = "cairn_interfaces/msg/GateStatus"
COLLISION = "cairn_interfaces/msg/CollisionState"

_CAMERA_NAMES = ("camera/image", "color/image", "image_raw", "image", "compressed")
_ODOMETRY_NAMES = ("platform/odom/filtered", "odometry/filtered", "platform/odom", "odom")
_LAST_CHOICE = ("depth", "infra", "thermal", "ground_truth")


def camera_topic(types: Mapping[str, str], wanted: str = "") -> str:
    """The topic whose images are shown, empty for none.

    Args:
        types: type by name of the topics that have messages.
        wanted: a topic's name; empty: a colour camera's if there is one.

    Raises BagError, naming the valid ones, when `wanted` isn't one with images.
    """
    images = [name for name, kind in types.items() if kind in IMAGES]
    if wanted and wanted not in images:
        raise BagError(f"no images on {wanted}; valid: {', '.join(sorted(images)) or 'none'}")
    return wanted or _preferred(images, _CAMERA_NAMES)


def odometry_topic(types: Mapping[str, str]) -> str:
    """The topic of the path, empty for none; a simulator's ground truth only where there is nothing else."""
    return _preferred([name for name, kind in types.items() if kind in ODOMETRY], _ODOMETRY_NAMES)


def _preferred(topics: Sequence[str], names: Sequence[str]) -> str:
    def rank(topic: str) -> tuple[bool, int, str]:
        place = next((place for place, name in enumerate(names) if topic.endswith(name)), len(names))
        return any(word in topic for word in _LAST_CHOICE), place, topic

    return min(topics, key=rank, default="")
