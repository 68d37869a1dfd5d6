"""Row 10: the deadman is released, the gamepad lost, its radio lost in mid-stick; for every kind of hand."""

import time

import pytest

pytest.importorskip("evdev", reason="needs Linux and the package evdev")
from evdev import ecodes
from teleop_rig import JOY_DEADMAN, JOY_FORWARD, JOY_STOP, TeleopRig


@pytest.fixture
def hands(tmp_path):
    rig = TeleopRig(tmp_path)
    yield rig
    rig.close()


def drive_with_pad(rig, stick=40):
    rig.plug()
    rig.wiggle = lambda odd: rig.push_stick(stick + odd)
    rig.press()
    rig.drive()


def assert_needs_a_fresh_press(rig, release, press):
    """Held as it is, nothing moves; after `release` and `press` it does."""
    rig.run(0.5)
    assert not rig.is_moving
    release()
    rig.run(0.3)
    assert not rig.is_moving
    press()
    rig.until(lambda: rig.is_moving, "a fresh press drives")


def test_row_10_the_pads_deadman_is_released(hands, measured):
    drive_with_pad(hands)
    released = hands.press(False)
    stopped = hands.first_zero(after=released)
    measured.at_most(
        10, "gamepad: deadman released → zero", 1000 * (stopped - released), 100, hands.lateness_ms(released)
    )
    hands.run(0.5)
    assert not hands.is_moving
    assert hands.said.reason == "deadman not pressed"
    assert "deadman" in hands.status.reason


def test_row_10_the_pad_is_unplugged_and_comes_back_elsewhere(hands, measured):
    drive_with_pad(hands)
    hands.wiggle = None
    unplugged = time.monotonic()
    hands.unplug()
    stopped = hands.first_zero(after=unplugged)
    measured.at_most(
        10, "gamepad unplugged → zero", 1000 * (stopped - unplugged), 500, hands.lateness_ms(unplugged)
    )
    hands.until_said("gamepad lost: the gamepad 'any' was unplugged: No such device")
    assert not hands.said.present
    hands.plug("event9")
    hands.push_stick(0)
    assert_needs_a_fresh_press(hands, lambda: hands.press(False), hands.press)


def test_row_10_the_pads_radio_is_lost_in_mid_stick(hands, measured):
    drive_with_pad(hands)
    hands.wiggle = None
    last = hands.push_stick(50)
    stopped = hands.first_zero(after=last)
    measured.at_most(
        10, "gamepad's radio lost in mid-stick → zero", 1000 * (stopped - last), 500, hands.lateness_ms(last)
    )
    hands.until(lambda: not hands.said.deadman, "teleoperation has noticed")
    hands.push_stick(0)  # the radio is back, the deadman was never let go
    assert_needs_a_fresh_press(hands, lambda: hands.press(False), hands.press)


def test_the_teleop_node_is_killed(hands, measured):
    hands.plug()
    hands.push_stick(0)
    hands.press()
    hands.drive()
    killed = hands.kill(hands.teleop)
    stopped = hands.first_zero(after=killed)
    measured.at_most(
        7, "teleop node killed → zero", 1000 * (stopped - killed), 200, hands.lateness_ms(killed)
    )


def drive_with_joy(rig, stick):
    rig.joy.on = True
    rig.until(lambda: rig.said.controller == "joy" and rig.said.present, "joy is there")
    rig.axes[JOY_FORWARD], rig.buttons[JOY_DEADMAN] = stick, 1
    rig.wiggle = lambda odd: rig.axes.__setitem__(JOY_FORWARD, stick - 0.01 * odd)
    rig.drive()


def joy_presses(rig, pressed):
    rig.buttons[JOY_DEADMAN] = int(pressed)
    rig.joy.due = 0.0
    rig.turn()
    return rig.joy.last_sent


def test_row_10_joys_deadman_is_released(hands, measured):
    drive_with_joy(hands, 1.0)
    released = joy_presses(hands, False)
    stopped = hands.first_zero(after=released)
    measured.at_most(
        10, "joy: deadman released → zero", 1000 * (stopped - released), 100, hands.lateness_ms(released)
    )


