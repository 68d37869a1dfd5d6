import pytest

from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World

import mujoco  # isort: skip  # after cairn.hardware.sim has chosen the OpenGL backend


def walled_field(extra: str = "", half: float = 10.0) -> World:
    """A square field in a wall, with whatever MJCF geoms are given."""
    walls = "".join(
        f'<geom name="wall_{i}" type="box" pos="{x} {y} 1" size="{sx} {sy} 1" rgba=".6 .3 .2 1"/>'
        for i, (x, y, sx, sy) in enumerate(
            ((half, 0, 0.2, half), (-half, 0, 0.2, half), (0, half, half, 0.2), (0, -half, half, 0.2))
        )
    )
    spec = mujoco.MjSpec.from_string(
        f"""<mujoco><worldbody><light pos="0 0 20"/>
        <geom name="ground" type="plane" size="50 50 1" rgba=".3 .4 .3 1"/>
        {walls}{extra}</worldbody></mujoco>"""
    )
    return World("field", "file", 0, spec, (-half, -half, half, half), Conditions())


@pytest.fixture
def field():
    simulation = Simulation(walled_field(), seed=3)
    yield simulation
    simulation.close()


@pytest.fixture
def make_simulation():
    """Simulations of a field with extra geoms, closed after the test."""
    opened = []

    def make(extra: str = "", settings=None, seed: int = 3) -> Simulation:
        opened.append(Simulation(walled_field(extra), settings, seed))
        return opened[-1]

    yield make
    for simulation in opened:
        simulation.close()
