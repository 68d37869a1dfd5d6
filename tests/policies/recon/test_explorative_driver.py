"""Driving that collects: it wanders, keeps off walls most of the time, and gets away after contact."""

from math import cos, pi, sin

import numpy as np
import pytest
from synthetic_drive import room_ranges

from cairn.policies.recon.collect import BEAMS, RATE, beam_bearings
from cairn.policies.recon.explorative_driver import ExplorativeDriver

BEARINGS = beam_bearings()
OPEN = np.full(BEAMS, 20.0, np.float32)


def ahead_blocked(at: float) -> np.ndarray:
    scan = OPEN.copy()
    scan[np.abs(BEARINGS) < 0.6] = at
    return scan


def test_beams_cover_the_circle_and_are_kept_as_they_are():
    assert len(BEARINGS) == BEAMS
    assert np.diff(BEARINGS) == pytest.approx(2 * pi / BEAMS)
    assert BEARINGS[0] == pytest.approx(-pi + pi / BEAMS)
    with pytest.raises(ValueError, match="read-only"):
        BEARINGS[0] = 0.0


def test_in_the_open_it_drives_and_turns_both_ways():
    driver = ExplorativeDriver(1, RATE)
    twists = [driver(BEARINGS, OPEN, False) for _ in range(400)]
    turns = np.array([twist.angular for twist in twists])
    assert np.mean([twist.linear > 0.4 for twist in twists]) > 0.6
    assert turns.min() < -0.2
    assert turns.max() > 0.2
    # Successive turns are alike: a walk, not noise.
    assert np.corrcoef(turns[:-1], turns[1:])[0, 1] > 0.6


@pytest.mark.parametrize("side", [1, -1])
def test_it_bends_away_from_a_wall_beside_it(side):
    scan = OPEN.copy()
    scan[(BEARINGS * side > 0.3) & (BEARINGS * side < 1.4)] = 0.5
    turns = []
    for seed in range(30):
        turns.append(ExplorativeDriver(seed, RATE)(BEARINGS, scan, False).angular)
    assert np.mean(turns) * side < -0.2


def test_before_a_wall_it_turns_on_the_spot_to_the_free_side():
    scan = ahead_blocked(0.6)
    scan[(BEARINGS < -0.3) & (BEARINGS > -1.6)] = 0.6
    driver = ExplorativeDriver(2, RATE, bold=0.0)
    twists = [driver(BEARINGS, scan, False) for _ in range(3)]
    assert all(twist.linear == 0 for twist in twists)
    assert all(twist.angular > 0.5 for twist in twists)


def test_boldness_goes_on_into_the_wall():
    bold = ExplorativeDriver(2, RATE, bold=1.0)
    assert bold(BEARINGS, ahead_blocked(0.6), False).linear > 0


def test_contact_is_followed_by_a_way_back_and_a_turn():
    driver = ExplorativeDriver(3, RATE)
    twists = [driver(BEARINGS, OPEN, k == 0) for k in range(10)]
    assert all(twist.linear == -0.4 for twist in twists[:6])
    assert twists[7].linear == 0
    assert abs(twists[7].angular) > 0.5


def test_in_a_room_it_gets_around_and_seldom_near_a_wall():
    driver, pose, visited, near = ExplorativeDriver(5, RATE), (0.0, 0.0, 0.0), set(), 0
    for _ in range(600):
        x, y, yaw = pose
        scan = room_ranges(x, y, yaw + BEARINGS).astype(np.float32)
        touching = bool(scan.min() < 0.25)
        near += touching
        twist = driver(BEARINGS, scan, touching)
        yaw += twist.angular / RATE
        x = float(np.clip(x + cos(yaw) * twist.linear / RATE, -9.8, 9.8))
        y = float(np.clip(y + sin(yaw) * twist.linear / RATE, -9.8, 9.8))
        pose = (x, y, yaw)
        visited.add((round(x / 2), round(y / 2)))
    assert len(visited) > 20
    assert near < 60


def test_the_same_seed_drives_the_same():
    runs = [[ExplorativeDriver(s, RATE)(BEARINGS, OPEN, False) for _ in range(2)] for s in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
