"""What every mobile base must do, real or simulated.

A new base passes by one subclass in its test module::

    class TestMyBase(BaseContract):
        @pytest.fixture
        def rig(self) -> BaseRig:
            return BaseRig(MyBase())
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import BaseLost, MobileBase, Odometry
from cairn.hardware.twist import Twist

PATIENCE = 5.0
PERIOD = 0.05


@dataclass
class BaseRig:
    """A base and the hands that a test has on it.

    Attributes:
        base: not started, standing on free, level ground.
        pass_time: lets so many seconds pass; a simulated base's rig steps its world.
        tracking: share of the commanded speed that the base must reach (a skid-steered base slips in turns).
        heard: every odometry seen by `watch`.
    """

    base: MobileBase
    pass_time: Callable[[float], None] = time.sleep
    tracking: float = 0.9
    heard: list[Odometry] = field(default_factory=list)

    def watch(self, seconds: float) -> Odometry:
        """Let time pass, looking at the odometry; returns the last."""
        for _ in range(max(1, round(seconds / PERIOD))):
            self.pass_time(PERIOD)
            self.heard.append(self.base.odometry())
        return self.heard[-1]

    def drive(self, twist: Twist, seconds: float) -> Odometry:
        """Command all the while, as a controller does."""
        for _ in range(max(1, round(seconds / PERIOD))):
            self.base.command(twist)
            self.watch(PERIOD)
        return self.heard[-1]

    def watch_until(self, condition: Callable[[Odometry], bool], command: Twist | None = None) -> Odometry:
        """Watch, commanding if asked to, until the odometry fulfils a condition."""
        for _ in range(round(PATIENCE / PERIOD)):
            odometry = self.watch(PERIOD) if command is None else self.drive(command, PERIOD)
            if condition(odometry):
                return odometry
        raise AssertionError(f"never fulfilled, last {self.heard[-1]}")


def is_at_rest(odometry: Odometry) -> bool:
    """Within what a filter leaves of a standing base."""
    return abs(odometry.linear) < 0.02 and abs(odometry.angular) < 0.05


class BaseContract:
    """The tests; a subclass supplies the fixture `rig`."""

    @pytest.fixture
    def started(self, rig: BaseRig) -> Iterator[BaseRig]:
        rig.base.start()
        rig.watch(PERIOD)
        yield rig
        rig.base.stop()

    def test_it_says_what_it_can_do(self, rig: BaseRig) -> None:
        assert 0 < rig.base.limits.linear < 10
        assert 0 < rig.base.limits.angular < 10
        assert 0 < rig.base.command_timeout <= 1.0

    def test_it_drives_forward(self, started: BaseRig) -> None:
        begun = started.watch(PERIOD)
        command = Twist(0.5, 0.0)
        arrived = started.watch_until(lambda now: now.linear > 0.5 * started.tracking, command)
        assert arrived.linear < 0.5 * 1.1
        ended = started.drive(command, 0.5)
        ahead = (ended.x - begun.x) * math.cos(begun.yaw) + (ended.y - begun.y) * math.sin(begun.yaw)
        assert ahead > 0.1
        assert ended.stamp > begun.stamp

    @pytest.mark.parametrize("rate", [0.8, -0.8])
    def test_positive_is_counter_clockwise(self, started: BaseRig, rate: float) -> None:
        begun = started.watch(PERIOD)
        turned = started.drive(Twist(0.0, rate), 0.8)
        change = math.remainder(turned.yaw - begun.yaw, 2 * math.pi)
        assert change * rate > 0
        assert 0.1 < abs(change) < 1.2

    def test_it_returns_what_it_sent(self, started: BaseRig) -> None:
        limits = started.base.limits
        assert started.base.command(Twist(0.1, -0.2)) == Twist(0.1, -0.2)
        assert started.base.command(Twist(1e6, -1e6)) == Twist(limits.linear, -limits.angular)
        started.base.command(Twist())

    @pytest.mark.parametrize("bad", [Twist(math.nan, 0.0), Twist(0.0, math.inf)])
    def test_what_is_not_finite_is_refused_and_not_sent(self, started: BaseRig, bad: Twist) -> None:
        for _ in range(4):
            with pytest.raises(CairnError, match="finite"):
                started.base.command(bad)
            assert is_at_rest(started.watch(PERIOD))

    def test_silence_stops_it(self, started: BaseRig) -> None:
        started.watch_until(lambda now: now.linear > 0.4, Twist(0.5, 0.0))
        started.watch(started.base.command_timeout)
        started.watch_until(is_at_rest)

    def test_a_command_holds_until_the_timeout(self, started: BaseRig) -> None:
        started.watch_until(lambda now: now.linear > 0.4, Twist(0.5, 0.0))
        assert started.watch(started.base.command_timeout * 0.4).linear > 0.3

    def test_stopping_commands_zero(self, started: BaseRig) -> None:
        started.watch_until(lambda now: now.linear > 0.4, Twist(0.5, 0.0))
        started.base.stop()
        # Sooner than silence would have stopped it.
        started.pass_time(started.base.command_timeout * 0.5)
        started.base.start()
        assert abs(started.watch_until(lambda _: True).linear) < 0.1

    def test_its_pose_never_jumps_and_its_stamps_never_go_back(self, started: BaseRig) -> None:
        started.drive(Twist(0.5, 0.8), 0.8)
        started.drive(Twist(-0.5, 0.0), 0.5)
        for earlier, later in pairwise(started.heard):
            elapsed = later.stamp - earlier.stamp
            assert elapsed >= 0
            assert math.hypot(later.x - earlier.x, later.y - earlier.y) <= 1.0 * elapsed + 0.05
            assert abs(math.remainder(later.yaw - earlier.yaw, 2 * math.pi)) <= 2.0 * elapsed + 0.1

    def test_before_start_there_is_neither_odometry_nor_command(self, rig: BaseRig) -> None:
        with pytest.raises(BaseLost):
            rig.base.odometry()
        with pytest.raises(CairnError, match="start"):
            rig.base.command(Twist())

    def test_stop_may_be_called_before_start_and_twice(self, rig: BaseRig) -> None:
        rig.base.stop()
        rig.base.start()
        rig.base.stop()
        rig.base.stop()
        with pytest.raises(CairnError, match="start"):
            rig.base.command(Twist())
        rig.base.start()
        rig.drive(Twist(0.1, 0.0), PERIOD)
        rig.base.stop()
