"""Worlds from files: bounds, poses, and files that are refused."""

from math import pi
from pathlib import Path

import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.worlds.world_file import load_world, site_pose
from cairn.hardware.twist import Twist

YARD = """
<mujoco model="yard">
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1"/>
    <geom name="crate" type="box" pos="0 3 1" size="4 .5 1"/>
    <geom type="box" pos="-8 5 1" size="1 1 1"/>
    <site name="start" pos="-1 -2 0" euler="0 0 90"/>
    <site name="post" pos="1 0 0" euler="0 90 0"/>
  </worldbody>
  <keyframe><key name="home" time="0"/></keyframe>
</mujoco>"""


def write(folder: Path, text: str) -> Path:
    path = folder / "yard.xml"
    path.write_text(text)
    return path


def test_a_robot_drives_in_it_and_hits_what_stands_there(tmp_path: Path) -> None:
    world = load_world(write(tmp_path, YARD))
    assert (world.name, world.kind) == ("yard", "file")
    assert world.bounds == (-11.0, 0.5, 6.0, 8.0)
    simulation = Simulation(world)
    try:
        start = site_pose(simulation.model, "start")
        assert start == pytest.approx((-1.0, -2.0, pi / 2))
        simulation.reset(start)
        for _ in range(36):
            simulation.advance(Twist(0.8, 0.0), 0.2)
        assert simulation.sense().collision.obstacle == "crate"
        assert simulation.pose[1] == pytest.approx(2.25, abs=0.1)
        assert site_pose(simulation.model, "goal") is None
        with pytest.raises(CairnError, match="'post' must be the heading, but it points up or down"):
            site_pose(simulation.model, "post")
    finally:
        simulation.close()


def test_an_empty_plain_is_bounded(tmp_path: Path) -> None:
    plain = '<mujoco><worldbody><geom type="plane" size="0 0 1"/></worldbody></mujoco>'
    assert load_world(write(tmp_path, plain)).bounds == (-40.0, -40.0, 40.0, 40.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "MuJoCo refuses the world .*empty file"),
        ("no world", "MuJoCo refuses the world .*yard.xml"),
        ('<mujoco><worldbody><geom size="-1"/></worldbody></mujoco>', "size 0 must be positive"),
        ('<mujoco><worldbody><geom type="mesh" mesh="x"/></worldbody></mujoco>', "mesh 'x' not found"),
        ('<mujoco><worldbody><geom size="1"/></worldbody></mujoco>', "must have solid ground"),
        (
            '<mujoco><worldbody><geom type="plane" size="900 9 1"/></worldbody></mujoco>',
            r"within 500 m of its origin, got x, y from \[-902.0, -11.0\]",
        ),
    ],
)
def test_what_is_no_world_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CairnError, match=message):
        load_world(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CairnError, match=r"must be an MJCF file, but there is none at .*nowhere\.xml"):
        load_world(tmp_path / "nowhere.xml")
