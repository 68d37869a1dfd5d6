from math import inf

import numpy as np
import pytest

from cairn.hardware.errors import CairnError

BARRIER = '<geom name="fence_0" type="box" pos="0 -2 1" size=".2 8 1"/>'  # a gap remains at the upper end


def test_obstacles_and_their_clearance_are_not_free(make_simulation):
    truth = make_simulation(BARRIER).truth
    assert truth.is_free(5.0, 0.0)
    assert not truth.is_free(0.0, 0.0)
    assert not truth.is_free(0.45, 0.0)
    assert not truth.is_free(30.0, 0.0)


def test_a_path_goes_round_the_fence(make_simulation):
    truth = make_simulation(BARRIER).truth
    distances = truth.distances_from(-5.0, 0.0)
    path = distances.path_to(5.0, 0.0)
    assert distances.at(5.0, 0.0) > 14.0
    assert all(truth.is_free(x, y) for x, y in path)
    assert path[0] == pytest.approx((-5.0, 0.0), abs=0.3)
    assert path[-1] == pytest.approx((5.0, 0.0), abs=0.3)


def test_what_nothing_leads_to_is_infinitely_far(make_simulation):
    box = "".join(
        f'<geom name="wall_b{i}" type="box" pos="{x} {y} 1" size="{sx} {sy} 1"/>'
        for i, (x, y, sx, sy) in enumerate(((5, 7, 2, 0.1), (5, 3, 2, 0.1), (3, 5, 0.1, 2), (7, 5, 0.1, 2)))
    )
    truth = make_simulation(box).truth
    distances = truth.distances_from(-5.0, 0.0)
    assert distances.at(5.0, 5.0) == inf
    assert distances.path_to(5.0, 5.0).shape == (0, 2)


def test_line_of_sight_ends_at_tall_things_only(make_simulation):
    low = '<geom name="bench_0" type="box" pos="0 0 .2" size=".2 8 .2"/>'
    assert not make_simulation(BARRIER).truth.line_of_sight((-5, 0), (5, 0))
    truth = make_simulation(low).truth
    assert truth.line_of_sight((-5, 0), (5, 0))
    assert not truth.is_free(0.0, 0.0)


def test_comfortable_paths_keep_off_the_fence(make_simulation):
    truth = make_simulation(BARRIER).truth

    def nearest(path):
        return min(float(truth.clearance[truth.grid.cell(x, y)]) for x, y in path)

    straight = truth.shortest_path((-5.0, 0.0), (5.0, 0.0))
    comfortable = truth.shortest_path((-5.0, 0.0), (5.0, 0.0), comfortable=True)
    assert nearest(comfortable) > nearest(straight)


def test_sampled_poses_are_free_and_seeded(make_simulation):
    truth = make_simulation(BARRIER).truth
    a = [truth.sample_free_pose(np.random.default_rng(1)) for _ in range(2)]
    assert a[0] == a[1]
    random = np.random.default_rng(2)
    assert all(truth.is_free(*truth.sample_free_pose(random)[:2]) for _ in range(50))


def test_distances_from_inside_a_wall_are_refused(make_simulation):
    with pytest.raises(CairnError, match="not in free space"):
        make_simulation('<geom type="box" pos="0 0 1" size="4 4 1"/>').truth.distances_from(0.0, 0.0)
