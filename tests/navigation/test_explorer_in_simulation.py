"""One search and one return in the real simulator, with a policy that knows the truth."""

from cairn.hardware.sim.simulation import Simulation  # isort: skip  chooses the OpenGL backend
import mujoco
import pytest
from perfect_policy import PerfectPolicy

from cairn.evaluation.episode_runner import Verdict, run_search
from cairn.evaluation.task import draw_task
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World
from cairn.navigation.explorer import Explorer
from cairn.navigation.pose import Pose

# 16 x 10 m; a wall hides the east from the west but for 3.5 m at its north end.
FIELD = """
<mujoco><worldbody><light pos="8 5 20"/>
  <geom name="ground" type="plane" size="30 30 1" rgba=".3 .4 .3 1"/>
  <geom name="south" type="box" pos="8 0 1" size="8 .2 1" rgba=".6 .3 .2 1"/>
  <geom name="north" type="box" pos="8 10 1" size="8 .2 1" rgba=".2 .3 .6 1"/>
  <geom name="west" type="box" pos="0 5 1" size=".2 5 1" rgba=".6 .6 .2 1"/>
  <geom name="east" type="box" pos="16 5 1" size=".2 5 1" rgba=".6 .2 .6 1"/>
  <geom name="divider" type="box" pos="8 3.2 1" size=".2 3.2 1" rgba=".7 .7 .7 1"/>
</worldbody></mujoco>
"""


@pytest.fixture
def field():
    world = World("field", "file", 0, mujoco.MjSpec.from_string(FIELD), (0.0, 0.0, 16.0, 10.0), Conditions())
    camera = CameraSettings(width=64, height=48, noise=0.0, auto_exposure=False)
    simulation = Simulation(world, SimulationSettings(camera), seed=1)
    yield simulation
    simulation.close()


def test_it_finds_the_goal_and_comes_straight_back_to_it(field):
    task = draw_task(field, 0, Pose(3, 3, 0), Pose(12, 3, 0))
    explorer = Explorer(PerfectPolicy(field, [(task.goal_image, task.goal)]))
    field.reset(task.start)
    explorer.begin(task.goal_image)
    first = run_search(explorer, field, task, 180.0)
    assert first.verdict is Verdict.REACHED, first.reason
    assert first.collisions <= 1
    assert len(explorer.graph) >= 8
    field.reset(task.start)
    explorer.begin(task.goal_image, known_start=True)
    second = run_search(explorer, field, task, 90.0, epoch=first.seconds + 30)
    assert second.verdict is Verdict.REACHED, second.reason
    assert second.seconds < first.seconds
    assert second.driven < 1.6 * 14.5  # metres from one side of the wall to the other
