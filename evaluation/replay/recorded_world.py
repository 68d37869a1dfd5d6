"""The world that a bag was recorded in, as its simulator's parameters say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.scenario import Scenario
from cairn.evaluation.task import draw_task
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.sim.worlds.generate import KINDS, generate_world
from cairn.hardware.sim.worlds.open_ground import open_ground
from cairn.hardware.sim.worlds.world_file import load_world, site_pose
from cairn.navigation.pose import Pose

OPEN_GROUND = "open"
"""Name of a world of bare level ground."""


@dataclass(frozen=True)
class RecordedWorld:
    """What of a simulator's parameters decides how its robot moves.

    The camera is part of it: where the robot starts is drawn together with a photo that must show something.

    Attributes:
        world: kind of generated world, an MJCF file, "open", or empty: the seed's kind.
        speed: simulated seconds a second, 0 for as fast as possible.
    """

    world: str = ""
    seed: int = 0
    conditions: str = "varied"
    odometry_noise: float = 1.0
    speed: float = 1.0
    camera_width: int = 320
    camera_height: int = 240
    camera_fov: float = 120.0
    camera_x: float = 0.2
    camera_y: float = 0.0
    camera_z: float = 0.6
    camera_pitch: float = 0.0
    camera_noise: float = 2.0

    @classmethod
    def of(cls, reader: BagReader, namespace: str = "") -> RecordedWorld | None:
        """From the parameters that the recorder kept of the simulator; None for a bag without a simulator.

        Raises CairnError when they can't be read.
        """
        name = f"parameters{namespace.rstrip('/')}/sim.yaml"
        found = [attachment for attachment in reader.attachments if attachment.name == name]
        if not found:
            return None
        try:
            [parameters] = yaml.safe_load(found[0].data).values()
            given = parameters["ros__parameters"]
            kinds: dict[str, Any] = {field.name: type(field.default) for field in fields(cls)}
            return cls(**{key: kind(given[key]) for key, kind in kinds.items()})
        except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise CairnError(f"the bag's {name} are no parameters of a simulator: {error!r}") from error

    @property
    def kind(self) -> str:
        """The world's kind or file."""
        return self.world or Scenario(self.seed).kind

    def open(self) -> Simulation:
        """The simulation; the caller closes it.  Raises CairnError for a world that can't be had."""
        conditions = Scenario(self.seed, self.conditions).first_conditions
        if self.kind == OPEN_GROUND:
            world = open_ground()
        elif self.kind in KINDS:
            world = generate_world(self.kind, self.seed, conditions)
        elif Path(self.kind).suffix:
            world = load_world(self.kind)
        else:
            raise CairnError(
                f"a world must be one of {', '.join(KINDS)}, {OPEN_GROUND}, or an MJCF file; "
                f"got {self.kind!r}"
            )
        camera = CameraSettings(
            width=self.camera_width,
            height=self.camera_height,
            horizontal_fov=self.camera_fov,
            position=(self.camera_x, self.camera_y, self.camera_z),
            pitch=self.camera_pitch,
            noise=self.camera_noise,
        )
        return Simulation(world, SimulationSettings(camera, odometry_noise=self.odometry_noise), self.seed)

    def start(self, simulation: Simulation) -> Pose:
        """Where the simulator puts the robot: the world's site, else drawn by seed."""
        if self.kind == OPEN_GROUND:
            return Pose()
        site = site_pose(simulation.model, "start")
        return Pose(*site) if site else draw_task(simulation, self.seed).start
