from __future__ import annotations

import math

import pytest
from nav_msgs.msg import Odometry

from cairn.hardware.errors import CairnError
from cairn.nodes.odometry_conversion import odometry_from_message
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds


def message(yaw: float = 0.0, roll: float = 0.0, scale: float = 1.0) -> Odometry:
    """Rolled about x, then turned about z (REP-103)."""
    made = Odometry()
    made.header.stamp = stamp_from_seconds(12.25)
    made.pose.pose.position.x, made.pose.pose.position.y = 1.0, -2.0
    q = made.pose.pose.orientation
    q.w = scale * math.cos(yaw / 2) * math.cos(roll / 2)
    q.x = scale * math.cos(yaw / 2) * math.sin(roll / 2)
    q.y = scale * math.sin(yaw / 2) * math.sin(roll / 2)
    q.z = scale * math.sin(yaw / 2) * math.cos(roll / 2)
    made.twist.twist.linear.x, made.twist.twist.angular.z = 0.5, -0.25
    return made


@pytest.mark.parametrize("yaw", [0.0, 1.0, -2.0, 3.1])
@pytest.mark.parametrize("roll", [0.0, 0.3])
@pytest.mark.parametrize("scale", [1.0, 0.99])
def test_the_planar_part(yaw: float, roll: float, scale: float) -> None:
    odometry = odometry_from_message(message(yaw, roll, scale))
    assert (odometry.stamp, odometry.x, odometry.y) == (12.25, 1.0, -2.0)
    assert (odometry.linear, odometry.angular) == (0.5, -0.25)
    assert odometry.yaw == pytest.approx(yaw)


def test_what_is_no_rotation_or_no_number_is_refused() -> None:
    with pytest.raises(CairnError, match="expected an orientation of norm 1"):
        odometry_from_message(message(scale=0.0))
    bad = message()
    bad.pose.pose.position.x = math.inf
    with pytest.raises(CairnError, match="expected finite odometry"):
        odometry_from_message(bad)
    turned = message()
    turned.pose.pose.orientation.z = math.nan
    with pytest.raises(CairnError, match="norm 1"):
        odometry_from_message(turned)


@pytest.mark.parametrize("seconds", [0.0, 0.9999999996, 1.5, 1_800_000_000.123456])
def test_stamps_survive_the_way_there_and_back(seconds: float) -> None:
    stamp = stamp_from_seconds(seconds)
    assert 0 <= stamp.nanosec < 1_000_000_000
    assert seconds_from_stamp(stamp) == pytest.approx(seconds, abs=1e-6)
