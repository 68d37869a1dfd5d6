"""Labels from poses and lidar: signs, wrapping, and what counts as in view."""

from math import pi, radians

import numpy as np
import pytest
from synthetic_drive import FOV, room_ranges

from cairn.policies.recon.collect import LIDAR_LIMIT, beam_bearings
from cairn.policies.recon.pair_labels import label_pairs

BEARINGS = beam_bearings()


def labels(*poses, scans=None):
    poses = np.array(poses, np.float32)
    if scans is None:
        scans = [room_ranges(x, y, yaw + BEARINGS) for x, y, yaw in poses]
    return label_pairs(poses, np.array(scans, np.float32), BEARINGS, LIDAR_LIMIT, FOV, 4.0)


def test_bearing_and_yaw_are_in_the_observations_frame_left_positive():
    found = labels((0, 0, 0), (2, 2, pi / 2))
    assert found.distance[0, 1] == pytest.approx(np.hypot(2, 2))
    assert found.bearing[0, 1] == pytest.approx(pi / 4, abs=1e-6)
    assert found.yaw[0, 1] == pytest.approx(pi / 2, abs=1e-6)
    # Seen from the goal, which looks north, the observation is behind to the left.
    assert found.bearing[1, 0] == pytest.approx(3 * pi / 4, abs=1e-6)
    assert found.yaw[1, 0] == pytest.approx(-pi / 2, abs=1e-6)


def test_angles_wrap():
    found = labels((0, 0, 3.0), (-2, -0.1, -3.0))
    assert found.yaw[0, 1] == pytest.approx(2 * pi - 6.0, abs=1e-5)
    assert abs(found.bearing[0, 1]) < 0.3
    assert found.steps[0, 1] < 4.0 * (2.1 / 0.8 + 0.4 / 0.8)


def test_what_both_see_is_in_view_and_what_one_turned_away_from_is_not():
    found = labels((-4, 0, 0), (-1, 0, 0.2), (-4, 0, pi), (4, 0, pi))
    assert found.match[0, 1] == found.match[1, 0] == 1
    assert found.covisible[0, 1] > 0.9
    assert found.match[0, 2] == 0 or found.distance[0, 2] <= 1.0
    assert found.match[1, 2] == 0
    # Eight metres on, looking back: it shows the wall behind the first.
    assert found.match[0, 3] == 0
    assert found.covisible[0, 3] < 0.1


def test_a_wall_between_hides_what_stands_behind_it():
    here, there = (0, 0, 0), (6, 0, 0)
    blocked = np.full(len(BEARINGS), 3.0)
    free = room_ranges(6, 0, BEARINGS, half=12.0)
    found = labels(here, there, scans=[blocked, free])
    assert found.match[0, 1] == 0
    assert found.covisible[0, 1] < 0.05
    seen = labels(here, there, scans=[room_ranges(0, 0, BEARINGS, half=12.0), free])
    assert seen.match[0, 1] == 1


def test_a_neighbour_in_the_open_is_in_view_without_any_lidar_return():
    nothing = np.full((2, len(BEARINGS)), LIDAR_LIMIT)
    assert labels((0, 0, 0), (1.5, 0, 0.5), scans=nothing).match[0, 1] == 1
    assert labels((0, 0, 0), (1.5, 0, radians(70)), scans=nothing).match[0, 1] == -1
    assert labels((0, 0, 0), (10, 0, 0), scans=nothing).match[0, 1] == -1
    assert labels((0, 0, 0), (31, 0, 0), scans=nothing).match[0, 1] == 0


def test_steps_count_the_way_and_the_turns():
    found = labels((0, 0, 0), (4, 0, 0), (0, 4, 0))
    assert found.steps[0, 1] == pytest.approx(4 * 4 / 0.8)
    assert found.steps[0, 2] == pytest.approx(4 * (4 / 0.8 + pi / 2 / 0.8), rel=1e-5)
    assert found.steps[0, 0] == 0


def test_labels_turn_with_the_world():
    rng = np.random.default_rng(1)
    poses = np.column_stack([rng.uniform(-6, 6, (12, 2)), rng.uniform(-pi, pi, 12)])
    scans = [room_ranges(x, y, yaw + BEARINGS) for x, y, yaw in poses]
    turned = poses.copy()
    turned[:, 0], turned[:, 1] = -poses[:, 1], poses[:, 0]
    turned[:, 2] = (poses[:, 2] + pi / 2 + pi) % (2 * pi) - pi
    before, after = labels(*poses, scans=scans), labels(*turned, scans=scans)
    off = ~np.eye(12, dtype=bool)
    for name in ("bearing", "yaw"):
        change = getattr(before, name) - getattr(after, name)
        assert np.abs((change + pi) % (2 * pi) - pi)[off].max() < 1e-4
    assert (before.match == after.match)[off].mean() > 0.98
