"""From a domain, a task and a seed to a kitchen."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.kitchens.distractors import add_distractors
from cairn.hardware.sim.kitchens.domain import Domain
from cairn.hardware.sim.kitchens.domains import domain_named
from cairn.hardware.sim.kitchens.kitchen import SEEDS, Kitchen
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder, NoRoom
from cairn.hardware.sim.kitchens.kitchen_camera import (
    C920,
    SHOULDER,
    WRIST,
    WRIST_LENS,
    KitchenCamera,
    looking_at,
)
from cairn.hardware.sim.kitchens.surroundings import add_surroundings
from cairn.hardware.sim.kitchens.tasks import task_named

SESSION = 10
"""Seeds in a row that the camera stands still for, as in Bridge Data, where it was moved now and then."""
_START = (0.28, 0.0, 0.16, 0.0, 0.0, 0.0, 1.0)
_ATTEMPTS = 20


def make_kitchen(domain: str, task: str, seed: int) -> Kitchen:
    """Equal arguments give equal kitchens.

    Raises CairnError for names that do not exist and seeds outside of 0 to 2999: others are never run.
    """
    look, work = domain_named(domain), task_named(task)
    if seed not in SEEDS:
        raise CairnError(f"a kitchen's seed must lie in 0 to {SEEDS[-1]}, got {seed}")
    for attempt in range(_ATTEMPTS):
        builder = KitchenBuilder(look, task, seed, attempt)
        try:
            goal = work.furnish(builder)
        except NoRoom:
            continue
        add_distractors(builder)
        add_surroundings(builder)
        camera = _camera(look, seed // SESSION)
        _add_cameras(builder, camera)
        start = np.array(_START) + np.array([*builder.stream("start").uniform(-0.02, 0.02, 3), 0, 0, 0, 0])
        return Kitchen(
            domain,
            task,
            seed,
            builder.spec,
            work.instruction,
            goal,
            camera,
            builder.props,
            builder.starts,
            start,
        )
    raise CairnError(f"no room for {task} in {domain} with seed {seed}; try another seed")


def _camera(domain: Domain, session: int) -> KitchenCamera:
    rng = np.random.default_rng([0xCA, session])
    position = np.asarray(domain.camera) + rng.uniform(-0.025, 0.025, 3)
    gaze = np.asarray(domain.gaze) + np.array([*rng.uniform(-0.015, 0.015, 2), 0.0])
    return KitchenCamera(C920, looking_at(position, gaze))


def _add_cameras(builder: KitchenBuilder, camera: KitchenCamera) -> None:
    # MuJoCo's cameras look along -z, y up.
    turned = Rotation.from_matrix(camera.pose[:3, :3] * (1.0, -1.0, -1.0))
    shoulder = builder.spec.worldbody.add_camera(name=SHOULDER, pos=camera.pose[:3, 3].tolist())
    shoulder.quat = turned.as_quat(scalar_first=True).tolist()
    shoulder.fovy = camera.model.vertical_fov
    wrist = builder.spec.worldbody.add_camera(name=WRIST)
    wrist.fovy = WRIST_LENS.vertical_fov
