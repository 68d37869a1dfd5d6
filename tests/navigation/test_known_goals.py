"""Goals found before are recalled; others are looked up among the remembered views."""

from math import pi

import pytest
from flat_world import TWO_ROOMS, FlatPolicy, FlatWorld, picture

from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.known_goals import KnownGoals, is_same_photo
from cairn.navigation.pose import Pose


@pytest.fixture
def policy():
    return FlatPolicy(FlatWorld(TWO_ROOMS, Pose(3, 3, 0)))


def view(policy, x, y, yaw):
    return policy.encode(picture(Pose(x, y, yaw)))


def test_a_goal_is_recalled_where_it_was_found_last(policy):
    goals, graph = KnownGoals(), GraphMemory(policy.fingerprint)
    goal, other = view(policy, 5, 5, 0), view(policy, 20, 2, 2)
    goals.remember(goal, Pose(1, 0, 0))
    goals.remember(other, Pose(9, 9, 0))
    goals.remember(view(policy, 5, 5, 0), Pose(2, 0, 0.5))
    assert goals.recall(goal, graph, policy) == Pose(2, 0, 0.5)
    assert goals.recall(other, graph, policy) == Pose(9, 9, 0)
    assert len(goals.found) == 2


def test_a_new_goal_is_placed_by_the_view_that_shows_it(policy):
    graph = GraphMemory(policy.fingerprint)
    origin = Pose(3, 3, 0)
    for x, y, yaw in ((3, 3, 0), (6, 3, 0), (14, 5, 0), (3, 3, pi)):
        graph.add_node(view(policy, x, y, yaw), origin.inverse @ Pose(x, y, yaw), stamp=0.0)
    found = KnownGoals().recall(view(policy, 9, 4, 0.5), graph, policy)
    assert found == pytest.approx(origin.inverse @ Pose(9, 4, 0.5), abs=0.05)
    # Behind the wall: no view shows it.
    assert KnownGoals().recall(view(policy, 13, 1, pi), graph, policy) is None


def test_an_empty_map_knows_nothing(policy):
    graph = GraphMemory(policy.fingerprint)
    assert KnownGoals().recall(view(policy, 3, 3, 0), graph, policy) is None
    goals = KnownGoals()
    goals.remember(None, Pose())
    assert goals.found == []


def test_photos_are_told_apart(policy):
    assert is_same_photo(view(policy, 3, 3, 0), view(policy, 3, 3, 0))
    assert not is_same_photo(view(policy, 3, 3, 0), view(policy, 5, 3, 0))
