"""A policy that knows the truth, so that a test can predict what searchers do with a good one."""

from math import atan2, cos, hypot, radians, sin

import numpy as np

from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.pose import Pose, wrap_angle
from cairn.policies.action import Action
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

SECTORS = 32
REACH = 8.0  # [m]


class PerfectPolicy(LatentGoalPolicy):
    """Recognises a photo within 8 m and in sight; ranges are the simulator's lidar.

    `photos` are (image, pose) pairs; any other image is taken to be what the robot sees now.
    """

    rate = 4.0
    latent_size = 3
    fingerprint = "0" * 64

    def __init__(self, simulation: Simulation, photos):
        self._simulation = simulation
        self._photos = photos

    @property
    def horizontal_fov(self):
        return self._simulation.settings.camera.horizontal_fov

    def encode(self, image):
        pose = next((pose for photo, pose in self._photos if np.array_equal(photo, image)), None)
        pose = Pose(*(pose or self._simulation.pose))
        half = radians(self.horizontal_fov) / 2
        bearings = half * (1 - 2 * (np.arange(SECTORS) + 0.5) / SECTORS)
        ranges = self._simulation.scan(bearings, 10.0, pose)
        angles = np.concatenate([np.array([pose.x, pose.y]) / 50, [cos(pose.yaw), sin(pose.yaw)]])
        descriptor = (angles / np.linalg.norm(angles)).astype(np.float32)
        return Embedding(descriptor, np.array([[pose.x, pose.y, pose.yaw]], np.float16), ranges)

    def compare(self, observation, goals):
        here = Pose(*observation.tokens[0].astype(float))
        rows = [self._relation(here, Pose(*goal.tokens[0].astype(float))) for goal in goals]
        table = np.array(rows, np.float32).reshape(len(rows), 8)
        return Comparison(*table[:, :5].T.copy(), table[:, 5:], np.full((len(rows), 3), -6, np.float32))

    def _relation(self, here, goal):
        there = here.inverse @ goal
        sight = self._simulation.truth.line_of_sight((here.x, here.y), (goal.x, goal.y))
        ahead = abs(there.bearing) < radians(self.horizontal_fov) / 2 and abs(there.yaw) < 1.6
        seen = sight and (there.distance < 2 or (there.distance < REACH and ahead))
        steps = 4 * there.distance + 3 * abs(there.yaw)
        match = 0.97 if seen else 0.01
        return steps, match, there.bearing, there.yaw, there.distance, there.x, there.y, there.yaw

    def decode(self, observation, latents):
        waypoints, twists, steps = [], [], []
        for x, y, yaw in latents.astype(float):
            distance, bearing = hypot(x, y), atan2(y, x)
            if distance < 0.4:  # there already: turn as the goal was seen
                distance, bearing = 0.0, yaw
            unit = np.array([cos(bearing), sin(bearing)]) if abs(bearing) < 1.2 else np.zeros(2)
            waypoints.append(np.outer(np.minimum(0.25 * np.arange(1, 6), distance), unit))
            linear = min(1.0, distance) * max(0.0, cos(bearing))
            twists.append((linear, float(np.clip(2 * wrap_angle(bearing), -1, 1))))
            steps.append(4 * distance)
        return Action(
            np.array(twists, np.float32), np.array(waypoints, np.float32), np.array(steps, np.float32)
        )
