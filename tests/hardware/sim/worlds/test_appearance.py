"""What a camera sees; skipped where there is no OpenGL."""

import mujoco
import numpy as np
import pytest

from cairn.hardware.sim.truth_map import TruthMap
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.generate import generate_world
from cairn.hardware.sim.worlds.textures.sky import fog_colour

pytestmark = pytest.mark.timeout(400)


def render(kind: str, seed: int, conditions: Conditions) -> list[np.ndarray]:
    """Four views from a wide place at the height of a small robot's camera."""
    world = generate_world(kind, seed, conditions)
    spec = world.spec
    body = spec.worldbody.add_body(name="eye", mocap=True)
    for k in range(4):
        c, s = np.cos(k * np.pi / 2), np.sin(k * np.pi / 2)
        body.add_camera(name=f"view_{k}", xyaxes=[s, -c, 0, 0, 0, 1], fovy=100)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    truth = TruthMap(model, data, world.bounds)
    widest = np.unravel_index(np.argmax(truth.clearance * truth.free), truth.free.shape)
    data.mocap_pos[0] = (*truth.grid.centres(*widest), 0.9)
    mujoco.mj_forward(model, data)
    try:
        renderer = mujoco.Renderer(model, 60, 80)
    except Exception as error:  # The backends raise their own types.
        pytest.skip(f"no OpenGL: {error}")
    with renderer:
        renderer.scene.flags[mujoco.mjtRndFlag.mjRND_FOG] = True
        images = []
        for k in range(4):
            renderer.update_scene(data, f"view_{k}")
            images.append(renderer.render().astype(float))
    return images


def test_views_differ_by_heading_and_by_light():
    clear = render("plaza", 1001, Conditions())
    dusk = render("plaza", 1001, Conditions(sky="twilight", sun_elevation=5))
    fog = render("plaza", 1001, Conditions(fog=0.9))
    for a in range(4):
        assert clear[a].std() > 25, "a view without contrast"
        for b in range(a):
            assert np.abs(clear[a] - clear[b]).mean() > 12
    assert np.mean(dusk) < 0.75 * np.mean(clear)
    # Just above the horizon, where things are far away, fog draws everything towards its own colour.
    haze = np.array(fog_colour(Conditions())) * 255
    veil = [np.mean([np.abs(view[18:30] - haze).mean() for view in views]) for views in (clear, fog)]
    assert veil[1] < 0.9 * veil[0]
