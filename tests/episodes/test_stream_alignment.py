"""Which sample belongs to a step, and which image to a tick."""

import numpy as np
import pytest

from cairn.episodes.alignment import Alignment, Method, StreamAlignment, parse_alignment
from cairn.episodes.frame_sampler import Frame, FrameSampler
from cairn.episodes.message_values import OdometryValue, between
from cairn.episodes.picture import Picture
from cairn.episodes.step import PlanarPose
from cairn.episodes.stream_buffer import CAPACITY, StreamBuffer
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

PICTURE = Picture.of(np.zeros((1, 1, 3), np.uint8))


def buffer(method: Method, tolerance: float = 0.5) -> StreamBuffer[float]:
    made = StreamBuffer[float](
        StreamAlignment(method, tolerance), lambda first, second, share: first + share * (second - first)
    )
    for stamp in (1.0, 2.0, 4.0):
        assert made.add(stamp, 10 * stamp)
    return made


@pytest.mark.parametrize(
    ("method", "stamp", "expected"),
    [
        (Method.HOLD, 2.25, (20.0, 0.25)),
        (Method.HOLD, 3.75, None),
        (Method.HOLD, 0.75, None),
        (Method.HOLD, 2.0, (20.0, 0.0)),
        (Method.NEAREST, 3.75, (40.0, 0.25)),
        (Method.NEAREST, 0.75, (10.0, 0.25)),
        (Method.NEAREST, 3.0, None),
        (Method.INTERPOLATE, 3.75, (37.5, 0.25)),
        (Method.INTERPOLATE, 2.0, (20.0, 0.0)),
        (Method.INTERPOLATE, 4.25, (40.0, 0.25)),
        (Method.INTERPOLATE, 3.0, None),
        (Method.DROP, 1.75, (20.0, 0.25)),
    ],
)
def test_each_method_takes_its_sample(
    method: Method, stamp: float, expected: tuple[float, float] | None
) -> None:
    assert buffer(method).at(stamp) == expected


def test_samples_out_of_order_are_refused_and_old_ones_forgotten() -> None:
    made = buffer(Method.HOLD, 10.0)
    assert not made.add(4.0, 0.0)
    assert not made.add(3.0, 0.0)
    made.forget_before(3.0)
    assert made.at(1.5) is None
    assert made.at(3.0) == (20.0, 1.0)
    for number in range(2 * CAPACITY):
        made.add(10.0 + number, 0.0)
    assert made.newest == 9.0 + 2 * CAPACITY
    assert made.at(10.0 + CAPACITY - 1) is None


def test_headings_turn_the_shorter_way() -> None:
    first = OdometryValue(PlanarPose(0.0, 0.0, 3.0), Twist(1.0, 0.0))
    second = OdometryValue(PlanarPose(1.0, 2.0, -3.0), Twist(2.0, 1.0))
    middle = between(first, second, 0.5)
    assert middle is not None
    assert (middle.pose.x, middle.pose.y, abs(middle.pose.yaw)) == pytest.approx((0.5, 1.0, np.pi))
    assert middle.velocity == Twist(1.5, 0.5)
    assert between(first, None, 0.5) is None


def sampled(stamps: list[float], method: Method = Method.NEAREST, rate: float = 4.0) -> list[float]:
    sampler = FrameSampler(rate, StreamAlignment(method, 0.5))
    chosen = [sampler.add(Frame(stamp, PICTURE, 0)) for stamp in stamps]
    return [frame.stamp for frame in [*chosen, sampler.finish()] if frame is not None]


def test_images_are_thinned_to_the_rate() -> None:
    epoch = 1_700_000_000.0
    stamps = [epoch + number / 20 for number in range(41)]
    np.testing.assert_allclose(np.subtract(sampled(stamps), epoch), np.arange(9) / 4, atol=1e-6)
    np.testing.assert_allclose(np.subtract(sampled(stamps, Method.HOLD), epoch), np.arange(9) / 4, atol=1e-6)


def test_nearest_and_hold_differ_between_images() -> None:
    stamps = [0.0, 0.2, 0.28, 0.5, 0.7, 0.78, 1.0]
    assert sampled(stamps) == [0.0, 0.28, 0.5, 0.78, 1.0]
    assert sampled(stamps, Method.HOLD) == [0.0, 0.2, 0.5, 0.7, 1.0]


def test_an_image_of_the_rate_itself_is_never_lost_whatever_its_jitter() -> None:
    generator = np.random.default_rng(0)
    stamps = list(1e9 + np.arange(400) / 4 + generator.uniform(-0.06, 0.06, 400))
    assert len(sampled(stamps)) >= 396
    assert set(sampled(stamps)) <= set(stamps)


def test_a_slow_camera_serves_each_image_once() -> None:
    stamps = [number / 2 for number in range(10)]
    assert sampled(stamps) == stamps


def test_a_gap_of_years_costs_nothing() -> None:
    assert sampled([0.0, 0.25, 1.7e9, 1.7e9 + 0.25]) == [0.0, 0.25, 1.7e9, 1.7e9 + 0.25]


def test_words_become_an_alignment() -> None:
    alignment = parse_alignment(["command=nearest:0.25", "gps=drop"], rate=5.0)
    assert alignment.streams["command"] == StreamAlignment(Method.NEAREST, 0.25)
    assert alignment.streams["gps"] == StreamAlignment(Method.DROP, 1.5)
    assert alignment.streams["odometry"].method is Method.INTERPOLATE


@pytest.mark.parametrize(
    "text",
    ["command", "command=sometimes", "sonar=hold", "command=hold:soon", "command=hold:-1", "gps=interpolate"],
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(CairnError, match=r"expected STREAM=METHOD|tolerance must lie|can't be interpolated"):
        parse_alignment([text], 4.0)
    with pytest.raises(CairnError, match=r"rate must lie in \(0, 1000\] Hz, got nan"):
        Alignment(rate=float("nan"))
