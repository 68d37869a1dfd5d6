"""The driver of a WidowX 250s behind xs_sdk against a process that behaves like xs_sdk."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
from arm_contract import ArmContract, ArmRig, is_at_rest, moved
from xs_sdk_rig import XsSdkRig, wait_until

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError
from cairn.nodes.xs_sdk_arm import XsSdkArm

NEUTRAL = widowx_250s().neutral
SHORT = 0.3
"""Silence that is noticed soon, and that a busy machine rarely causes [s]."""


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[XsSdkRig]:
    rig = XsSdkRig(gripper_mode=getattr(request, "param", "pwm"))
    yield rig
    rig.close()


@pytest.fixture
def xs_sdk(running: XsSdkRig) -> XsSdkRig:
    running.reset()
    return running


@pytest.fixture
def arm(xs_sdk: XsSdkRig) -> Iterator[XsSdkArm]:
    arm = xs_sdk.arm()
    yield arm
    arm.stop()


@pytest.fixture
def mortal() -> Iterator[XsSdkRig]:
    """One to be killed or misconfigured."""
    rig = XsSdkRig()
    yield rig
    rig.close()


class TestXsSdkArm(ArmContract):
    @pytest.fixture
    def rig(self, arm: XsSdkArm) -> ArmRig:
        return ArmRig(arm)


def lost_after(arm: XsSdkArm) -> float:
    """Seconds until its state raises ArmLost."""
    begun = time.monotonic()
    while True:
        try:
            arm.state()
        except ArmLost:
            return time.monotonic() - begun
        assert time.monotonic() < begun + 20, "never lost"
        time.sleep(0.005)


def test_a_far_target_is_gone_to_no_faster_than_the_joints_may(arm: XsSdkArm) -> None:
    arm.start()
    rig = ArmRig(arm)
    there = moved(NEUTRAL, 0, 2.0)
    arm.command(there, 0.5)
    rig.watch_until(rig.is_at(there))
    fastest = max(state.velocities[0] for state in rig.heard)
    assert 0.5 * arm.model.joints[0].velocity < fastest < 1.2 * arm.model.joints[0].velocity


@pytest.mark.parametrize("rate", [5.0, 50.0])
def test_a_stream_of_targets_flows(arm: XsSdkArm, rate: float) -> None:
    arm.start()
    speed, begun = 0.5, time.monotonic()
    for step in range(1, round(1.6 * rate) + 1):
        arm.command(moved(NEUTRAL, 0, speed * step / rate), 0.5)
        wait_until(lambda step=step: time.monotonic() >= begun + step / rate)
    # With xs_sdk's own profile it would lie two seconds behind.
    assert arm.state().positions[0] == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize("running", ["pwm", "current"], indirect=True)
def test_what_the_gripper_closes_on_stays_held(arm: XsSdkArm, xs_sdk: XsSdkRig) -> None:
    arm.start()
    xs_sdk.do("put_object")
    arm.command(NEUTRAL, 0.0)
    rig = ArmRig(arm)
    rig.watch_until(lambda state: state.grip < -0.3)
    held = rig.watch(1.0)
    assert held.opening == pytest.approx(0.32, abs=0.03)
    assert held.grip < -0.3
    arm.hold()
    arm.stop()
    arm.start()
    assert ArmRig(arm).watch(0.3).grip < -0.3
    for opening in (1.0, 0.6):
        arm.command(NEUTRAL, opening)
        rig.watch_until(lambda state, to=opening: abs(state.opening - to) < 0.05 and state.grip == 0.0)


def test_hold_repeated_does_not_let_gravity_lower_the_arm(arm: XsSdkArm, xs_sdk: XsSdkRig) -> None:
    xs_sdk.do("sag")
    rig = ArmRig(arm)
    arm.start()
    sunk = rig.watch_until(lambda state: is_at_rest(state) and state.positions[1] < NEUTRAL[1] - 0.04)
    for _ in range(10):
        arm.hold()
        rig.watch(0.05)
    assert rig.heard[-1].positions[1] == pytest.approx(sunk.positions[1], abs=0.01)
    # 200 units of each of two XM430-W350: 0.538 A of 2.3 A that make 4.1 N·m.
    assert sunk.efforts[1] == pytest.approx(2 * 0.05 * 200 * 2.69e-3 * 4.1 / 2.3, abs=1e-3)


def test_a_motor_that_complains_is_told_of_and_nothing_is_sent(arm: XsSdkArm, xs_sdk: XsSdkRig) -> None:
    for hand, words in (
        ("overload_shoulder", "shoulder: overload"),
        ("overload_shadow", "elbow_shadow: overload"),
    ):
        arm.start()
        xs_sdk.do(hand)
        ArmRig(arm).watch_until(lambda state, words=words: state.faults == (words,))
        for refused in (lambda: arm.command(NEUTRAL, 0.5), lambda: arm.set_torque(True)):
            with pytest.raises(CairnError, match=words) as caught:
                refused()
            assert not isinstance(caught.value, ArmLost)
        arm.stop()
        xs_sdk.reset()


def test_torque_that_somebody_else_took_is_noticed(arm: XsSdkArm, xs_sdk: XsSdkRig) -> None:
    arm.start()
    xs_sdk.do("let_go")
    ArmRig(arm).watch_until(lambda state: not state.has_torque)
    with pytest.raises(CairnError, match="no torque"):
        arm.command(NEUTRAL, 0.5)
    arm.set_torque(True)
    assert arm.state().has_torque


@pytest.mark.parametrize("hand", ["unplug", "unplug_wrist"])
def test_motors_that_are_not_read_are_no_positions_and_the_arm_is_lost(xs_sdk: XsSdkRig, hand: str) -> None:
    arm = xs_sdk.arm(silence=SHORT)
    arm.start()
    xs_sdk.do(hand)
    took = lost_after(arm)
    print(f"lost {1000 * took:.0f} ms after {hand}")
    assert took < 3 * SHORT
    with pytest.raises(ArmLost, match=r"is lost: .* -3\.14 rad.*: its motor was not read"):
        arm.hold()
    xs_sdk.do(hand, False)
    with pytest.raises(ArmLost, match="is lost"):  # until a person has looked
        arm.command(NEUTRAL, 0.5)
    arm.start()
    assert arm.state().positions == pytest.approx(NEUTRAL, abs=0.03)
    arm.stop()


def test_a_killed_xs_sdk_is_lost_in_time_and_one_started_anew_is_set_up_again(mortal: XsSdkRig) -> None:
    arm = mortal.arm(silence=SHORT)
    arm.start()
    arm.command(moved(NEUTRAL, 0, 1.0), 0.5)
    ArmRig(arm).watch_until(lambda state: state.positions[0] > 0.1)
    mortal.process.kill()
    took = lost_after(arm)
    print(f"lost {1000 * took:.0f} ms after a kill")
    assert SHORT / 2 < took < 3 * SHORT
    for call in (arm.state, arm.hold, lambda: arm.command(NEUTRAL, 0.5), lambda: arm.set_torque(False)):
        begun = time.monotonic()
        with pytest.raises(ArmLost, match="is lost: no joint states for"):
            call()
        assert time.monotonic() - begun < 0.1
    arm.stop()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"shoulder_model": 1120}, "whose shoulder is moved by a XM430-W350; got XM540-W270"),
        ({"arm_mode": "velocity"}, "in mode 'velocity', expected 'position'"),
        ({"gripper_mode": "position"}, "operating mode is 'position', valid are pwm and current"),
        ({"joints": "[waist, shoulder]"}, "expected a WidowX 250s at /wx250s, .* got waist, shoulder"),
    ],
)
def test_another_arm_or_mode_is_refused(parameters: dict[str, object], words: str) -> None:
    rig = XsSdkRig(**parameters)
    try:
        with pytest.raises(CairnError, match=words) as caught:
            rig.arm().start()
        assert not isinstance(caught.value, ArmLost)
    finally:
        rig.close()


def test_a_profile_that_can_not_be_switched_off_is_refused(arm: XsSdkArm, xs_sdk: XsSdkRig) -> None:
    xs_sdk.do("ignore_profile")
    with pytest.raises(CairnError, match="don't take Profile_Velocity = 0"):
        arm.start()
    with pytest.raises(ArmLost, match="start the arm at /wx250s first"):
        arm.state()


def test_an_absent_xs_sdk_is_told_of_in_time(xs_sdk: XsSdkRig) -> None:
    arm = XsSdkArm(xs_sdk.context, "/elsewhere", patience=0.3)
    begun = time.monotonic()
    with pytest.raises(ArmLost, match=r"xs_sdk's service /elsewhere/get_robot_info within 0\.3 s"):
        arm.start()
    assert time.monotonic() - begun < 3.0


def test_without_its_interfaces_it_says_where_they_come_from(
    arm: XsSdkArm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "interbotix_xs_msgs", None)
    with pytest.raises(CairnError, match="interbotix_xs_msgs, which comes with Interbotix's ROS 2 workspace"):
        arm.start()
