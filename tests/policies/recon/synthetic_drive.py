"""Recorded frames of a square room, computed instead of simulated, and models small enough to train."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from cairn.policies.recon.collect import RATE, beam_bearings
from cairn.policies.recon.dataset import GroupSampler, WorldFrames
from cairn.policies.recon.settings import ModelSettings

FOV = 120.0
HEIGHT, WIDTH = 16, 64
TINY = ModelSettings(
    HEIGHT, WIDTH, channels=16, descriptor_size=16, latent_size=4, sectors=8, waypoints=5, width=0.25
)


def room_ranges(x: float, y: float, angles: np.ndarray, half: float = 10.0) -> np.ndarray:
    """Metres to the walls of a square room around the origin along directions in the room."""
    with np.errstate(divide="ignore", invalid="ignore"):
        along_x = np.where(np.cos(angles) > 0, half - x, -half - x) / np.cos(angles)
        along_y = np.where(np.sin(angles) > 0, half - y, -half - y) / np.sin(angles)
    return np.minimum(np.nan_to_num(along_x, nan=np.inf), np.nan_to_num(along_y, nan=np.inf))


def room_image(pose, seed: int) -> np.ndarray:
    """Columns coloured by where on the wall they look, differently for every seed; leftmost column left."""
    x, y, yaw = pose
    angles = yaw + np.radians(FOV) * (0.5 - (np.arange(WIDTH) + 0.5) / WIDTH)
    ranges = room_ranges(x, y, angles)
    u, v = x + ranges * np.cos(angles), y + ranges * np.sin(angles)
    phases = np.random.default_rng(seed).uniform(0.2, 1.2, (3, 2))
    colours = 127 + 120 * np.sin(phases[:, :1] * u + phases[:, 1:] * v)
    return np.broadcast_to(colours.T.astype(np.uint8), (HEIGHT, WIDTH, 3))


def room_frames(seed: int = 0, steps: int = 40, sessions: int = 2, strays: int = 12) -> WorldFrames:
    """Arcs at constant twists, a session after the other, each with single views after it."""
    random = np.random.default_rng(seed)
    rows = []
    for session in range(sessions):
        x, y, yaw = random.uniform(-3, 3), random.uniform(-3, 3), random.uniform(-pi, pi)
        linear, angular = random.uniform(0.5, 1.0), random.uniform(0.2, 0.5) * random.choice((-1, 1))
        for step in range(steps):
            rows.append(((x, y, yaw), (linear, angular), session, step))
            yaw += angular / RATE / 2
            x, y = x + cos(yaw) * linear / RATE, y + sin(yaw) * linear / RATE
            yaw = (yaw + angular / RATE / 2 + pi) % (2 * pi) - pi
        for _ in range(strays):
            stray = (*random.uniform(-8, 8, 2), random.uniform(-pi, pi))
            rows.append((stray, (0.0, 0.0), session, -1))
    poses = np.array([row[0] for row in rows], np.float32)
    lidar = np.array([room_ranges(x, y, yaw + beam_bearings()) for x, y, yaw in poses], np.float16)
    return WorldFrames(
        image=np.array([room_image(pose, seed) for pose in poses]),
        pose=poses,
        twist=np.array([row[1] for row in rows], np.float32),
        lidar=lidar,
        clearance=lidar,
        session=np.array([row[2] for row in rows], np.int16),
        step=np.array([row[3] for row in rows], np.int16),
        collided=np.zeros(len(rows), bool),
    )


def sampler(worlds=None, seed: int = 0, **options) -> GroupSampler:
    worlds = worlds or [room_frames(0), room_frames(1), room_frames(2)]
    sizes = {"groups": 3, "views": 8, **options}
    return GroupSampler(
        worlds, seed, horizontal_fov=FOV, sectors=TINY.sectors, waypoints=TINY.waypoints, **sizes
    )
