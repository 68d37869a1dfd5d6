"""Rows 5, 10, 11, 12 and 14: commands that must not reach the base as they are."""

import time

import pytest
from cairn_interfaces.msg import GateStatus
from geometry_msgs.msg import TwistStamped
from std_srvs.srv import Trigger


@pytest.mark.parametrize("bad", [(float("nan"), 0.0), (0.3, float("inf"))], ids=["nan", "inf"])
def test_row_5_the_policy_gives_what_is_no_number(rig, measured, bad):
    rig.drive()
    rig.policy.on = False
    rig.turn()
    sent = time.monotonic()
    rig.send_twist(*bad)

    stopped = rig.first_zero(after=sent)

    measured.at_most(5, f"{bad} → zero (one tick)", 1000 * (stopped - sent), 20, rig.lateness_ms(sent))
    rig.until(lambda: rig.status.reason == "policy gave a non-finite command", "the gate says so")


def test_row_5_the_third_one_latches_until_armed(rig):
    rig.drive()
    for count in (1, 2, 3):
        rig.send_twist(float("nan"), 0.0)
        rig.until(lambda count=count: rig.status.rejected_non_finite == count, "it is counted")
    rig.until(lambda: rig.status.state == GateStatus.LATCHED, "the gate latches")
    latched = time.monotonic()
    rig.run(0.6)
    assert not [one for one in rig.heard.commands if one.arrived > latched and one.linear]

    answer = rig.call(rig.arm, Trigger.Request())

    assert (answer.success, answer.message) == (True, "armed")
    rig.first_motion(after=latched)


def test_emergency_stop_latches_and_refuses_to_arm_while_pressed(rig, measured):
    rig.drive()
    pressed = time.monotonic()
    rig.send_emergency_stop(True)

    stopped = rig.first_zero(after=pressed)

    measured.at_most(10, "emergency stop → zero", 1000 * (stopped - pressed), 100, rig.lateness_ms(pressed))
    refusal = rig.call(rig.arm, Trigger.Request())
    assert (refusal.success, refusal.message) == (False, "refused: the emergency stop is still pressed")
    rig.send_emergency_stop(False)
    rig.until(lambda: rig.status.reason == "emergency stop was pressed: arm the gate", "it is released")
    assert not rig.is_moving
    assert rig.call(rig.arm, Trigger.Request()).success
    rig.first_motion(after=time.monotonic())


def press_freshly(rig):
    rig.send_deadman(False)
    rig.run(0.05)
    rig.deadman.on = True


def test_row_10_the_deadman_is_released(make_rig, measured):
    rig = make_rig(deadman="all")
    rig.until(lambda: rig.heard.statuses, "the gate is there")
    press_freshly(rig)
    rig.drive()
    rig.deadman.on = False
    released = time.monotonic()
    rig.send_deadman(False)

    stopped = rig.first_zero(after=released)

    measured.at_most(
        10, "deadman released → zero", 1000 * (stopped - released), 100, rig.lateness_ms(released)
    )
    rig.until(lambda: rig.status.reason == "deadman switch not pressed", "the gate says so")


def test_row_10_the_deadman_is_lost_and_needs_a_fresh_press(make_rig, measured):
    rig = make_rig(deadman="all")
    rig.until(lambda: rig.heard.statuses, "the gate is there")
    press_freshly(rig)
    rig.drive()
    rig.deadman.on = False
    last = rig.deadman.last_sent

    stopped = rig.first_zero(after=last)

    measured.at_most(10, "deadman lost → zero", 1000 * (stopped - last), 500, rig.lateness_ms(last))
    rig.deadman.on = True
    rig.until(lambda: rig.status.reason == "deadman switch needs a fresh press", "it is back, still pressed")
    rig.run(0.3)
    assert not rig.is_moving
    rig.deadman.on = False
    press_freshly(rig)
    rig.first_motion(after=time.monotonic())


def test_row_11_a_second_publisher_on_the_command_topic(rig, measured):
    rig.drive()
    added = time.monotonic()
    intruder = rig.node.create_publisher(TwistStamped, "cmd_vel", 1)

    alarmed = rig.first_error(after=added)

    measured.at_most(
        11, "second publisher → ERROR diagnostic", 1000 * (alarmed - added), 1000, rig.lateness_ms(added)
    )
    rig.until(lambda: rig.status.foreign_publishers == 1, "it is counted")
    assert rig.status.reason == "1 other publisher(s) on the command topic"
    assert not rig.is_moving
    rig.node.destroy_publisher(intruder)
    rig.first_motion(after=time.monotonic())


def test_row_12_a_burst_of_late_commands(rig, measured):
    rig.policy.on = False
    rig.until(
        lambda: rig.heard.statuses and rig.status.reason == "no command yet", "all but the policy is well"
    )
    started = time.monotonic()
    for k in range(50):
        rig.send_twist(0.5, 0.0, age=2.0 - 0.02 * k)
        rig.turn()
    rig.run(0.5)

    driven = [one for one in rig.heard.commands if one.arrived > started and one.linear]
    measured.at_most(12, "late commands driven, of 50", len(driven), 0, unit="")
    rig.until(lambda: rig.status.rejected_stale >= 40, "they are counted")


def test_row_12_a_late_command_does_not_replace_a_newer_one(rig):
    rig.drive()
    rig.send_twist(-0.4, 0.0, age=0.3)
    rig.until(lambda: rig.status.rejected_backward == 1, "it is counted")
    rig.run(0.1)

    assert not [one for one in rig.heard.commands if one.linear < 0]


def test_row_14_limits_are_exceeded(make_rig, measured):
    rig = make_rig(linear_speed=0.6, angular_speed=0.8, linear_acceleration=1.0, angular_acceleration=2.0)
    rig.twist = (10.0, -10.0)
    rig.until(lambda: rig.is_moving and rig.heard.commands[-1].linear == 0.6, "the gate is at its limit")
    assert rig.status.filter_active
    rig.twist = (-10.0, 10.0)
    rig.until(lambda: rig.heard.commands[-1].linear == -0.6, "the gate is at its other limit")
    rig.run(0.2)

    commands = rig.heard.commands
    measured.at_most(
        14, "fastest command of 10 m/s", max(abs(one.linear) for one in commands), 0.6, unit="m/s"
    )
    measured.at_most(
        14, "fastest command of 10 rad/s", max(abs(one.angular) for one in commands), 0.8, unit="rad/s"
    )
    assert (rig.status.requested.linear.x, rig.status.commanded.linear.x) == (-10.0, -0.6)
    # Over a quarter of a second, where the jitter of single ticks no longer matters.
    window = 12
    speeding = [
        (abs(later.linear) - abs(earlier.linear)) / (later.stamp - earlier.stamp)
        for earlier, later in zip(commands, commands[window:], strict=False)
    ]
    measured.at_most(14, "fastest speeding up", max(speeding), 1.0, 0.1, unit="m/s²")
