"""A route is kept while it leads on, and left when it does not."""

import numpy as np
import pytest

from cairn.navigation.held_route import HeldRoute

CORNER = [(0.0, 0.0), (3.0, 0.0), (6.0, 0.0), (6.0, 3.0), (6.0, 6.0)]
END = CORNER[-1]


@pytest.fixture
def route():
    held = HeldRoute()
    held.hold(CORNER, nodes=(10, 11, 12, 13))
    return held


def test_what_was_passed_is_left_behind(route):
    assert route.ahead((-0.5, 0.2), END) == CORNER
    assert route.ahead((0.4, 0.3), END) == CORNER[1:]
    assert route.ahead((4.0, -0.5), END) == CORNER[2:]
    assert route.ahead((6.2, 2.0), END) == CORNER[3:]
    assert route.ahead((6.0, 5.9), END) == [END]


def test_it_never_turns_back_along_the_route(route):
    route.ahead((5.8, 0.1), END)
    assert route.ahead((4.5, 0.0), END) == CORNER[3:]


def test_a_robot_off_the_route_or_with_another_end_needs_a_new_one(route):
    assert route.ahead((1.5, 2.4), END) is not None
    assert route.ahead((1.5, 2.6), END) is None
    assert route.ahead((1.5, 0.0), (6.0, 5.0)) is None
    assert route.ahead((1.5, 0.0), (6.2, 6.2)) is not None
    route.drop()
    assert route.ahead((1.5, 0.0), END) is None


def test_between_way_points_far_apart_the_robot_is_on_the_route():
    route = HeldRoute()
    route.hold([(0.0, 0.0), (20.0, 0.0)])
    assert route.ahead((9.0, 1.0), (20.0, 0.0)) == [(20.0, 0.0)]


def test_a_route_that_crosses_itself_is_driven_in_order():
    angle = np.linspace(0, 2 * np.pi, 25)
    loop = [(float(x), float(y)) for x, y in zip(5 - 5 * np.cos(angle), 5 * np.sin(angle), strict=True)]
    route = HeldRoute()
    route.hold([*loop, (-8.0, 0.0)])
    assert len(route.ahead((0.1, 0.3), (-8.0, 0.0))) > 20


def test_the_edge_driven_is_known(route):
    assert route.edge is None
    route.ahead((1.0, 0.0), END)
    assert route.edge == (10, 11)
    route.ahead((6.0, 1.0), END)
    assert route.edge == (12, 13)
    route.ahead((6.0, 4.5), END)
    assert route.edge is None