def test_row_10_joy_repeats_the_last_state_for_ever(hands, measured):
    drive_with_joy(hands, 0.6)
    hands.wiggle = None
    hands.axes[JOY_FORWARD] = 0.61
    hands.joy.due = 0.0
    hands.turn()
    last = hands.joy.last_sent
    stopped = hands.first_zero(after=last)
    measured.at_most(
        10, "joy repeats a mid-stick → zero", 1000 * (stopped - last), 500, hands.lateness_ms(last)
    )
    sent = hands.joy.sent
    hands.until(lambda: not hands.said.deadman, "teleoperation has noticed")
    hands.axes[JOY_FORWARD] = 1.0
    assert_needs_a_fresh_press(hands, lambda: joy_presses(hands, False), lambda: joy_presses(hands, True))
    assert hands.joy.sent > sent + 5


@pytest.mark.parametrize("how", ["falls silent", "vanishes", "gets a rival"])
def test_row_10_joys_publisher_is_lost(hands, measured, how):
    drive_with_joy(hands, 1.0)
    hands.joy.on = how == "gets a rival"
    last = time.monotonic()
    if how == "vanishes":
        hands.remove_joy()
    if how == "gets a rival":
        hands.add_joy()
    stopped = hands.first_zero(after=last)
    measured.at_most(
        10, f"joy's publisher {how} → zero", 1000 * (stopped - last), 500, hands.lateness_ms(last)
    )
    if how == "gets a rival":
        hands.until_said("joy lost: 2 publish joy")
    else:
        hands.until(lambda: hands.said.reason.startswith("joy lost: "), "teleoperation says so")


def drive_with_operator(rig, name="web", **fields):
    rig.operator.on = True
    rig.operators[name] = {"forward": 0.5, **fields}
    rig.until(lambda: rig.said.present, f"{name} is there")
    rig.operators[name]["deadman"] = True
    rig.until_driven_by(name)
    rig.until(lambda: rig.is_moving, f"{name} drives")


def test_row_10_an_operators_deadman_is_released(hands, measured):
    drive_with_operator(hands)
    hands.operators["web"]["deadman"] = False
    released = hands.send_operator("web")
    stopped = hands.first_zero(after=released)
    measured.at_most(
        10, "operator: deadman released → zero", 1000 * (stopped - released), 100, hands.lateness_ms(released)
    )


@pytest.mark.parametrize("how", ["fall silent", "are old", "are not finite"])
def test_row_10_an_operators_messages_cease_to_be_of_use(hands, measured, how):
    drive_with_operator(hands)
    last = time.monotonic()
    if how == "fall silent":
        hands.operator.on = False
    else:
        hands.operators["web"] |= {"age": 1.0} if how == "are old" else {"forward": float("nan")}
    stopped = hands.first_zero(after=last)
    measured.at_most(
        10, f"operator's messages {how} → zero", 1000 * (stopped - last), 500, hands.lateness_ms(last)
    )
    hands.until_said("web lost: web silent for 0.2")
    hands.operator.on = True
    hands.operators["web"] |= {"age": 0.0, "forward": 0.5}
    assert_needs_a_fresh_press(
        hands,
        lambda: hands.operators["web"].update(deadman=False),
        lambda: hands.operators["web"].update(deadman=True),
    )


def test_of_two_hands_the_first_drives_and_the_second_needs_a_fresh_press(hands):
    hands.plug()
    hands.push_stick(0)
    hands.press()
    hands.until_driven_by("gamepad")
    hands.until(lambda: hands.is_moving and hands.heard.commands[-1].linear == 1.0, "full speed ahead")
    hands.operator.on = True
    hands.operators["web"] = {"forward": -1.0}
    hands.run(0.3)
    hands.operators["web"]["deadman"] = True
    since = time.monotonic()
    hands.run(0.7)
    assert hands.said.controller == "gamepad"
    assert all(one.linear == 1.0 for one in hands.heard.commands if one.arrived > since)

    hands.press(False)
    hands.until(lambda: not hands.said.deadman, "the gamepad lets go")
    hands.run(0.5)
    assert not hands.is_moving
    assert hands.said.reason == "web: the deadman needs a fresh press"
    hands.operators["web"]["deadman"] = False
    hands.run(0.2)
    hands.operators["web"]["deadman"] = True
    hands.until_driven_by("web")
    hands.until(lambda: hands.heard.commands[-1].linear < 0, "the page drives back")


