import pytest

from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.stamp_filter import StampFilter

NOW = Instant(monotonic=5.0, ros=1000.0)


@pytest.fixture
def stamps():
    return StampFilter(max_age=0.5, future_tolerance=0.1)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (1000.0, None),
        (999.51, None),
        (999.49, Rejection.STALE),
        (1000.09, None),
        (1000.11, Rejection.FUTURE),
        (0.0, Rejection.STALE),
    ],
)
def test_age_is_bounded_on_both_sides(stamps, stamp, expected):
    assert stamps.check(stamp, NOW) is expected


def test_a_stamp_may_repeat_but_not_go_back(stamps):
    assert stamps.check(999.9, NOW) is None
    assert stamps.check(999.9, NOW) is None
    assert stamps.check(999.8, NOW) is Rejection.BACKWARD


def test_a_rejected_stamp_leaves_no_trace(stamps):
    stamps.check(1001.0, NOW)

    assert stamps.check(999.9, NOW) is None


def test_forget_starts_anew(stamps):
    stamps.check(1000.0, NOW)
    stamps.forget()

    assert stamps.check(999.9, NOW) is None
