from itertools import pairwise
from math import pi, radians

import numpy as np
import pytest

from cairn.navigation.look_around import LookAround
from cairn.navigation.pose import wrap_angle


def turn_through(look: LookAround, yaw: float) -> tuple[float, list[float]]:
    """Where a robot that turns as told ends, and every heading that it had on the way."""
    seen = [yaw]
    while (twist := look.step(yaw)) is not None:
        assert twist.linear == 0.0
        yaw = wrap_angle(yaw + 0.1 * twist.angular)
        seen.append(yaw)
        assert len(seen) < 1000
    return yaw, seen


def test_it_looks_into_every_missing_heading_and_no_farther() -> None:
    look = LookAround(turn_rate=1.0)
    look.begin([radians(90), radians(-20), radians(140)], yaw=0.0)
    end, seen = turn_through(look, 0.0)
    for heading in (90, 140, -20):
        assert min(abs(wrap_angle(yaw - radians(heading))) for yaw in seen) < 0.45
    assert not look
    assert abs(wrap_angle(end - radians(90))) < 0.45  # to the right: 270 degrees instead of 340


def test_the_shorter_way_round_is_taken() -> None:
    look = LookAround(turn_rate=1.0)
    look.begin(np.radians([-60.0, -120.0]), yaw=0.0)
    twist = look.step(0.0)
    assert twist is not None
    assert twist.angular < 0


def test_a_full_turn_sees_everything() -> None:
    look = LookAround(turn_rate=0.8)
    look.begin_full_turn(yaw=2.0)
    _, seen = turn_through(look, 2.0)
    gaps = np.diff(np.sort(np.asarray(seen) % (2 * pi)))
    assert gaps.max() < 0.8
    steps = [abs(wrap_angle(b - a)) for a, b in pairwise(seen)]
    assert max(steps) == pytest.approx(0.08)


def test_nothing_missing_is_no_look_and_a_look_can_be_stopped() -> None:
    look = LookAround(turn_rate=1.0)
    look.begin([], yaw=0.0)
    assert not look
    assert look.step(0.0) is None
    look.begin_full_turn(0.0)
    look.stop()
    assert look.step(0.0) is None
