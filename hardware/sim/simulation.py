"""A Jackal in a world, stepped without ROS."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, hypot, pi, sin

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.hardware.sim.collision_state import CollisionState
from cairn.hardware.sim.drifting_odometry import DriftingOdometry
from cairn.hardware.sim.exposure import Exposure
from cairn.hardware.sim.jackal_model import EFFECTIVE_TRACK, LENGTH, PREFIX, WHEEL_RADIUS, jackal_spec
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.sim.truth_map import TruthMap
from cairn.hardware.sim.worlds.world import World
from cairn.hardware.twist import Twist

TIMESTEP = 0.004
_STRIDE = 5  # steps of physics between two looks at contacts and wheels
_STUCK_AFTER = 2.0
_CLOSE = 0.15


@dataclass(frozen=True)
class SimObservation:
    """What the robot's sensors say at one control step; `stamp` is the image's mid-exposure [s]."""

    image: NDArray[np.uint8]
    odometry: Odometry
    stamp: float
    collision: CollisionState


class Simulation:
    """One world, one robot, lock-step: `step` advances one control period and returns the newest sensors.

    Deterministic for the same world, settings, seed and commands on one machine.
    """

    def __init__(self, world: World, settings: SimulationSettings | None = None, seed: int = 0) -> None:
        self.world = world
        self.settings = settings or SimulationSettings()
        self._seed = seed
        camera = self.settings.camera
        spec = world.spec.copy()
        spec.option.timestep = TIMESTEP
        # Stiff wheel motors need the implicit integrator; the explicit one makes the robot hop.
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        spec.visual.global_.offwidth = max(camera.width, spec.visual.global_.offwidth)
        spec.visual.global_.offheight = max(camera.height, spec.visual.global_.offheight)
        robot = jackal_spec(camera.position, camera.pitch, camera.model.vertical_fov)
        spec.attach(robot, prefix=PREFIX, frame=spec.worldbody.add_frame())
        try:
            self.model = spec.compile()
        except ValueError as error:
            raise CairnError(f"MuJoCo refuses the world {world.name}: {error}") from error
        self.data = mujoco.MjData(self.model)
        self._base = self.model.body(f"{PREFIX}base_link").id
        self._root = self.model.joint(f"{PREFIX}root").qposadr[0]
        self._velocity = self.model.joint(f"{PREFIX}root").dofadr[0]
        self._wheels = [self.model.actuator(f"{PREFIX}{side}").id for side in _ORDER]
        self._wheel_dofs = [self.model.joint(f"{PREFIX}{side}").dofadr[0] for side in _ORDER]
        self._is_robot = self.model.body_rootid[self.model.geom_bodyid] == self._base
        solid = (self.model.geom_contype != 0) | (self.model.geom_conaffinity != 0)
        self._is_obstacle = solid & ~self._is_robot & ~np.isin(self.model.geom_type, _GROUND_TYPES)
        # Worlds may draw one thing and collide with another: rays see groups that hold something solid.
        self._solid_groups = np.zeros(6, np.uint8)
        self._solid_groups[np.clip(self.model.geom_group[self._is_obstacle], 0, 5)] = 1
        self._unseen_group = int(np.argmin(self._solid_groups))
        # Wheels roll over low kerbs: touching one is no collision.
        mujoco.mj_forward(self.model, self.data)
        half = self.model.geom_aabb[:, 3:]
        height = np.einsum("gi,gi->g", np.abs(self.data.geom_xmat.reshape(-1, 3, 3)[:, 2]), half)
        self._is_obstacle &= self.data.geom_xpos[:, 2] + height > 0.05
        self._renderer: mujoco.Renderer | None = None
        self.reset((0.0, 0.0, 0.0))

    @cached_property
    def truth(self) -> TruthMap:
        data = mujoco.MjData(self.model)
        mujoco.mj_forward(self.model, data)
        return TruthMap(self.model, data, self.world.bounds)

    def reset(self, pose: tuple[float, float, float]) -> SimObservation:
        """Put the robot at a pose (x, y [m], yaw [rad]) at rest; time, odometry and counters start afresh."""
        mujoco.mj_resetData(self.model, self.data)
        self._exposure = Exposure(self.settings.camera, self._seed)
        self._odometry = DriftingOdometry(self._seed, self.settings.odometry_noise)
        self._sent = Twist()
        self.collisions = 0
        self.distance_travelled = 0.0
        self._touching = False
        self._touched = ""
        self._collision = CollisionState()
        self._track: deque[tuple[float, float, float, bool]] = deque()
        self._place(pose)
        return self._sense(self.data.time)

    def _place(self, pose: tuple[float, float, float]) -> None:
        x, y, yaw = pose
        self.data.qpos[self._root : self._root + 7] = (x, y, 0.002, cos(yaw / 2), 0, 0, sin(yaw / 2))
        mujoco.mj_forward(self.model, self.data)

    @property
    def time(self) -> float:
        return float(self.data.time)

    @property
    def pose(self) -> tuple[float, float, float]:
        """True x, y [m] and yaw [rad] of `base_link` in the world."""
        x, y, _, w, qx, qy, qz = self.data.qpos[self._root : self._root + 7]
        return float(x), float(y), atan2(2 * (w * qz + qx * qy), 1 - 2 * (qy * qy + qz * qz))

    @property
    def odometry(self) -> Odometry:
        """What the base says now, without taking a picture."""
        return self._odometry.read(self.time)

    @property
    def collision(self) -> CollisionState:
        """What touched the robot in the last slice of physics."""
        return self._collision

    def step(self, twist: Twist) -> SimObservation:
        """Drive at `twist` for one control period.  Raises CairnError for a twist that is not finite."""
        wanted = self.settings.limits.clamp(twist)
        period = 1 / self.settings.control_rate
        end = self.time + period
        exposed = end - self.settings.camera.latency
        self._advance(wanted, exposed)
        observation = self._sense(exposed)
        self._advance(wanted, end)
        return observation

    def advance(self, twist: Twist, duration: float) -> None:
        """Physics alone for `duration` seconds, for callers that pace the camera themselves.

        How the robot moves depends on when it is told what, not on the strides in which its time passes.
        """
        self._advance(self.settings.limits.clamp(twist), self.time + duration, ramp=1)

    def sense(self) -> SimObservation:
        """The sensors now."""
        return self._sense(self.time)

    def _advance(self, wanted: Twist, until: float, ramp: int = _STRIDE) -> None:
        """Let time pass in strides; the speed approaches what is wanted every `ramp` steps of physics."""
        while self.time < until - TIMESTEP / 2:
            count = min(_STRIDE, max(1, round((until - self.time) / TIMESTEP)))
            before = self.data.qpos[self._root : self._root + 2].copy()
            left = count
            while left:
                steps = left if self._sent == wanted else min(ramp, left)
                self._turn_wheels(wanted, steps)
                left -= steps
            moved = self.data.qpos[self._root : self._root + 2] - before
            self.distance_travelled += hypot(*moved)
            rim = float(self.data.qvel[self._wheel_dofs].mean()) * WHEEL_RADIUS
            self._odometry.advance(rim, float(self.data.qvel[self._velocity + 5]), count * TIMESTEP)
            self._watch()

    def _turn_wheels(self, wanted: Twist, steps: int) -> None:
        """So many steps of physics at a speed that is that much nearer to what is wanted."""
        limits = self.settings.limits
        change = steps * TIMESTEP * limits.linear_acceleration
        linear = self._sent.linear + float(np.clip(wanted.linear - self._sent.linear, -change, change))
        change = steps * TIMESTEP * limits.angular_acceleration
        angular = self._sent.angular + float(np.clip(wanted.angular - self._sent.angular, -change, change))
        self._sent = Twist(linear, angular)
        left = (linear - angular * EFFECTIVE_TRACK / 2) / WHEEL_RADIUS
        right = (linear + angular * EFFECTIVE_TRACK / 2) / WHEEL_RADIUS
        self.data.ctrl[self._wheels] = (left, left, right, right)
        mujoco.mj_step(self.model, self.data, steps)

    def _watch(self) -> None:
        """Update the collision state; counts an event when contact begins."""
        obstacle = self._touched_obstacle()
        x, y, yaw = self.pose
        if obstacle and not self._touching:
            self.collisions += 1
        # A contact that flickers while scraping along is one event: it ends half a second after the last.
        if obstacle:
            self._last_touch = self.time
        # A touch between two observations must not go unseen: it is kept until it was reported.
        self._touched = obstacle or self._touched
        self._touching = bool(obstacle) or (self._touching and self.time - self._last_touch < 0.5)
        moving = abs(self._sent.linear) > 0.1 or abs(self._sent.angular) > 0.2
        self._track.append((x, y, yaw, moving))
        span = round(_STUCK_AFTER / (_STRIDE * TIMESTEP))
        while len(self._track) > span:
            self._track.popleft()
        x0, y0, yaw0, _ = self._track[0]
        turned = abs((yaw - yaw0 + pi) % (2 * pi) - pi)
        stuck = (
            len(self._track) == span
            and all(entry[3] for entry in self._track)
            and hypot(x - x0, y - y0) < 0.05
            and turned < 0.1
        )
        xmin, ymin, xmax, ymax = self.world.bounds
        up = float(self.data.xmat[self._base, 8])
        self._collision = CollisionState(
            physical=bool(self._touched),
            close=self._is_close(x, y),
            stuck=stuck,
            flipped=up < 0.5,
            outside_geofence=not (xmin <= x <= xmax and ymin <= y <= ymax),
            obstacle=self._touched,
        )

    def _touched_obstacle(self) -> str:
        """Name of an obstacle in contact with the robot, empty for none."""
        contacts = self.data.contact
        first, second = contacts.geom1, contacts.geom2
        hits = (self._is_robot[first] & self._is_obstacle[second]) | (
            self._is_obstacle[first] & self._is_robot[second]
        )
        hits &= contacts.dist < 0.002
        if not hits.any():
            return ""
        index = int(np.argmax(hits))
        other = int(second[index] if self._is_robot[first[index]] else first[index])
        return self.model.geom(other).name or f"geom {other}"

    def _is_close(self, x: float, y: float) -> bool:
        row, column = self.truth.grid.cell(x, y)
        if not self.truth.grid.contains(row, column):
            return False
        return float(self.truth.clearance[row, column]) < LENGTH / 2 + _CLOSE

    def _sense(self, stamp: float) -> SimObservation:
        clean = self._render()
        image = self._exposure(clean, float(self.data.qvel[self._velocity + 5]))
        self._touched = ""
        return SimObservation(image, self._odometry.read(self.time), stamp, self._collision)

    def _render(self) -> NDArray[np.uint8]:
        if self._renderer is None:
            camera = self.settings.camera
            self._renderer = mujoco.Renderer(self.model, camera.height, camera.width)
            self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
            self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
            self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_FOG] = True
            self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_HAZE] = True
        self._renderer.update_scene(self.data, camera=f"{PREFIX}camera")
        image: NDArray[np.uint8] = self._renderer.render()
        return image

    def render_at(self, pose: tuple[float, float, float]) -> NDArray[np.uint8]:
        """What the camera would see from a pose with the robot at rest; the run goes on undisturbed."""
        state = np.empty(mujoco.mj_stateSize(self.model, mujoco.mjtState.mjSTATE_INTEGRATION))
        mujoco.mj_getState(self.model, self.data, state, mujoco.mjtState.mjSTATE_INTEGRATION)
        self._place(pose)
        image = Exposure(self.settings.camera, self._seed)(self._render(), 0.0)
        mujoco.mj_setState(self.model, self.data, state, mujoco.mjtState.mjSTATE_INTEGRATION)
        mujoco.mj_forward(self.model, self.data)
        return image

    def scan(
        self,
        bearings: NDArray[np.float64],
        limit: float,
        pose: tuple[float, float, float] | None = None,
        height: float = 0.35,
    ) -> NDArray[np.float32]:
        """Lidar ranges [m], shape (len(bearings),), capped at `limit`.

        `bearings` in `base_link` [rad]; `pose` where the robot is supposed to stand, by default where it
        does; `height` of the scanning plane [m].
        """
        x, y, yaw = pose or self.pose
        origin = np.array([x, y, height])
        angles = np.asarray(bearings) + yaw
        rays = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1).ravel()
        count, robot = len(angles), self._base
        geoms, distances = np.zeros(count, np.int32), np.zeros(count)
        # Low planes meet the robot's own wheels, bodies of their own: they must not hide what is behind.
        groups = self.model.geom_group[self._is_robot]
        self.model.geom_group[self._is_robot] = self._unseen_group
        world, hits = (self.model, self.data), (geoms, distances, None)
        mujoco.mj_multiRay(*world, origin, rays, self._solid_groups, True, robot, *hits, count, limit)
        self.model.geom_group[self._is_robot] = groups
        free = (geoms < 0) | self._is_robot[geoms]
        return np.where(free, limit, np.minimum(distances, limit)).astype(np.float32)

    def close(self) -> None:
        """Free the OpenGL context."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


_ORDER = ("front_left", "rear_left", "front_right", "rear_right")
_GROUND_TYPES = (int(mujoco.mjtGeom.mjGEOM_PLANE), int(mujoco.mjtGeom.mjGEOM_HFIELD))
