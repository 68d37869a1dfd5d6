"""The quality of service that a publisher offered, as bags store it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from cairn.episodes.bag_error import BagError

INFINITE = (9223372036, 854775807)
"""ROS 2's infinite duration as (seconds, nanoseconds): 2^63 - 1 ns."""

# Names at the place of their integer in rmw/types.h.
_POLICIES = {
    "history": ("system_default", "keep_last", "keep_all", "unknown"),
    "reliability": ("system_default", "reliable", "best_effort", "unknown", "best_available"),
    "durability": ("system_default", "transient_local", "volatile", "unknown", "best_available"),
    "liveliness": (
        "system_default",
        "automatic",
        "manual_by_node",
        "manual_by_topic",
        "unknown",
        "best_available",
    ),
}


@dataclass(frozen=True)
class OfferedQos:
    """One publisher's profile, the policies as the integers of `rmw/types.h`.

    Attributes:
        history: 1 keep last, 2 keep all, 3 unknown (what DDS discovery tells).
        depth: messages kept with `history` 1.
        reliability: 1 reliable, 2 best effort.
        durability: 1 transient local, 2 volatile.
        liveliness: 1 automatic, 3 manual by topic.
        deadline, lifespan, liveliness_lease: (seconds, nanoseconds).
    """

    history: int = 3
    depth: int = 0
    reliability: int = 1
    durability: int = 2
    liveliness: int = 1
    deadline: tuple[int, int] = INFINITE
    lifespan: tuple[int, int] = INFINITE
    liveliness_lease: tuple[int, int] = INFINITE


def dump_offered_qos(profiles: Iterable[OfferedQos]) -> str:
    """The YAML text that rosbag2 keeps in `offered_qos_profiles`; empty for no profile."""
    entries = [
        {
            "history": profile.history,
            "depth": profile.depth,
            "reliability": profile.reliability,
            "durability": profile.durability,
            "deadline": _duration(profile.deadline),
            "lifespan": _duration(profile.lifespan),
            "liveliness": profile.liveliness,
            "liveliness_lease_duration": _duration(profile.liveliness_lease),
            "avoid_ros_namespace_conventions": False,
        }
        for profile in profiles
    ]
    return yaml.safe_dump(entries, sort_keys=False).strip() if entries else ""


def load_offered_qos(text: str) -> tuple[OfferedQos, ...]:
    """The profiles in a bag's `offered_qos_profiles`, policies given as integers or, since Jazzy, by name.

    Raises BagError when the text is something else.
    """
    try:
        entries = yaml.safe_load(text) or []
        return tuple(
            OfferedQos(
                history=_policy(entry, "history"),
                depth=int(entry["depth"]),
                reliability=_policy(entry, "reliability"),
                durability=_policy(entry, "durability"),
                liveliness=_policy(entry, "liveliness"),
                deadline=_pair(entry["deadline"]),
                lifespan=_pair(entry["lifespan"]),
                liveliness_lease=_pair(entry["liveliness_lease_duration"]),
            )
            for entry in entries
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BagError(
            f"expected the QoS profiles that rosbag2 writes, got {text[:80]!r}: {error}"
        ) from error


def _policy(entry: dict[str, Any], name: str) -> int:
    value = entry[name]
    return _POLICIES[name].index(value) if isinstance(value, str) else int(value)


def _pair(value: dict[str, int]) -> tuple[int, int]:
    return int(value["sec"]), int(value["nsec"])


def _duration(value: tuple[int, int]) -> dict[str, int]:
    return {"sec": value[0], "nsec": value[1]}
