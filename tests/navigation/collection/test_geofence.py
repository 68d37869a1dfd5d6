"""Inside, outside, and how far to the fence."""

from __future__ import annotations

from math import hypot, inf, pi, sqrt

import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.navigation.collection.fence_keeper import FenceKeeper
from cairn.navigation.collection.geofence import Geofence
from cairn.navigation.pose import Pose

SQUARE = Geofence([(0, 0), (10, 0), (10, 10), (0, 10)])
L_SHAPE = Geofence([(0, 0), (12, 0), (12, 4), (4, 4), (4, 12), (0, 12)])


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [(5, 5, True), (0.01, 9.9, True), (-0.01, 5, False), (5, 10.1, False), (11, 0, False)],
)
def test_inside_and_outside(x: float, y: float, inside: bool) -> None:
    assert SQUARE.contains(x, y) is inside
    assert (SQUARE.excess(x, y) == 0) is inside


def test_inside_a_concave_one() -> None:
    assert L_SHAPE.contains(2, 10)
    assert L_SHAPE.contains(10, 2)
    assert not L_SHAPE.contains(8, 8)
    assert L_SHAPE.excess(8, 8) == pytest.approx(4.0)


def test_room_along_a_heading() -> None:
    assert SQUARE.room(2, 5, 0.0) == pytest.approx(8)
    assert SQUARE.room(2, 5, pi) == pytest.approx(2)
    assert SQUARE.room(2, 2, pi / 4) == pytest.approx(8 * sqrt(2))
    assert SQUARE.room(-1, 5, 0.0) == 0.0
    assert L_SHAPE.room(2, 6, 0.0) == pytest.approx(2)
    assert SQUARE.room(5, 5, 1.234) < inf


def test_a_circle_is_round() -> None:
    fence = Geofence.circle(3.0, -2.0, 8.0)
    for heading in np.linspace(-pi, pi, 23):
        assert fence.room(3.0, -2.0, heading) == pytest.approx(8.0, rel=0.01)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0, 0, 1, 1), "at least three corners"),
        ((0, 0, 1, 1, 2), "pairs x, y, got 5 numbers"),
        ((0, 0, 1, 0, 1, 1), "at least 9 m"),
        ((0, 0, 10, 0, float("nan"), 10), "must be finite"),
    ],
)
def test_what_is_no_fence_is_refused(numbers: tuple[float, ...], words: str) -> None:
    with pytest.raises(CairnError, match=words):
        Geofence.parse(numbers)


@pytest.mark.parametrize("fence", [SQUARE, L_SHAPE, Geofence.circle(2, 2, 3)])
@pytest.mark.parametrize("seed", range(2))
def test_whoever_drives_the_robot_stays_inside(fence: Geofence, seed: int) -> None:
    """Straight on, bends and reversing, at 1 m/s, for five minutes at 10 Hz."""
    random = np.random.default_rng(seed)
    keeper, pose, twist = FenceKeeper(fence), Pose(2.0, 2.0, 0.3), Twist(1.0, 0.0)
    travelled, places = 0.0, set()
    for step in range(3000):
        if step % 20 == 0:
            twist = Twist(float(random.choice((1.0, 1.0, 0.5, -0.4))), float(random.uniform(-0.6, 0.6)))
        kept = keeper.keep(pose, twist)
        before = pose
        pose = pose @ (0.1 * kept.linear, 0.0, 0.1 * kept.angular)
        travelled += hypot(pose.x - before.x, pose.y - before.y)
        places.add((round(pose.x / 2), round(pose.y / 2)))
        assert fence.contains(pose.x, pose.y), f"outside at {pose} in step {step}"
    assert travelled > 30.0
    assert len(places) >= 4


def test_from_outside_it_comes_back() -> None:
    keeper, pose = FenceKeeper(SQUARE), Pose(12.0, 5.0, 0.0)
    for _ in range(200):
        kept = keeper.keep(pose, Twist(1.0, 0.0))
        pose = pose @ (0.1 * kept.linear, 0.0, 0.1 * kept.angular)
        if SQUARE.contains(pose.x, pose.y):
            return
    raise AssertionError(f"still outside at {pose}")
