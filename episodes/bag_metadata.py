"""metadata.yaml, the file that makes a directory a rosbag2 bag."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from cairn.episodes.bag_error import BagError
from cairn.episodes.offered_qos import dump_offered_qos
from cairn.episodes.topic import Topic

FILE_NAME = "metadata.yaml"
# Version 9 writes QoS policies by name, which the rosbag2 of Humble can't read; every rosbag2 from Humble on
# reads version 8.
VERSION = 8
_ROOT = "rosbag2_bagfile_information"
# The emitter in C holds up the other threads of a recorder a tenth as long.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class FileInformation:
    """One storage file of a bag; times in [ns]."""

    name: str
    start: int = 0
    duration: int = 0
    message_count: int = 0


@dataclass(frozen=True)
class BagMetadata:
    """What metadata.yaml says of a bag.

    Attributes:
        files: storage files in order.
        topics: each with the number of its messages.
        custom_data: further key-value pairs.
        ros_distro: the distribution that recorded it, empty when unknown.
    """

    files: tuple[FileInformation, ...]
    topics: tuple[tuple[Topic, int], ...]
    custom_data: Mapping[str, str] = field(default_factory=dict)
    ros_distro: str = ""

    def to_yaml(self) -> str:
        """The text of metadata.yaml."""
        filled = [file for file in self.files if file.message_count]
        start = min((file.start for file in filled), default=0)
        end = max((file.start + file.duration for file in filled), default=0)
        information = {
            "version": VERSION,
            "storage_identifier": "mcap",
            "duration": {"nanoseconds": end - start},
            "starting_time": {"nanoseconds_since_epoch": start},
            "message_count": sum(file.message_count for file in self.files),
            "topics_with_message_count": [
                {"topic_metadata": dict(_topic_entry(topic)), "message_count": count}
                for topic, count in self.topics
            ],
            "compression_format": "",
            "compression_mode": "",
            "relative_file_paths": [file.name for file in self.files],
            "files": [
                {
                    "path": file.name,
                    "starting_time": {"nanoseconds_since_epoch": file.start},
                    "duration": {"nanoseconds": file.duration},
                    "message_count": file.message_count,
                }
                for file in self.files
            ],
            "custom_data": dict(self.custom_data),
            "ros_distro": self.ros_distro,
        }
        text: str = yaml.dump({_ROOT: information}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
        return text

    def write(self, bag: Path, durable: bool = True) -> None:
        """Replace the bag's metadata.yaml in one step; a crash leaves the old or the new one.

        Args:
            bag: the bag's directory.
            durable: wait for the disk, so that a lost battery leaves one of the two as well.
        """
        temporary = bag / f".{FILE_NAME}.tmp"
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(self.to_yaml())
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        temporary.replace(bag / FILE_NAME)


def read_metadata(bag: Path) -> dict[str, Any]:
    """The content of a bag's metadata.yaml under its root key.

    Raises BagError when it is missing or is no rosbag2 metadata.
    """
    path = bag / FILE_NAME
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BagError(f"{bag} has no {FILE_NAME}: expected the directory of a rosbag2 bag") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BagError(f"{path} can't be read: {error}") from error
    information = content.get(_ROOT) if isinstance(content, dict) else None
    if not isinstance(information, dict):
        raise BagError(f"{path}: expected a mapping under {_ROOT!r}")
    return information


@lru_cache(maxsize=1024)
def recorded_distro(bag: Path) -> str:
    """The ROS distribution that recorded a bag, empty when its metadata.yaml doesn't say."""
    try:
        return str(read_metadata(bag).get("ros_distro") or "")
    except BagError:
        return ""


def _topic_entry(topic: Topic) -> dict[str, str]:
    return {
        "name": topic.name,
        "type": topic.type,
        "serialization_format": "cdr",
        "offered_qos_profiles": dump_offered_qos(topic.offered_qos),
        "type_description_hash": topic.type_hash,
    }
