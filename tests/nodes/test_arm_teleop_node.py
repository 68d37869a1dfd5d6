"""Hands move the simulated arm across processes: by a fresh press of the clutch, as long as it is held."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from arm_hands_rig import ArmHandsRig
from cairn_interfaces.msg import ArmGateStatus
from evdev import ecodes
from geometry_msgs.msg import Vector3
from piped_arm_pad import PADS, record
from std_srvs.srv import Trigger
from test_kinematics import KINEMATICS

from cairn.hardware.arm.bridge_pose import bridge_state

STANDS = 0.05
"""Of joints that count as standing [rad/s]."""
PAD = Path(__file__).with_name("piped_arm_pad.py")
LIMIT = 0.3
"""From a hand that lets go, or is lost, to joints that stand [s]."""


@pytest.fixture
def rig():
    made = ArmHandsRig()
    yield made
    made.close()


def state(rig):
    return bridge_state(KINEMATICS.pose(rig.state.positions), rig.state.opening)


def is_moving(rig):
    return np.abs(rig.state.velocities).max() > STANDS


def stood_after(rig, moment):
    """Seconds from a moment to when all joints stand, for good."""
    rig.wait_for(lambda: rig.states[-1][0] > moment + 1.5)
    moved = [at for at, one in rig.states if np.abs(one.velocities).max() > STANDS]
    return max(moved, default=moment) - moment


def move_on(rig, **hands):
    """Hold the clutch until the arm moves by it, pressed afresh where the machine was too busy."""
    rig.press(**hands)

    def moves():
        if not rig.teleop.deadman:
            rig.press(**hands)
        return is_moving(rig)

    rig.wait_for(moves, "for the arm")


def test_every_direction_of_the_hand_and_the_gripper(rig):
    rig.start_all(linear_speed=0.2, angular_speed=1.0)
    for axis in range(6):
        begun = state(rig)
        shares = np.zeros(6)
        shares[axis] = -0.5 if axis == 2 else 0.5
        rig.press(shares[:3], shares[3:])
        goes = np.sign(shares[axis])
        rig.wait_for(lambda a=axis, b=begun, g=goes: g * (state(rig) - b)[a] > 0.05, f"for axis {axis}")
        others = [one for one in range(6) if one != axis]
        assert np.abs((state(rig) - begun)[others]).max() < 0.04, axis
        rig.hands = {}
        rig.wait_for(lambda: rig.teleop.reason == "deadman not pressed")
    told = rig.commands[-1][1].opening
    rig.press()
    rig.wait_for(lambda: rig.status.source == "teleop")
    assert rig.steps[-1][1].opening == told, "a press alone leaves the gripper as it was told"
    rig.hold(opening=0.0)
    rig.wait_for(lambda: rig.state.opening < 0.1)
    rig.hold(opening=1.0)
    rig.wait_for(lambda: rig.state.opening > 0.9)
    rig.hands = {}
    rig.wait_for(lambda: rig.teleop.reason == "deadman not pressed")
    rig.press()
    time_pressed = time.monotonic()
    rig.wait_for(lambda: rig.steps[-1][0] > time_pressed)
    assert rig.steps[-1][1].opening == 1.0


@pytest.mark.parametrize("how", ["let go", "silence", "lost", "killed"])
def test_without_a_hand_no_step_goes_out_and_the_arm_stands(rig, how, record_property):
    process = rig.start_all()
    move_on(rig, linear=(0.0, 0.5, 0.0))
    ended = time.monotonic()
    if how == "let go":
        rig.hands = {}
    elif how == "silence":
        rig.hands = None
    elif how == "lost":
        rig.hands = {"lost": True}
    else:
        process.kill()
        ended = time.monotonic()
    took = stood_after(rig, ended)
    record_property(f"{how} to standing joints [s]", round(took, 3))
    # A page that hangs is given up after operator_timeout.
    assert took < LIMIT + (0.2 if how == "silence" else 0.0)
    last = max(at for at, _ in rig.steps)
    assert last - ended < (0.3 if how == "silence" else 0.15)
    assert rig.status.state == ArmGateStatus.DRIVING
    if how == "killed":
        return
    # What is held on counts for nothing: it takes a release and a fresh press.
    rig.hold(linear=(0.0, -0.5, 0.0))
    if how != "let go":
        rig.wait_for(lambda: "fresh press" in rig.teleop.reason)
        assert max(at for at, _ in rig.steps) == last
    move_on(rig, linear=(0.0, -0.5, 0.0))


def test_what_is_no_share_is_refused_and_the_emergency_stop_latches(rig):
    rig.start_all()
    rig.press()
    rig.hands = {"clutch": True, "linear": Vector3(x=float("nan"))}
    rig.wait_for(lambda: not rig.teleop.deadman, "for the hand to be given up")
    assert all(np.isfinite(step.translation.x) for _, step in rig.steps)
    move_on(rig, linear=(0.0, 0.5, 0.0))
    rig.hands = {"emergency_stop": True, "clutch": True}
    rig.wait_for(lambda: rig.status.state == ArmGateStatus.LATCHED)
    assert "emergency stop" in rig.status.reason
    rig.hands = {}
    rig.wait_for(lambda: "arm the gate" in rig.status.reason)
    assert rig.call_arm() == "armed"
    move_on(rig, linear=(0.0, -0.5, 0.0))


def test_a_joy_pad_moves_the_arm_and_toggles_the_gripper(rig):
    rig.start_all(controllers="[joy]")
    clutch, gripper, roll_left = 9, 10, 13
    rig.axes = [0.0] * 6
    rig.wait_for(lambda: rig.teleop.present)
    begun = state(rig)
    told = rig.commands[-1][1].opening
    rig.buttons[clutch] = 1
    rig.axes[1], rig.axes[5] = 1.0, -1.0  # away, and the right trigger pulled
    rig.wait_for(lambda: (state(rig) - begun)[0] > 0.03 and (state(rig) - begun)[2] > 0.03, "for the hand")
    rig.axes = [0.0] * 6
    rig.buttons[gripper] = 1
    wanted = 0.0 if told > 0.5 else 1.0
    rig.wait_for(lambda: rig.steps[-1][1].opening == wanted)
    rig.buttons[gripper] = 0
    rig.wait_for(lambda: abs(rig.state.opening - wanted) < 0.1)
    begun = state(rig)
    rig.buttons[roll_left] = 1
    rig.wait_for(lambda: (state(rig) - begun)[3] > 0.1, "for the roll")
    rig.buttons[clutch] = 0
    released = time.monotonic()
    assert stood_after(rig, released) < LIMIT


SCRIPT = """
controller: robot tester
steps:
  - {wait_for: gate}
  - {wait_for: arm}
  - {for: 1.0, linear: [0, 0.5, 0], opening: 0}
  - {for: 1.0, linear: [0, 0, 0.5], angular: [0, 0, 0.5], opening: 1}
