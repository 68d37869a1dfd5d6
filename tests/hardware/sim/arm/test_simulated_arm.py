"""The simulated WidowX keeps the contract, and moves as a real one does."""

import numpy as np
import pytest
from arm_contract import ArmContract, ArmRig

from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation
from cairn.hardware.sim.arm.simulated_arm import SimulatedArm

import mujoco  # isort: skip  # after the OpenGL backend was chosen


@pytest.fixture(scope="module")
def simulation():
    return ArmSimulation()


class TestSimulatedArmContract(ArmContract):
    @pytest.fixture
    def rig(self, simulation):
        simulation.reset()
        return ArmRig(SimulatedArm(simulation, lambda: simulation.time), simulation.advance)


def test_a_step_takes_as_long_as_a_servo_takes(simulation):
    simulation.reset()
    there = np.array(simulation.arm.neutral)
    there[0] += 0.5
    simulation.set_target(there, 0.5)
    track = []
    for _ in range(100):
        simulation.advance(0.01)
        track.append(simulation.joint_state(simulation.time).positions[0])
    reached = np.array(track)
    assert 0.15 < 0.01 * np.argmax(reached > 0.45) < 0.6
    assert reached.max() < 0.52
    assert np.diff(reached).max() / 0.01 < simulation.arm.joints[0].velocity


def test_the_grasp_is_down_over_the_table_at_the_neutral_pose(simulation):
    simulation.reset()
    pose = simulation.grasp_pose
    assert pose[:3, 3] == pytest.approx([0.12, 0.0, 0.25], abs=0.05)
    assert pose[2, 0] < -0.95  # the hand's x axis, along which it approaches


def test_without_torque_it_falls_and_with_it_it_does_not(simulation):
    simulation.reset()
    simulation.advance(2.0)
    held = simulation.grasp_pose[2, 3]
    assert simulation.joint_state(0.0).positions == pytest.approx(simulation.arm.neutral, abs=0.03)
    simulation.set_torque(False)
    simulation.advance(2.0)
    assert simulation.grasp_pose[2, 3] < held - 0.1


def test_efforts_stay_below_what_the_motors_give(simulation):
    simulation.reset()
    low = (0.0, 1.5, 1.2, 0.0, 0.0, 0.0)  # against the floor
    simulation.set_target(low, 0.5)
    worst = np.zeros(6)
    for _ in range(200):
        simulation.advance(0.01)
        worst = np.maximum(worst, np.abs(simulation.joint_state(0.0).efforts))
    assert (worst <= [joint.effort + 1e-6 for joint in widowx_250s().joints]).all()
    assert worst[1] > 2.0


def cube_scene(mass):
    scene = mujoco.MjSpec()
    scene.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[2, 2, 0.1])
    cube = scene.worldbody.add_body(name="cube", pos=[0.3, 0.0, 0.02])
    cube.add_freejoint()
    cube.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.015] * 3, mass=mass, condim=4)
    return scene


@pytest.mark.parametrize("mass", [0.03, 0.2])
def test_the_gripper_really_holds_what_it_has_gripped(mass):
    simulation = ArmSimulation(cube_scene(mass))
    reach = (0.0, 0.72, -0.38, 0.0, 1.2, 0.0)
    simulation.reset(reach, opening=1.0)
    x, _, z = simulation.grasp_pose[:3, 3]
    cube = simulation.model.body("cube")
    place = simulation.model.joint(cube.jntadr[0]).qposadr[0]
    simulation.data.qpos[place : place + 3] = (x, 0.0, 0.015)
    simulation.set_target(reach, 0.0)
    simulation.advance(0.6)
    lifted = (0.0, 0.0, -0.38, 0.0, 1.2, 0.0)
    simulation.set_target(lifted, 0.0)
    simulation.advance(2.0)
    grasp = simulation.grasp_pose[:3, 3]
    assert grasp[2] > z + 0.05
    held = simulation.data.body("cube").xpos.copy()
    assert held == pytest.approx(grasp, abs=0.03)
    simulation.advance(10.0)
    assert simulation.data.body("cube").xpos == pytest.approx(held, abs=0.005)
    assert simulation.joint_state(0.0).grip < -0.2
    simulation.set_target(lifted, 1.0)
    simulation.advance(1.0)
    assert simulation.data.body("cube").xpos[2] < 0.05


def test_the_same_targets_give_the_same_motion():
    tracks = []
    for _ in range(2):
        simulation = ArmSimulation(cube_scene(0.05))
        simulation.set_target((0.4, 0.6, -0.3, 0.1, 1.2, 0.2), 0.0)
        simulation.advance(1.5)
        tracks.append(simulation.data.qpos.copy())
    assert (tracks[0] == tracks[1]).all()


def test_a_scene_that_mujoco_refuses_is_named():
    scene = mujoco.MjSpec()
    scene.modelname = "broken"
    scene.worldbody.add_body(name="cube").add_freejoint()
    with pytest.raises(CairnError, match="MuJoCo refuses the scene broken"):
        ArmSimulation(scene)
