import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist, TwistLimits
from cairn.hardware.twist_limiter import TwistLimiter

LIMITS = TwistLimits(linear=1.0, angular=2.0, linear_acceleration=0.5, angular_acceleration=3.0)


def test_speeds_up_at_the_acceleration_limit_of_each_axis():
    limiter = TwistLimiter(LIMITS)

    assert limiter.limit(Twist(1.0, 2.0), 0.1) == Twist(0.05, pytest.approx(0.3))


def test_slows_down_at_the_braking_limit():
    limiter = TwistLimiter(LIMITS, linear_braking=2.0, angular_braking=10.0, start=Twist(1.0, -2.0))

    assert limiter.limit(Twist(), 0.1) == Twist(pytest.approx(0.8), pytest.approx(-1.0))


def test_a_change_of_sign_brakes_to_zero_before_it_accelerates():
    limiter = TwistLimiter(LIMITS, linear_braking=2.0, start=Twist(0.1, 0.0))

    assert limiter.limit(Twist(-1.0, 0.0), 0.1).linear == 0.0
    assert limiter.limit(Twist(-1.0, 0.0), 0.1).linear == pytest.approx(-0.05)


def test_halt_is_zero_at_once():
    limiter = TwistLimiter(LIMITS, start=Twist(1.0, 1.0))

    assert limiter.halt() == Twist()
    assert limiter.current == Twist()


@pytest.mark.parametrize("wanted", [Twist(float("nan"), 0.0), Twist(0.0, float("inf"))])
def test_a_non_finite_wish_is_refused_and_changes_nothing(wanted):
    limiter = TwistLimiter(LIMITS, start=Twist(0.5, 0.0))

    with pytest.raises(CairnError, match="a twist must be finite"):
        limiter.limit(wanted, 0.1)
    assert limiter.current == Twist(0.5, 0.0)


@pytest.mark.parametrize("elapsed", [-0.01, float("nan"), float("inf")])
def test_time_must_be_finite_and_not_run_backward(elapsed):
    with pytest.raises(CairnError, match="elapsed time must be finite and not negative"):
        TwistLimiter(LIMITS).limit(Twist(), elapsed)


@pytest.mark.parametrize("braking", [0.0, -1.0, float("nan")])
def test_braking_must_be_positive(braking):
    with pytest.raises(CairnError, match="linear braking must be positive and finite"):
        TwistLimiter(LIMITS, linear_braking=braking)


speeds = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(speeds, speeds, st.floats(0, 0.2)), max_size=30))
def test_no_sequence_of_wishes_exceeds_a_limit(wishes):
    limiter = TwistLimiter(LIMITS, linear_braking=1.0)
    for linear, angular, elapsed in wishes:
        before = limiter.current
        now = limiter.limit(Twist(linear, angular), elapsed)

        assert abs(now.linear) <= LIMITS.linear
        assert abs(now.angular) <= LIMITS.angular
        fastest = 1.0 if abs(now.linear) < abs(before.linear) else LIMITS.linear_acceleration
        assert abs(now.linear - before.linear) <= fastest * elapsed + 1e-9
        assert abs(now.angular - before.angular) <= LIMITS.angular_acceleration * elapsed + 1e-9
