"""A small yard in the real simulator, quick to build, and a policy that a test can predict."""

from cairn.hardware.sim.simulation import Simulation  # isort: skip  chooses the OpenGL backend
import mujoco
import pytest

from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World

# 30 x 20 m, split by a wall with one gap at the north end.
YARD = """
<mujoco>
  <asset>
    <texture name="ground" type="2d" builtin="checker" rgb1=".4 .5 .3" rgb2=".5 .6 .4" width="9" height="9"/>
    <texture name="brick" type="2d" builtin="checker" rgb1=".7 .3 .2" rgb2=".5 .2 .1" width="64" height="64"/>
    <material name="ground" texture="ground" texrepeat="30 20"/>
    <material name="brick" texture="brick" texrepeat="20 4"/>
  </asset>
  <worldbody>
    <light directional="true" pos="0 0 20" dir="-.3 .2 -1" diffuse=".8 .8 .8"/>
    <geom name="ground" type="plane" pos="15 10 0" size="15.2 10.2 .1" material="ground"/>
    <geom name="south" type="box" pos="15 0 1" size="15 .2 1" material="brick"/>
    <geom name="north" type="box" pos="15 20 1" size="15 .2 1" material="brick"/>
    <geom name="west" type="box" pos="0 10 1" size=".2 10 1" material="brick"/>
    <geom name="east" type="box" pos="30 10 1" size=".2 10 1" material="brick"/>
    <geom name="divider" type="box" pos="15 8 1" size=".3 8 1" material="brick"/>
    <geom name="red" type="box" pos="24 5 .8" size="1 1 .8" rgba=".9 .1 .1 1"/>
    <geom name="blue" type="box" pos="6 14 .8" size="1 1 .8" rgba=".1 .1 .9 1"/>
    <geom name="yellow" type="cylinder" pos="22 14 .8" size=".7 .8" rgba=".9 .9 .1 1"/>
  </worldbody>
</mujoco>
"""


@pytest.fixture
def yard():
    """The simulated yard with a small, clean camera."""
    world = World("yard", "file", 0, mujoco.MjSpec.from_string(YARD), (0.0, 0.0, 30.0, 20.0), Conditions())
    settings = SimulationSettings(CameraSettings(width=96, height=72, noise=0.0, auto_exposure=False))
    simulation = Simulation(world, settings, seed=1)
    yield simulation
    simulation.close()


@pytest.fixture(scope="session")
def yard_file(tmp_path_factory):
    """The yard as an MJCF file with both poses prescribed: the goal is 4 m ahead."""
    sites = '<site name="start" pos="3 3 0"/><site name="goal" pos="7 3 0"/></worldbody>'
    path = tmp_path_factory.mktemp("worlds") / "yard.xml"
    path.write_text(YARD.replace("</worldbody>", sites))
    return path


@pytest.fixture(scope="session")
def untrained_bundle(tmp_path_factory):
    """A real bundle of a small RECON model that has learned nothing."""
    torch = pytest.importorskip("torch")
    from cairn.policies.cylindrical_view import CylindricalView
    from cairn.policies.recon.bundle import write_recon_bundle
    from cairn.policies.recon.model import LatentGoalModel
    from cairn.policies.recon.settings import ModelSettings

    torch.manual_seed(0)
    settings = ModelSettings(image_height=32, image_width=64, channels=32, descriptor_size=16, latent_size=8)
    directory = tmp_path_factory.mktemp("bundles") / "untrained"
    write_recon_bundle(
        LatentGoalModel(settings),
        directory,
        view=CylindricalView(64, 32, 110.0),
        data=["none"],
        seed=0,
        command="pytest",
        metrics={"loss": 1.0},
        parameters={"match_threshold": 0.999},
        card="# Untrained\n",
    )
    return directory
