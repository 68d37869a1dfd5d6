"""The WidowX AI through the vendor's library, unmodified, against the vendor's simulator over loopback."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from math import nan, pi
from statistics import fmean, pstdev

import pytest
from arm_contract import ArmContract, ArmRig, is_at_rest, moved
from trossen_simulator import TrossenSimulator, own_address

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.trossen_limits import stricter_limits
from cairn.hardware.arm.trossen_widowx_ai import SILENCE, TrossenWidowXAI
from cairn.hardware.arm.widowx_ai import FINGER_TRAVEL, widowx_ai
from cairn.hardware.errors import CairnError

trossen_arm = pytest.importorskip("trossen_arm", reason="the vendor's library is not installed")
pytest.importorskip("trossen_arm_sim", reason="the vendor's simulator is not installed")

NEUTRAL = widowx_ai().neutral
PATIENT = 1.0
"""Silence that even a busy machine does not cause [s]."""
SHORT = 0.3


@pytest.fixture(scope="module")
def lasting() -> Iterator[TrossenSimulator]:
    simulator = TrossenSimulator(own_address())
    yield simulator
    simulator.kill()


@pytest.fixture
def simulator(lasting: TrossenSimulator) -> TrossenSimulator:
    lasting.place(NEUTRAL, FINGER_TRAVEL / 2)
    return lasting


@pytest.fixture
def mortal() -> Iterator[TrossenSimulator]:
    """One to be killed, frozen or driven mad."""
    simulator = TrossenSimulator(own_address(1))
    simulator.place(NEUTRAL, FINGER_TRAVEL / 2)
    yield simulator
    simulator.kill()


class TestTrossenWidowXAI(ArmContract):
    @pytest.fixture
    def rig(self, simulator: TrossenSimulator) -> Iterator[ArmRig]:
        arm = TrossenWidowXAI(simulator.address, silence=PATIENT)
        yield ArmRig(arm)
        arm.stop()


@pytest.fixture
def arm(simulator: TrossenSimulator) -> Iterator[TrossenWidowXAI]:
    arm = TrossenWidowXAI(simulator.address, silence=PATIENT)
    yield arm
    arm.stop()


def raised_after(seconds: float, call: Callable[[], object]) -> tuple[float, float]:
    """When a repeated call first raised ArmLost, and how long the longest one took [s]."""
    start, longest = time.monotonic(), 0.0
    while True:
        begun = time.monotonic()
        try:
            call()
        except ArmLost:
            return time.monotonic() - start, max(longest, time.monotonic() - begun)
        longest = max(longest, time.monotonic() - begun)
        assert begun < start + seconds, "never raised"
        time.sleep(0.01)


def test_the_stricter_limits_hold(arm: TrossenWidowXAI):
    assert arm.model.joints[2].upper == pytest.approx(4.712)
    assert arm.model.joints[0].velocity == pytest.approx(3.375)
    arm.start()
    # The simulated robot's elbow goes to 135 degrees; its own limit of joint 0 is wider than published.
    assert arm.model.joints[2].upper == pytest.approx(0.75 * pi, abs=1e-4)
    assert arm.model.joints[0].velocity == pytest.approx(3.14)
    assert arm.model.joints[0].upper == pytest.approx(3.054)
    assert arm.model.joints[5].effort == pytest.approx(7.0)
    sent = arm.command(moved(NEUTRAL, 2, 4.0), 0.5)
    assert sent.positions[2] == arm.model.joints[2].upper


@pytest.mark.parametrize("rate", [5.0, 50.0])
def test_a_stream_of_targets_flows(arm: TrossenWidowXAI, rate: float):
    arm.start()
    speed, velocities = 0.5, []
    begun = time.monotonic()
    for step in range(1, round(1.6 * rate) + 1):
        arm.command(moved(NEUTRAL, 0, speed * step / rate), 0.5)
        while time.monotonic() < begun + step / rate:
            velocities.append(arm.state().velocities[0])
            time.sleep(0.005)
    steady = velocities[len(velocities) // 2 :]
    assert fmean(steady) == pytest.approx(speed, rel=0.15)
    # Stop-and-go as with a shorter goal time would be 0.4.
    assert pstdev(steady) < 0.15


def test_a_far_target_is_gone_to_below_the_limit_of_speed(arm: TrossenWidowXAI):
    arm.start()
    rig = ArmRig(arm)
    there = moved(NEUTRAL, 0, 2.0)
    arm.command(there, 0.5)
    rig.watch_until(rig.is_at(there))
    fastest = max(state.velocities[0] for state in rig.heard)
    assert 0.5 * arm.model.joints[0].velocity < fastest < arm.model.joints[0].velocity


def test_stop_brings_a_moving_arm_to_rest_before_it_lets_go(arm: TrossenWidowXAI):
    arm.start()
    arm.command(moved(NEUTRAL, 0, 2.0), 0.5)
    moving = ArmRig(arm).watch_until(lambda state: state.velocities[0] > 0.5)
    arm.stop()
    arm.start()
    stopped = arm.state()
    assert is_at_rest(stopped)
    assert stopped.positions[0] == pytest.approx(moving.positions[0], abs=0.3)


def test_the_library_is_never_told_what_is_not_finite(arm: TrossenWidowXAI):
    arm.start()
    with pytest.raises(CairnError, match="finite opening"):
        arm.command(NEUTRAL, nan)


def test_a_fault_of_the_controller_ends_following(arm: TrossenWidowXAI, simulator: TrossenSimulator):
    arm.start()
    rig = ArmRig(arm)
    rig.watch(0.1)
    simulator.fault("JOINT_OVERHEATED")
    state = rig.watch_until(lambda state: bool(state.faults))
    assert (state.faults, state.has_torque) == (("Joint overheated",), False)
    assert state.positions == pytest.approx(NEUTRAL, abs=0.03)
    for refused in (lambda: arm.command(NEUTRAL, 0.5), lambda: arm.set_torque(True)):
        with pytest.raises(CairnError, match="Joint overheated") as caught:
            refused()
        assert not isinstance(caught.value, ArmLost)
    arm.stop()
    arm.start()
    assert arm.state().faults == ()


def test_an_arm_that_raves_is_lost(mortal: TrossenSimulator):
    arm = TrossenWidowXAI(mortal.address, silence=PATIENT)
    arm.start()
    arm.state()
    mortal.rave()
    raised_after(5.0, arm.state)
    with pytest.raises(ArmLost, match="is lost: it says of its joints what is not finite"):
        arm.command(NEUTRAL, 0.5)
    arm.stop()


def test_a_killed_arm_is_lost_at_once(mortal: TrossenSimulator):
    arm = TrossenWidowXAI(mortal.address, silence=PATIENT)
    arm.start()
    arm.command(moved(NEUTRAL, 0, 1.0), 0.5)
    ArmRig(arm).watch_until(lambda state: state.velocities[0] > 0.1)
    mortal.kill()
    after, longest = raised_after(5.0, arm.state)
    print(f"lost {1e3 * after:.0f} ms after a kill, longest call {1e3 * longest:.0f} ms")
    assert after < 0.2
    for call in (arm.state, arm.hold, lambda: arm.command(NEUTRAL, 0.5), lambda: arm.set_torque(False)):
        begun = time.monotonic()
        with pytest.raises(ArmLost, match="is lost: Failed to read UDP message"):
            call()
        assert time.monotonic() - begun < 0.1
    arm.stop()


def test_an_arm_that_falls_silent_is_lost_and_does_not_run_on(mortal: TrossenSimulator):
    arm = TrossenWidowXAI(mortal.address, silence=SHORT)
    arm.start()
    rig = ArmRig(arm)
    arm.command(moved(NEUTRAL, 0, 2.0), 0.5)
    rig.watch_until(lambda state: state.velocities[0] > 0.3)
    mortal.freeze()
    after, longest = raised_after(5.0, arm.state)
    print(f"lost {1e3 * after:.0f} ms after silence, longest call {1e3 * longest:.0f} ms")
    assert SHORT / 2 < after < 3 * SHORT
    assert longest < 0.1
    mortal.thaw()
    # Back in contact it stays lost, until somebody starts it afresh and sees where it is.
    with pytest.raises(ArmLost, match="nothing was heard of it"):
        arm.command(NEUTRAL, 0.5)
    last = rig.heard[-1].positions[0]
    begun = time.monotonic()
    arm.stop()
    assert time.monotonic() - begun < 0.5
    arm = TrossenWidowXAI(mortal.address, silence=PATIENT)
    arm.start()
    assert ArmRig(arm).watch_until(is_at_rest).positions[0] == pytest.approx(last, abs=0.4)
    arm.stop()


def test_who_looks_seldom_is_not_told_of_old_times(mortal: TrossenSimulator):
    arm = TrossenWidowXAI(mortal.address, silence=SHORT)
    arm.start()
    time.sleep(2 * SHORT)
    assert arm.state().stamp == pytest.approx(time.time(), abs=SHORT)
    time.sleep(2 * SHORT)
    mortal.freeze()
    time.sleep(SHORT)
    with pytest.raises(ArmLost, match="nothing was heard"):
        arm.command(NEUTRAL, 0.5)
    arm.stop()


def test_no_arm_there_is_lost_in_time():
    arm = TrossenWidowXAI(own_address(2), timeout=0.3)
    begun = time.monotonic()
    with pytest.raises(ArmLost, match="Failed to connect"):
        arm.start()
    assert time.monotonic() - begun < 2.0
    with pytest.raises(ArmLost, match="start the arm"):
        arm.state()


def test_another_arm_is_refused():
    simulator = TrossenSimulator(own_address(1), "VXAI_V0_LEFT")
    try:
        with pytest.raises(CairnError, match="Model mismatch") as caught:
            TrossenWidowXAI(simulator.address).start()
        assert not isinstance(caught.value, ArmLost)
    finally:
        simulator.kill()


def test_joint_states_may_be_a_tenth_of_a_second_old():
    assert SILENCE == 0.1


def test_what_can_not_be_is_refused_with_what_is_valid():
    with pytest.raises(CairnError, match=r"valid: .*wxai_v0_follower"):
        TrossenWidowXAI(end_effector="tentacle").start()
    with pytest.raises(CairnError, match=r"silence of .*expected positive seconds, got nan"):
        TrossenWidowXAI(silence=nan)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "trossen_arm", None)
    with pytest.raises(CairnError, match=r"pip install 'cairn-robotics\[arm\]'"):
        TrossenWidowXAI().start()


def limit(lower: float, upper: float, velocity: float = 3.0, effort: float = 20.0):
    made = trossen_arm.JointLimit()
    made.position_min, made.position_max = lower, upper
    made.velocity_max, made.effort_max = velocity, effort
    return made


def test_limits_that_leave_nothing_are_refused():
    gripper = limit(0.0, 0.04, 0.5, 100.0)
    fitting = [limit(-9.0, 9.0) for _ in range(6)]
    limits = stricter_limits(widowx_ai(), [*fitting, gripper], [2.0, *[1.0] * 6])
    assert [joint.effort for joint in limits.model.joints] == [13.5, 20.0, 20.0, 7.0, 7.0, 7.0]
    assert limits.model.opened == pytest.approx(0.08)
    assert limits.model.opening(0.02) == pytest.approx(0.5)
    for wrong, words in (
        (fitting, "expected limits of 6 joints and a gripper"),
        ([limit(4.0, 9.0), *fitting[1:], gripper], "lower < upper"),
        ([limit(-9.0, nan), *fitting[1:], gripper], "joint 0 of the robot has the limits"),
    ):
        with pytest.raises(CairnError, match=words):
            stricter_limits(widowx_ai(), wrong, [1.0] * len(wrong))


def test_a_movement_takes_its_period_or_as_long_as_its_slowest_joint_needs():
    limits = stricter_limits(
        widowx_ai(), [*[limit(-9.0, 9.0) for _ in range(6)], limit(0.0, 0.044, 0.5, 100.0)], [1.0] * 7
    )
    here = ArmState(0.0, NEUTRAL, (0.0,) * 6, (0.0,) * 6, 0.5)
    times = [
        limits.goal_time(here, target_of(moved(NEUTRAL, 0, by)), period)
        for by, period in ((0.0, 0.0), (0.01, 0.1), (0.01, 5.0), (0.24, 0.02), (1.2, 0.1), (2.4, 0.1))
    ]
    assert times == pytest.approx([0.02, 0.1, 0.2, 0.1, 1.875 * 0.5, 1.875])


def target_of(positions: tuple[float, ...]):
    return ArmTarget(positions, 0.5)
