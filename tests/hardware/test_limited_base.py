import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.limited_base import LimitedBase
from cairn.hardware.mobile_base import MobileBase, Odometry
from cairn.hardware.twist import Twist, TwistLimits


class RecordingBase(MobileBase):
    limits = TwistLimits(linear=2.0, angular=4.0, linear_acceleration=5.0, angular_acceleration=1.0)
    command_timeout = 0.5

    def __init__(self) -> None:
        self.commands: list[Twist] = []
        self.running = False

    def start(self) -> None:
        self.running = True

    def command(self, twist: Twist) -> Twist:
        self.commands.append(twist)
        return twist

    def odometry(self) -> Odometry:
        return Odometry(1.0, 2.0, 3.0, 0.4, 0.5, 0.6)

    def stop(self) -> None:
        self.running = False


class SteppedClock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


WISE = TwistLimits(linear=0.5, angular=8.0, linear_acceleration=1.0, angular_acceleration=2.0)


@pytest.fixture
def clock():
    return SteppedClock()


@pytest.fixture
def inner():
    return RecordingBase()


@pytest.fixture
def base(inner, clock):
    limited = LimitedBase(inner, WISE, clock)
    limited.start()
    return limited


def test_the_stricter_of_both_limits_holds(base):
    assert base.limits == TwistLimits(0.5, 4.0, 1.0, 1.0)
    assert base.command_timeout == 0.5


def test_it_ramps_up_and_holds_at_the_limit(base, inner, clock):
    for _ in range(10):
        clock.now += 0.1
        sent = base.command(Twist(3.0, 0.0))
        assert sent == inner.commands[-1]

    assert [c.linear for c in inner.commands] == pytest.approx([0.1, 0.2, 0.3, 0.4] + [0.5] * 6)


def test_after_a_silence_the_ramp_starts_from_rest(base, inner, clock):
    for _ in range(6):
        clock.now += 0.1
        base.command(Twist(0.5, 0.0))
    clock.now += 0.6
    base.command(Twist(0.5, 0.0))
    clock.now += 0.05
    base.command(Twist(-0.5, 0.0))

    assert inner.commands[-3:] == [Twist(0.5, 0.0), Twist(0.5, 0.0), Twist(pytest.approx(0.45), 0.0)]


def test_a_non_finite_command_is_refused_and_not_sent(base, inner, clock):
    clock.now += 0.1

    with pytest.raises(CairnError, match="a twist must be finite"):
        base.command(Twist(float("nan"), 0.0))
    assert inner.commands == []


def test_odometry_start_and_stop_pass_through(base, inner):
    assert base.odometry() == Odometry(1.0, 2.0, 3.0, 0.4, 0.5, 0.6)
    assert inner.running
    base.stop()
    base.stop()
    assert not inner.running