"""


def test_a_script_moves_the_arm_as_a_person_would(rig, tmp_path):
    rig.start_all(operator_timeout=1.0, linear_speed=0.2, angular_speed=1.0)
    begun = state(rig)
    script = tmp_path / "move.yaml"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cairn.nodes.scripted_operator_node", "--ros-args"),
            *("-p", f"script:={script}", "-p", "use_sim_time:=true"),
        ],
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rig.wait_for(lambda: not is_moving(rig))
    moved = state(rig) - begun
    # Half of the top speed for a second; a step begins once teleoperation and the gate follow.
    assert moved[1] == pytest.approx(0.1, abs=0.05)
    assert moved[2] == pytest.approx(0.1, abs=0.05)
    assert moved[5] == pytest.approx(0.5, abs=0.25)
    openings = {round(step.opening, 3) for _, step in rig.steps}
    assert {0.0, 1.0} <= openings


def test_a_reset_puts_the_arm_back_and_its_gate_leaves_it_there(rig):
    rig.start_all()
    begun = state(rig)
    move_on(rig, linear=(0.0, 1.0, 0.0))
    rig.wait_for(lambda: state(rig)[1] - begun[1] > 0.08, "for the hand")
    rig.release()
    rig.wait_for(lambda: not is_moving(rig))
    client = rig.node.create_client(Trigger, "simulation/reset_to_start")
    answer = client.call_async(Trigger.Request())
    rig.wait_for(answer.done)
    asked = time.monotonic()
    rig.wait_for(lambda: rig.states[-1][0] > asked + 1.5 and rig.status.state == ArmGateStatus.DRIVING)
    np.testing.assert_allclose(state(rig)[:6], begun[:6], atol=0.02)
    target = rig.status.target.position
    np.testing.assert_allclose((target.x, target.y, target.z), begun[:3], atol=0.02)


def test_a_pad_of_an_event_device_moves_the_arm_and_pulling_its_plug_ends_that(rig, tmp_path, monkeypatch):
    rig.start_both()
    monkeypatch.setenv(PADS, str(tmp_path))
    os.mkfifo(tmp_path / "event7")
    settings = {"discovery_time": 0.0, "use_sim_time": "true", "controllers": "[gamepad]"}
    given = [part for name, value in settings.items() for part in ("-p", f"{name}:={value}")]
    process = subprocess.Popen([sys.executable, str(PAD), "--ros-args", *given])
    rig.processes["arm_teleop"] = process
    pad = os.open(tmp_path / "event7", os.O_WRONLY)  # waits for the node
    rig.wait_for(lambda: rig.teleops and rig.teleop.present)
    begun = state(rig)
    told = rig.commands[-1][1].opening

    def emit(kind, code, value):
        os.write(pad, record(kind, code, value))

    emit(ecodes.EV_KEY, ecodes.BTN_TL, 1)
    rig.wait_for(lambda: rig.teleop.deadman)
    emit(ecodes.EV_ABS, ecodes.ABS_Y, 0)
    emit(ecodes.EV_ABS, ecodes.ABS_RZ, 255)
    rig.wait_for(lambda: (state(rig) - begun)[0] > 0.03 and (state(rig) - begun)[2] > 0.03, "for the hand")
    emit(ecodes.EV_KEY, ecodes.BTN_TR, 1)
    rig.wait_for(lambda: rig.steps[-1][1].opening == (0.0 if told > 0.5 else 1.0))
    (tmp_path / "event7").unlink()
    os.close(pad)
    pulled = time.monotonic()
    assert stood_after(rig, pulled) < LIMIT
    assert max(at for at, _ in rig.steps) - pulled < 0.15
    assert "gamepad lost" in rig.teleop.reason
