"""Subscribe so that every publisher of a topic is heard."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from cairn.episodes.offered_qos import OfferedQos


def matched_qos(publishers: Sequence[TopicEndpointInfo], depth: int) -> QoSProfile:
    """The strictest profile that is compatible with all publishers.

    Reliable only where all are reliable, transient local only where all are: a stricter request would make
    the middleware refuse the others in silence.
    """
    profiles = [publisher.qos_profile for publisher in publishers]
    reliable = all(profile.reliability == ReliabilityPolicy.RELIABLE for profile in profiles)
    latched = all(profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for profile in profiles)
    return QoSProfile(
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def offered_qos(publisher: TopicEndpointInfo) -> OfferedQos:
    """What a publisher offers, as bags store it."""
    profile = publisher.qos_profile
    return OfferedQos(
        history=profile.history.value,
        depth=profile.depth,
        reliability=profile.reliability.value,
        durability=profile.durability.value,
        liveliness=profile.liveliness.value,
        deadline=_split(profile.deadline),
        lifespan=_split(profile.lifespan),
        liveliness_lease=_split(profile.liveliness_lease_duration),
    )


def _split(duration: Duration) -> tuple[int, int]:
    return divmod(duration.nanoseconds, 1_000_000_000)
