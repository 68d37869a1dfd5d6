"""The hand goes where it is told, slowly where it must, and stays where it can't."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from test_kinematics import KINEMATICS, NEUTRAL

from cairn.hardware.arm.cartesian_servo import CartesianServo, ServoPhase, ServoSettings
from cairn.hardware.arm.kinematics import pose_error
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation

BRISK = ServoSettings()


def moved(pose, x=0.0, y=0.0, z=0.0):
    there = pose.copy()
    there[:3, 3] += x, y, z
    return there


@pytest.fixture
def servo():
    servo = CartesianServo(KINEMATICS, BRISK)
    servo.begin(NEUTRAL)
    return servo


def follow(servo, wanted, steps=400):
    """Steps of an arm that does at once what it is told, until the servo rests."""
    said = []
    for _ in range(steps):
        said.append(servo.update(said[-1].positions if said else NEUTRAL, wanted))
        if said[-1].phase in (ServoPhase.ARRIVED, ServoPhase.HOLDING):
            break
    return said


@pytest.mark.parametrize("by", [(0.1, 0.0, 0.0), (0.0, 0.12, -0.1), (0.05, -0.1, 0.05)])
def test_it_arrives_and_stays(servo, by):
    wanted = moved(servo.pose, *by)
    said = follow(servo, wanted)
    assert said[-1].phase is ServoPhase.ARRIVED
    assert pose_error(KINEMATICS.pose(said[-1].positions), wanted)[0] < BRISK.tolerance
    assert len(said) * BRISK.period < 2.0
    again = servo.update(said[-1].positions, wanted)
    assert again.positions == pytest.approx(said[-1].positions, abs=0.02)


def test_out_of_reach_it_holds_says_why_and_does_not_try_again(servo):
    wanted = moved(servo.pose, x=0.8)
    said = follow(servo, wanted)
    assert said[-1].phase is ServoPhase.HOLDING
    assert "comes no nearer" in said[-1].reason or "singular" in said[-1].reason
    for _ in range(100):
        held = servo.update(said[-1].positions, wanted)
        assert held.phase is ServoPhase.HOLDING
        assert held.positions == said[-1].positions, "the target does not run away"
    back = follow(servo, moved(KINEMATICS.pose(NEUTRAL), y=0.05))
    assert back[-1].phase is ServoPhase.ARRIVED, "another pose frees it"


def test_towards_a_stretched_arm_it_slows_down_first(servo):
    said = follow(servo, moved(servo.pose, x=0.8))
    phases = [step.phase for step in said]
    assert ServoPhase.SLOWED in phases
    at = phases.index(ServoPhase.SLOWED)
    speeds = [np.abs(np.subtract(b.positions, a.positions)).max() for a, b in pairwise(said)]
    assert max(speeds[at:]) < max(speeds[:at])
    assert KINEMATICS.condition(said[-1].positions) < 2 * BRISK.stop_condition
    assert "near a singular pose" in said[at].reason


def test_an_arm_that_is_held_back_is_not_wound_up(servo):
    wanted = moved(servo.pose, y=0.3)
    for _ in range(200):
        step = servo.update(NEUTRAL, wanted)
    assert np.abs(np.subtract(step.positions, NEUTRAL)).max() <= BRISK.lead + 1e-9
    assert step.phase is ServoPhase.HOLDING


def test_the_simulated_arm_follows_within_millimetres():
    simulation = ArmSimulation()
    servo = CartesianServo(KINEMATICS)
    servo.begin(simulation.joint_state(0.0).positions)
    wanted = moved(servo.pose, x=0.12, y=0.1, z=-0.1)
    for _ in range(150):
        step = servo.update(simulation.joint_state(0.0).positions, wanted)
        simulation.set_target(step.positions, 0.5)
        simulation.advance(0.02)
    assert step.phase is ServoPhase.ARRIVED
    # What is left is the sag of the servos under the arm's own weight.
    assert pose_error(simulation.grasp_pose, wanted)[0] < 0.015


@pytest.mark.parametrize("bad", [np.full((4, 4), np.nan), np.eye(3), 2 * np.eye(4)])
def test_a_pose_that_is_none_is_refused(servo, bad):
    with pytest.raises(CairnError, match=r"expected a finite pose \(4, 4\)"):
        servo.update(NEUTRAL, bad)


def test_it_must_know_where_the_arm_stands():
    with pytest.raises(CairnError, match=r"begin\(\) comes before update\(\)"):
        CartesianServo(KINEMATICS).update(NEUTRAL, np.eye(4))


def test_settings_that_can_not_be_are_refused():
    with pytest.raises(CairnError, match="speed"):
        replace(BRISK, speed=0.0)
