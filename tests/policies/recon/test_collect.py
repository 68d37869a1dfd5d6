"""Collection in the real simulator: what a frame says is what was there."""

import cairn.hardware.sim.simulation  # noqa: F401  # isort: skip  chooses the OpenGL backend
import mujoco
import numpy as np
import pytest

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World
from cairn.policies.recon import collect
from cairn.policies.recon.collect import CollectSettings, beam_bearings, collect_worlds, world_file
from cairn.policies.recon.dataset import WorldFrames

# A kerb 12 cm high crosses the field south of its middle: it stops the robot and hides nothing.
FIELD = """
<mujoco><worldbody><light pos="0 0 20"/>
  <geom name="ground" type="plane" size="30 30 1" rgba=".3 .4 .3 1"/>
  <geom name="south" type="box" pos="0 -6 1" size="6 .2 1" rgba=".6 .3 .2 1"/>
  <geom name="north" type="box" pos="0 6 1" size="6 .2 1" rgba=".2 .3 .6 1"/>
  <geom name="west" type="box" pos="-6 0 1" size=".2 6 1" rgba=".6 .6 .2 1"/>
  <geom name="east" type="box" pos="6 0 1" size=".2 6 1" rgba=".6 .2 .6 1"/>
  <geom name="kerb" type="box" pos="0 -4 .06" size="6 .1 .06" rgba=".7 .7 .7 1"/>
</worldbody></mujoco>
"""
SETTINGS = CollectSettings(sessions=2, steps=12, strays=5, spread=6.0)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    def field(kind, seed, conditions):
        bounds = (-6.0, -6.0, 6.0, 6.0)
        return World("field", "file", seed, mujoco.MjSpec.from_string(FIELD), bounds, Conditions())

    directory = tmp_path_factory.mktemp("worlds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cairn.hardware.sim.worlds.generate.generate_world", field)
        seed, count = collect._collect_world((3, directory, SETTINGS))
    assert seed == 3
    assert [file.name for file in directory.iterdir()] == ["world_0003.npz"]
    loaded = WorldFrames.load(world_file(directory, 3))
    assert len(loaded.image) == count
    return loaded


def test_sessions_hold_a_drive_and_single_views_after_it(frames):
    for session in (0, 1):
        steps = frames.step[frames.session == session]
        assert steps[:12].tolist() == list(range(12))
        assert (steps[12:] == -1).all()
        assert 1 <= len(steps[12:]) <= 5
    assert frames.image.shape[1:] == (64, 128, 3)


def test_the_pose_moves_as_the_twist_says(frames):
    drive = np.flatnonzero(frames.session == 0)[:12]
    forward = frames.twist[drive[:-1], 0] > 0.3
    moved = np.diff(frames.pose[drive], axis=0)
    along = moved[:, 0] * np.cos(frames.pose[drive[:-1], 2]) + moved[:, 1] * np.sin(
        frames.pose[drive[:-1], 2]
    )
    turned = (moved[:, 2] + np.pi) % (2 * np.pi) - np.pi
    assert (along[forward][1:] > 0).all()
    assert np.abs(along).max() < 0.35
    turning = frames.twist[drive[:-1], 1]
    if np.abs(turning).max() > 0.2:
        assert np.corrcoef(turning[:-1], turned[1:])[0, 1] > 0


def test_lidar_and_clearance_are_of_the_pose_of_the_frame(frames):
    for pose, lidar, clearance in zip(frames.pose, frames.lidar, frames.clearance, strict=True):
        x, y, yaw = pose.astype(float)
        angles = yaw + beam_bearings()
        with np.errstate(divide="ignore"):
            to_walls = np.minimum(
                np.where(np.cos(angles) > 0, 5.8 - x, -5.8 - x) / np.cos(angles),
                np.where(np.sin(angles) > 0, 5.8 - y, -5.8 - y) / np.sin(angles),
            )
            side = -3.9 - y if y > -3.9 else -4.1 - y
            to_kerb = np.where(np.sin(angles) * side > 0, side / np.sin(angles), np.inf)
        assert lidar == pytest.approx(to_walls, abs=0.05)
        assert clearance == pytest.approx(np.minimum(to_walls, to_kerb), abs=0.05)


def test_what_is_there_is_not_collected_again(tmp_path):
    world_file(tmp_path, 7).touch()
    assert list(collect_worlds([7], tmp_path, SETTINGS, jobs=1)) == []


def test_the_robot_starts_near_the_first_sessions_place(frames):
    first, second = (frames.pose[frames.session == s][0, :2] for s in (0, 1))
    assert np.hypot(*(first - second)) < 2 * SETTINGS.spread
