import numpy as np

from cairn.hardware.sim.worlds.free_space import FreeSpace
from cairn.hardware.sim.worlds.geometry import Rect, footprint


def corridor() -> FreeSpace:
    """Two rooms of 8 x 10 m that a gate of 2 m in a wall connects."""
    space = FreeSpace(Rect(-10, -5, 10, 5))
    space.block(footprint(0, 3, 1, 4))
    space.block(footprint(0, -3, 1, 4))
    return space


def test_an_obstacle_in_the_only_gate_is_refused():
    space = corridor()
    assert space.is_free(footprint(0, 0, 0.5, 1.0))
    assert not space.keeps_passages(footprint(0, 0, 0.5, 1.0))


def test_an_obstacle_in_the_open_is_accepted():
    assert corridor().keeps_passages(footprint(5, 0, 1, 1))


def test_reserved_and_outside_places_are_not_free():
    space = corridor()
    space.reserve(footprint(5, 0, 2, 2))
    assert not space.is_free(footprint(5, 0, 1, 1))
    assert not space.is_free(footprint(9.8, 0, 1, 1))
    assert not space.is_free(footprint(0, 3, 1, 1))


def test_connected_share_falls_when_a_region_is_cut_off():
    space = corridor()
    assert space.connected_share() > 0.99
    space.block(footprint(0, 0, 1, 2.4))
    assert 0.45 < space.connected_share() < 0.55
    assert space.main_region().sum() < np.prod(space.blocked.shape) / 2
