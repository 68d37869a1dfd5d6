"""Free, blocked and unseen ground, and the frontier between them."""

from math import pi

import numpy as np
import pytest

from cairn.navigation.seen_ground import SeenGround

FOV = 120.0
SECTORS = 32


def look(poses, walls):
    """Ranges of each pose to the nearest of some segments ((x0, y0), (x1, y1)), 10 m where there is none."""
    bearings = np.radians(FOV) * (0.5 - (np.arange(SECTORS) + 0.5) / SECTORS)
    result = np.full((len(poses), SECTORS), 10.0)
    for row, (x, y, yaw) in enumerate(poses):
        ray = np.stack([np.cos(yaw + bearings), np.sin(yaw + bearings)], -1)
        for a, b in walls:
            leg = np.subtract(b, a)
            cross = ray[:, 0] * leg[1] - ray[:, 1] * leg[0]
            to_wall = np.subtract(a, (x, y))
            with np.errstate(divide="ignore", invalid="ignore"):
                along = (to_wall[0] * leg[1] - to_wall[1] * leg[0]) / cross
                share = (to_wall[0] * ray[:, 1] - to_wall[1] * ray[:, 0]) / cross
            hit = (along > 0) & (share >= 0) & (share <= 1)
            result[row] = np.where(hit, np.minimum(result[row], along), result[row])
    return np.array(poses, float), result.astype(np.float32)


def around(x, y):
    return [(x, y, heading) for heading in np.arange(6) * pi / 3]


def room(x0, y0, x1, y1, door=None):
    """Walls of a room; `door` = (low, high) leaves that part of the right wall open."""
    right = [((x1, y0), (x1, y1))] if door is None else [((x1, y0), (x1, door[0])), ((x1, door[1]), (x1, y1))]
    return [((x0, y0), (x1, y0)), ((x0, y1), (x1, y1)), ((x0, y0), (x0, y1)), *right]


def test_a_closed_room_has_no_frontier():
    assert len(SeenGround(*look(around(0, 0), room(-3, -3, 3, 3)), FOV).frontier()) == 0


def test_open_ground_ends_all_around():
    frontier = SeenGround(*look(around(2, 1), []), FOV).frontier()
    away = np.hypot(*(frontier - (2, 1)).T)
    assert 4.0 < away.min() < away.max() < 9.5
    angles = np.sort(np.arctan2(frontier[:, 1] - 1, frontier[:, 0] - 2))
    assert np.diff(angles).max() < 0.3


def test_a_door_is_a_frontier():
    wide = SeenGround(*look(around(0, 0), room(-3, -3, 3, 3, door=(-1, 1))), FOV).frontier()
    assert len(wide)
    assert (wide[:, 0] > 2).all()


def test_what_was_seen_thinly_from_afar_is_frontier_until_it_is_seen_from_near():
    once = SeenGround(*look(around(0, 0), []), FOV).frontier()
    thin = min(once.tolist(), key=lambda place: np.hypot(*place))
    assert np.hypot(*thin) < 8.0
    again = SeenGround(*look([*around(0, 0), *around(*thin)], []), FOV).frontier()
    assert np.hypot(*(again - thin).T).min() > 3.0


def test_what_was_seen_from_the_other_side_is_no_frontier_any_more():
    walls = [*room(-3, -3, 3, 3, door=(-1, 1)), *room(3, -3, 9, 3)[:2], ((9, -3), (9, 3))]
    views = around(0, 0)
    before = SeenGround(*look(views, walls), FOV).frontier()
    after = SeenGround(*look([*views, *around(3, 0), *around(6, 0)], walls), FOV).frontier()
    assert len(before) > 0
    assert len(after) == 0


def test_a_wall_that_one_view_misjudged_does_not_block():
    poses, ranges = look(around(0, 0) * 4, [])
    ranges[0, 16] = 4.0
    ground = SeenGround(poses, ranges, FOV)
    assert not ground.blocked.any()
    assert ground.free.any()


def test_the_frame_does_not_matter():
    walls = room(-3, -3, 3, 3, door=(-1, 1))
    here = SeenGround(*look(around(0, 0), walls), FOV).frontier()
    poses, ranges = look(around(0, 0), walls)
    there = SeenGround(poses + np.array([100.0, -50.0, 0.0]), ranges, FOV).frontier()
    assert there - (100.0, -50.0) == pytest.approx(here)
