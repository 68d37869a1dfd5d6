"""Every kind, twice: the worlds are made once and asked many questions."""

import hashlib
from functools import cache

import mujoco
import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.free_space import FreeSpace
from cairn.hardware.sim.worlds.generate import KINDS, generate_world
from cairn.hardware.sim.worlds.geometry import Rect, disc, footprint
from cairn.hardware.sim.worlds.world import World

SEED = 1003
FOGGY = Conditions(sky="twilight", sun_azimuth=10, sun_elevation=5, fog=0.4)
MOVED = Conditions(moved_obstacles=True, obstacle_seed=5)
MOVABLE = ("car_", "cone_", "bin_", "barrel_")


# Worlds are made afresh below, which takes long where many processes share the cores.
pytestmark = pytest.mark.timeout(400)


@cache
def world_of(kind: str, seed: int = SEED, conditions: Conditions | None = None) -> World:
    return generate_world(kind, seed, conditions)


@cache
def model_of(kind: str, seed: int = SEED, conditions: Conditions | None = None) -> mujoco.MjModel:
    return world_of(kind, seed, conditions).spec.compile()


def fingerprint(model: mujoco.MjModel) -> str:
    """Of everything in the compiled world: geometry, meshes, textures, lights."""
    buffer = np.empty(mujoco.mj_sizeModel(model), np.uint8)
    mujoco.mj_saveModel(model, None, buffer)
    return hashlib.sha256(buffer.tobytes()).hexdigest()


def solids(model: mujoco.MjModel, movable: bool = True) -> dict[str, tuple]:
    """Position, size and orientation of what collides, by name."""
    return {
        model.geom(g).name: (*model.geom_pos[g], *model.geom_size[g], *model.geom_quat[g])
        for g in range(model.ngeom)
        if model.geom_contype[g] and (movable or not model.geom(g).name.startswith(MOVABLE))
    }


def occupancy(model: mujoco.MjModel, bounds: tuple[float, float, float, float]) -> FreeSpace:
    """Rasterised from the compiled geoms, not from the generator's own book-keeping."""
    space = FreeSpace(Rect(*bounds))
    for g in range(model.ngeom):
        if not model.geom_contype[g] or model.geom(g).name == "ground":
            continue
        (x, y, _), size, q = model.geom_pos[g], model.geom_size[g], model.geom_quat[g]
        if model.geom_type[g] == mujoco.mjtGeom.mjGEOM_BOX:
            if 2 * size[2] > 0.04:
                space.block(footprint(x, y, 2 * size[0], 2 * size[1], 2 * np.arctan2(q[3], q[0])))
        else:
            space.block(disc(x, y, size[0]))
    return space


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_is_60_to_120_m_across_and_named(self, kind):
        world = world_of(kind)
        x0, y0, x1, y1 = world.bounds
        assert 60 <= x1 - x0 <= 120
        assert 60 <= y1 - y0 <= 120
        assert world.name == f"{kind}-1003"

    def test_is_the_same_to_the_last_texel_when_made_again(self, kind):
        again = generate_world(kind, SEED).spec.compile()
        assert fingerprint(again) == fingerprint(model_of(kind))

    def test_free_space_is_connected_and_enclosed(self, kind):
        space = occupancy(model_of(kind, SEED, MOVED), world_of(kind, SEED, MOVED).bounds)
        assert space.connected_share() >= 0.9
        assert 0.25 < space.main_region().mean() < 0.7
        rim = space.blocked[3:-3, [1, -2]].mean() + space.blocked[[1, -2], 3:-3].mean()
        assert rim > 1.99, "the fence around the world has holes"

    def test_weather_leaves_the_solids_as_they_are(self, kind):
        foggy = model_of(kind, SEED, FOGGY)
        assert solids(foggy) == solids(model_of(kind))
        assert fingerprint(foggy) != fingerprint(model_of(kind))

    def test_moved_obstacles_move_only_what_is_movable(self, kind):
        moved, home = model_of(kind, SEED, MOVED), model_of(kind)
        assert solids(moved, movable=False) == solids(home, movable=False)
        assert solids(moved) != solids(home)

    def test_is_cheap_to_draw_and_to_touch(self, kind):
        model = model_of(kind)
        seen = model.geom_group == 0
        assert 2 <= seen.sum() <= 12
        assert not model.geom_contype[seen].any()
        assert model.ngeom < 500
        assert model.nmeshface < 40_000
        assert not model.light_castshadow.any()
        assert model.vis.quality.offsamples == 0

    def test_solids_have_telling_names(self, kind):
        names = set(solids(model_of(kind)))
        assert "ground" in names
        prefixes = {name.rsplit("_", 1)[0] for name in names - {"ground"}}
        assert prefixes & {"fence", "hedge", "wall"}
        assert len(prefixes) >= 6


def test_other_seeds_give_other_worlds():
    assert solids(model_of("plaza")) != solids(model_of("plaza", SEED + 1))


def test_ground_leaves_friction_to_the_wheels():
    ground = model_of("plaza").geom("ground")
    assert ground.priority[0] == 0
    assert ground.friction.tolist() == [1.0, 0.005, 0.0001]
    assert ground.type[0] == mujoco.mjtGeom.mjGEOM_PLANE


def test_another_model_can_be_attached():
    world = generate_world("car_park", SEED)
    robot = mujoco.MjSpec.from_string(
        "<mujoco><worldbody><body name='base'><freejoint/><geom size='.2'/></body></worldbody></mujoco>"
    )
    world.spec.attach(robot, prefix="robot/", frame=world.spec.worldbody.add_frame())
    assert world.spec.compile().body("robot/base").id > 0


def test_unknown_kinds_and_bad_seeds_are_refused():
    with pytest.raises(
        CairnError, match="suburb, campus, park, car_park, industrial_yard, plaza, got 'city'"
    ):
        generate_world("city", 1)
    with pytest.raises(CairnError, match="0 or more, got -1"):
        generate_world("plaza", -1)
