"""From a kind and a seed to a world."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import numpy as np

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.geometry import Rect
from cairn.hardware.sim.worlds.kinds import campus, car_park, industrial_yard, park, plaza, suburb
from cairn.hardware.sim.worlds.site import Site
from cairn.hardware.sim.worlds.world import World

_LAYOUTS: dict[str, tuple[tuple[float, float], Callable[[WorldBuilder], Site]]] = {
    "suburb": (suburb.SIZE, suburb.build),
    "campus": (campus.SIZE, campus.build),
    "park": (park.SIZE, park.build),
    "car_park": (car_park.SIZE, car_park.build),
    "industrial_yard": (industrial_yard.SIZE, industrial_yard.build),
    "plaza": (plaza.SIZE, plaza.build),
}
KINDS = tuple(_LAYOUTS)
CONNECTED_SHARE = 0.94
"""Least share of the free places that must be reachable from each other."""
ATTEMPTS = 12


def generate_world(kind: str, seed: int, conditions: Conditions | None = None) -> World:
    """Generate a world; equal arguments give equal worlds, byte for byte.

    Raises CairnError if the kind is not in KINDS, the seed is negative, or no connected layout was found.
    """
    if kind not in _LAYOUTS:
        raise CairnError(f"world kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if seed < 0:
        raise CairnError(f"world seed must be 0 or more, got {seed}")
    conditions = conditions or Conditions()
    size, build = _LAYOUTS[kind]
    for attempt in range(ATTEMPTS):
        builder = WorldBuilder(kind, seed, attempt, _bounds(kind, seed, size), conditions)
        site = build(builder)
        if builder.free.connected_share() < CONNECTED_SHARE:
            continue
        site.movables.place()
        spec = builder.finish()
        bounds = builder.bounds
        extent = (bounds.x0, bounds.y0, bounds.x1, bounds.y1)
        return World(f"{kind}-{seed:04d}", kind, seed, spec, extent, conditions)
    raise CairnError(f"no connected layout for {kind} {seed} in {ATTEMPTS} attempts; try another seed")


def _bounds(kind: str, seed: int, size: tuple[float, float]) -> Rect:
    """A rectangle around the origin with sides of whole metres in the kind's range."""
    rng = np.random.default_rng([crc32(kind.encode()), seed, crc32(b"size")])
    width, height = (float(rng.integers(int(size[0]), int(size[1]) + 1)) for _ in range(2))
    return Rect(-width / 2, -height / 2, width / 2, height / 2)
