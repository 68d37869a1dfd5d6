"""The path that the map shows."""

from cairn.monitor.driven_path import LARGEST, SPACING, DrivenPath


def test_points_are_kept_a_hand_apart_and_sent_once():
    path = DrivenPath()
    for step in range(31):
        path.add(0.04 * step, 1.0)

    first = path.part(-1, 0)
    assert first.start == 0
    assert first.points[0] == (0.0, 1.0)
    assert len(first.points) == 8
    assert all(b[0] - a[0] >= SPACING - 1e-9 for a, b in zip(first.points, first.points[1:], strict=False))

    path.add(2.0, 1.0)
    assert path.part(first.epoch, len(first.points)).points == ((2.0, 1.0),)
    assert path.part(first.epoch, len(first.points)).start == 8


def test_a_restart_of_the_odometry_begins_a_new_path():
    path = DrivenPath()
    path.add(20.0, 0.0)
    path.add(21.0, 0.0)
    before = path.part(-1, 0)
    path.add(0.0, 0.0)

    after = path.part(before.epoch, len(before.points))
    assert (after.start, after.points) == (0, ((0.0, 0.0),))
    assert after.epoch != before.epoch


def test_a_long_path_is_thinned_and_stays_bounded():
    path = DrivenPath()
    for step in range(3 * LARGEST):
        path.add(0.2 * step, 0.0)

    part = path.part(-1, 0)
    assert LARGEST // 2 <= len(part.points) <= LARGEST
    assert part.points[0] == (0.0, 0.0)
    assert part.points[-1][0] > 0.2 * 3 * LARGEST - 2.0
