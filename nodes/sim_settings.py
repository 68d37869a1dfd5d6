"""What the simulator can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cairn.hardware.errors import CairnError
from cairn.hardware.setting import check_settings, setting
from cairn.nodes.single_instance import DISCOVERY_TIME

if TYPE_CHECKING:  # importing the simulator asks for OpenGL: only who opens a world needs that
    from cairn.evaluation.task import SearchTask
    from cairn.hardware.sim.simulation import Simulation
    from cairn.hardware.sim.worlds.world import World


@dataclass(frozen=True)
class SimSettings:
    """World, robot and pace.  Raises InvalidSetting; only the pace can be changed while it runs."""

    world: str = setting("kind of generated world, or an MJCF file; empty: the seed's kind", "", fixed=True)
    seed: int = setting(
        "of the world, its light and the search task in it", 1500, minimum=0, maximum=2999, fixed=True
    )
    conditions: str = setting(
        'light and weather, for example "twilight,fog=0.3,moved"; "varied": drawn by seed',
        "varied",
        fixed=True,
    )
    speed: float = setting(
        "simulated seconds a second; 0: as fast as possible", 1.0, minimum=0.0, maximum=100.0
    )
    lockstep: float = setting(
        "how far the world may run ahead of the last image that explore decided on [s]; 0: it never waits",
        0.0,
        minimum=0.0,
        maximum=10.0,
    )
    patience: float = setting(
        "real time to wait for a decision before going on without [s]", 5.0, minimum=0.1, maximum=60.0
    )
    camera_width: int = setting("image width [pixels]", 480, minimum=32, maximum=1920, fixed=True)
    camera_height: int = setting("image height [pixels]", 360, minimum=24, maximum=1080, fixed=True)
    camera_fov: float = setting(
        "horizontal field of view [degrees]", 120.0, minimum=20.0, maximum=150.0, fixed=True
    )
    camera_rate: float = setting("images per simulated second", 4.0, minimum=0.5, maximum=30.0, fixed=True)
    camera_x: float = setting("camera ahead of base_link [m]", 0.2, minimum=-0.5, maximum=0.5, fixed=True)
    camera_y: float = setting("camera left of base_link [m]", 0.0, minimum=-0.5, maximum=0.5, fixed=True)
    camera_z: float = setting("camera above the ground [m]", 0.6, minimum=0.1, maximum=2.0, fixed=True)
    camera_pitch: float = setting("looking down [rad]", 0.0, minimum=-1.2, maximum=1.2, fixed=True)
    camera_latency: float = setting(
        "from mid-exposure to delivery [s]", 0.05, minimum=0.0, maximum=1.0, fixed=True
    )
    camera_noise: float = setting(
        "read noise, standard deviation [grey levels]", 2.0, minimum=0.0, maximum=50.0, fixed=True
    )
    odometry_noise: float = setting(
        "scales drift; 1: about 1 % of distance and a degree a minute",
        1.0,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    discovery_time: float = setting(
        "how long to look for another source of the clock at start, before time passes [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    command_type: str = setting(
        "message of the command topic", "twist_stamped", choices=("twist", "twist_stamped"), fixed=True
    )

    def __post_init__(self) -> None:
        check_settings(self)

    def open(self) -> Simulation:
        """The simulated world with the robot in it; the caller closes it.

        Raises CairnError for an unknown kind, a file that MuJoCo refuses, bad conditions, and where
        nothing can be drawn.
        """
        from cairn.hardware.sim.camera_settings import CameraSettings
        from cairn.hardware.sim.simulation import Simulation
        from cairn.hardware.sim.simulation_settings import SimulationSettings

        camera = CameraSettings(
            width=self.camera_width,
            height=self.camera_height,
            horizontal_fov=self.camera_fov,
            position=(self.camera_x, self.camera_y, self.camera_z),
            pitch=self.camera_pitch,
            latency=self.camera_latency,
            noise=self.camera_noise,
        )
        settings = SimulationSettings(camera, self.camera_rate, odometry_noise=self.odometry_noise)
        world = self._world()
        try:
            return Simulation(world, settings, seed=self.seed)
        except CairnError:
            raise
        except Exception as error:  # the OpenGL backends raise whatever their libraries do
            raise CairnError(
                f"the camera's picture can't be drawn off-screen ({error}); on Debian or Ubuntu: "
                "apt-get install libegl1 libgl1-mesa-dri"
            ) from error

    def task(self, simulation: Simulation) -> SearchTask:
        """Where the robot starts and which photo it is to find: the world's sites, else drawn by seed."""
        from cairn.evaluation.task import draw_task
        from cairn.hardware.sim.worlds.world_file import site_pose
        from cairn.navigation.pose import Pose

        sites = [site_pose(simulation.model, name) for name in ("start", "goal")]
        start, goal = (None if site is None else Pose(*site) for site in sites)
        return draw_task(simulation, self.seed, start, goal)

    def _world(self) -> World:
        from cairn.evaluation.scenario import Scenario
        from cairn.hardware.sim.worlds.generate import KINDS, generate_world
        from cairn.hardware.sim.worlds.world_file import load_world

        scenario = Scenario(self.seed, self.conditions)
        kind = self.world or scenario.kind
        if kind in KINDS:
            return generate_world(kind, self.seed, scenario.first_conditions)
        if not Path(kind).suffix:
            raise CairnError(f"a world must be one of {', '.join(KINDS)}, or an MJCF file; got {kind!r}")
        return load_world(kind)
