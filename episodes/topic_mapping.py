"""Which topic of a bag is what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from cairn.episodes.bag_error import BagError
from cairn.hardware.errors import CairnError

_TYPES = {
    "image": ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"),
    "camera_info": ("sensor_msgs/msg/CameraInfo",),
    "odometry": ("nav_msgs/msg/Odometry",),
    "command": ("geometry_msgs/msg/Twist", "geometry_msgs/msg/TwistStamped"),
    "collision": ("cairn_interfaces/msg/CollisionState", "std_msgs/msg/Bool"),
    "imu": ("sensor_msgs/msg/Imu",),
    "magnetic_field": ("sensor_msgs/msg/MagneticField",),
    "compass": ("std_msgs/msg/Float64", "std_msgs/msg/Float32"),
    "gps": ("sensor_msgs/msg/NavSatFix",),
    "lidar": ("sensor_msgs/msg/LaserScan",),
}
REQUIRED = ("image", "odometry")


@dataclass(frozen=True)
class TopicMapping:
    """Names of the topics of each stream, the preferred first.

    A relative name is found in any namespace, as long as only one has it; names with a leading slash are
    taken as they are.  The defaults are Cairn's own topics and those of Clearpath's sensors.
    """

    image: tuple[str, ...] = ("sensors/camera/image/compressed", "sensors/camera/image")
    camera_info: tuple[str, ...] = ("sensors/camera/camera_info",)
    odometry: tuple[str, ...] = ("platform/odom/filtered", "platform/odom")
    command: tuple[str, ...] = ("cmd_vel",)
    collision: tuple[str, ...] = ("collection/collision", "simulation/collision", "collision")
    imu: tuple[str, ...] = ("sensors/imu_0/data",)
    magnetic_field: tuple[str, ...] = ("sensors/imu_0/magnetic_field",)
    compass: tuple[str, ...] = ("sensors/imu_0/compass_bearing",)
    gps: tuple[str, ...] = ("sensors/gps_0/fix",)
    lidar: tuple[str, ...] = ("sensors/lidar2d_0/scan",)

    @classmethod
    def from_yaml(cls, path: Path) -> TopicMapping:
        """A mapping of streams to a topic or a list of topics; streams not named keep their defaults.

        Raises CairnError when the file can't be read or holds something else.
        """
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise CairnError(f"{path} can't be read: {error}") from error
        streams = [entry.name for entry in fields(cls)]
        if not isinstance(content, dict) or not content.keys() <= set(streams):
            raise CairnError(
                f"{path}: expected a mapping with keys of {', '.join(streams)}, got {content!r:.200}"
            )
        chosen = {}
        for stream, value in content.items():
            names = value if isinstance(value, list) else [value]
            if not all(isinstance(name, str) and name for name in names):
                raise CairnError(
                    f"{path}: expected for {stream} a topic or a list of topics, got {value!r:.200}"
                )
            chosen[stream] = tuple(names)
        return cls(**chosen)

    def resolve(self, types: Mapping[str, str], namespace: str = "") -> dict[str, str]:
        """The topic of each stream that the bag has.

        Args:
            types: "package/msg/Name" of each topic of the bag, by absolute name.
            namespace: only topics in it are meant; empty: whichever the bag has.

        Raises BagError when image or odometry is missing, a name is in several namespaces, or a topic has a
        type that the stream can't be read from.
        """
        found = {}
        for entry in fields(self):
            topic = _first(entry.name, getattr(self, entry.name), types, namespace)
            if topic is not None:
                found[entry.name] = topic
        for stream in REQUIRED:
            if stream not in found:
                wanted = " or ".join(getattr(self, stream))
                raise BagError(
                    f"no topic {wanted} for the {stream}; the bag has {', '.join(sorted(types)) or 'none'}. "
                    f"Name the right one in a topic mapping"
                )
        return found


def _first(stream: str, names: Collection[str], types: Mapping[str, str], namespace: str) -> str | None:
    for name in names:
        if name.startswith("/"):
            matching = [name] if name in types else []
        elif namespace:
            wanted = f"/{namespace.strip('/')}/{name}".replace("//", "/")
            matching = [wanted] if wanted in types else []
        else:
            matching = sorted(topic for topic in types if topic.endswith(f"/{name}"))
        if len(matching) > 1:
            raise BagError(
                f"the {stream} may be {' or '.join(matching)}: name the namespace, or the topic in a mapping"
            )
        if matching:
            kind = types[matching[0]]
            if kind not in _TYPES[stream]:
                raise BagError(
                    f"{matching[0]} is {kind}; expected for the {stream} {' or '.join(_TYPES[stream])}"
                )
            return matching[0]
    return None
