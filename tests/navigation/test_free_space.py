"""Frontiers: free, new, and where the numbers say."""

from math import degrees, hypot, pi

import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.free_space import frontier_candidates
from cairn.policies.sectors import sector_bearings


def test_sectors_run_from_left_to_right() -> None:
    assert np.degrees(sector_bearings(4, 120.0)) == pytest.approx([45, 15, -15, -45])


def test_one_view_opens_its_free_sectors_only() -> None:
    ranges = np.array([[1.0, 5.0, 9.0]], np.float32)
    found = frontier_candidates(np.array([[10.0, 0.0, pi / 2]]), ranges, 90.0, radius=3.0, reach=6.0)
    assert np.degrees(found.bearings) == pytest.approx([0, -30])
    assert found.distances == pytest.approx([4.5, 5.5])
    assert found.points[0] == pytest.approx([10.0, 4.5])
    assert found.points[1] == pytest.approx([10 + 5.5 * 0.5, 5.5 * np.sqrt(0.75)])
    assert found.novelty == pytest.approx([4.5, 5.5], abs=0.5)
    assert found.rows.tolist() == [0, 0]


def test_what_was_visited_is_no_frontier() -> None:
    poses = np.array([[0.0, 0.0, 0.0], [6.0, 0.0, pi]])
    ranges = np.full((2, 1), 10.0, np.float32)
    assert len(frontier_candidates(poses, ranges, 60.0)) == 0
    alone = frontier_candidates(poses[:1], ranges[:1], 60.0)
    assert len(alone) == 1
    assert len(frontier_candidates(poses[:1], ranges[:1], 60.0, seen=np.array([[5.0, 1.0]]))) == 0


def test_candidates_are_as_far_from_everything_as_said() -> None:
    rng = np.random.default_rng(0)
    poses = rng.uniform(-1, 1, (300, 3)) * (60, 40, pi)
    ranges = rng.uniform(0, 8, (300, 24)).astype(np.float32)
    found = frontier_candidates(poses, ranges, 120.0, radius=3.0)
    assert len(found) > 100
    away = np.hypot(*(found.points[:, None] - poses[None, :, :2]).transpose(2, 0, 1)).min(axis=1)
    assert np.abs(away - found.novelty).max() < 1.0
    assert away.min() > 2.3
    for i in range(0, len(found), 37):
        x, y, yaw = poses[found.rows[i]]
        dx, dy = found.points[i] - (x, y)
        assert hypot(dx, dy) == pytest.approx(found.distances[i])
        turn = degrees((np.arctan2(dy, dx) - yaw - found.bearings[i] + pi) % (2 * pi) - pi)
        assert turn == pytest.approx(0.0, abs=1e-6)


def test_no_views_no_frontiers_and_bad_shapes_are_refused() -> None:
    assert len(frontier_candidates(np.zeros((0, 3)), np.zeros((0, 8), np.float32), 90.0)) == 0
    with pytest.raises(
        CairnError, match=r"expected poses \(N, 3\) and ranges \(N, S\), got \(2, 3\) and \(1, 8\)"
    ):
        frontier_candidates(np.zeros((2, 3)), np.zeros((1, 8), np.float32), 90.0)
    with pytest.raises(CairnError, match=r"in \(0, 360\] degrees, got 0"):
        frontier_candidates(np.zeros((1, 3)), np.zeros((1, 8), np.float32), 0.0)