@pytest.mark.parametrize("hand", ["gamepad", "joy", "web"])
def test_an_emergency_stop_latches_and_holding_the_deadman_survives_no_arming(hands, measured, hand):
    if hand == "gamepad":
        hands.plug()
        hands.push_stick(0)
        hands.press()
        hands.drive()
        pressed = hands.press(button=ecodes.BTN_EAST)
        hands.press(False, button=ecodes.BTN_EAST)
    elif hand == "joy":
        drive_with_joy(hands, 1.0)
        hands.buttons[JOY_STOP] = 1
        hands.joy.due = 0.0
        hands.turn()
        pressed = hands.joy.last_sent
        hands.buttons[JOY_STOP] = 0
    else:
        drive_with_operator(hands)
        pressed = hands.send_operator("web", deadman=True, forward=0.5, emergency_stop=True)
    stopped = hands.first_zero(after=pressed)
    measured.at_most(
        10, f"{hand}: emergency stop → zero", 1000 * (stopped - pressed), 100, hands.lateness_ms(pressed)
    )
    hands.until(lambda: hands.status.state == 2, "the gate is latched")
    refused = hands.call(hands.arm, hands.arm.srv_type.Request())
    assert not refused.success
    answers = []

    def is_armed():
        if not answers or (answers[-1].done() and not answers[-1].result().success):
            answers.append(hands.arm.call_async(hands.arm.srv_type.Request()))
        return answers[-1].done() and answers[-1].result().success

    hands.until(is_armed, "the gate can be armed once the button is let go")
    hands.run(0.7)
    assert not hands.is_moving
    assert hands.said.reason == f"{hand}: the deadman needs a fresh press"


def test_the_arm_button_held_for_a_second_arms_the_gate(hands):
    hands.plug()
    hands.press(button=ecodes.BTN_EAST)
    hands.until(lambda: hands.heard.statuses and hands.status.state == 2, "the gate is latched")
    hands.press(False, button=ecodes.BTN_EAST)
    hands.run(1.2)
    assert hands.status.state == 2
    hands.press(button=ecodes.BTN_MODE)
    hands.until(lambda: hands.status.state != 2, "the gate is armed")


def test_turbo_is_the_faster_speed(hands):
    hands.set_parameter("turbo_linear_speed", 0.9)
    hands.set_parameter("linear_speed", 0.3)
    hands.plug()
    hands.push_stick(0)
    hands.press()
    hands.until(lambda: hands.is_moving and hands.heard.commands[-1].linear == pytest.approx(0.3), "slow")
    hands.press(button=ecodes.BTN_TR)
    hands.until(lambda: hands.heard.commands[-1].linear == pytest.approx(0.9), "turbo")
    assert hands.said.turbo


def test_where_the_policy_needs_the_deadman_too_the_stick_takes_over(tmp_path, measured):
    rig = TeleopRig(tmp_path, deadman="all", takeover="stick")
    try:
        rig.policy.on = True
        rig.plug()
        rig.run(0.5)
        assert not rig.is_moving
        rig.press()
        rig.until(lambda: rig.status.source == "policy" and rig.is_moving, "the policy drives")
        rig.push_stick(255)
        rig.until(lambda: rig.status.source == "teleop", "the stick takes over")
        rig.until(lambda: rig.heard.commands[-1].linear < 0, "the robot drives back")
        rig.push_stick(128)
        rig.until(lambda: rig.status.source == "policy" and rig.is_moving, "the policy goes on")
        released = rig.press(False)
        stopped = rig.first_zero(after=released)
        measured.at_most(
            10,
            "policy's deadman released → zero",
            1000 * (stopped - released),
            100,
            rig.lateness_ms(released),
        )
        rig.run(0.5)
        assert not rig.is_moving
    finally:
        rig.close()
