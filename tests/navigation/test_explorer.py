"""The exploration loop from end to end: in a flat world, and once in the real simulator."""

from math import pi

import numpy as np
import pytest
from flat_world import TWO_ROOMS, FlatPolicy, FlatWorld, away, box, picture, search

from cairn.hardware.twist import Twist
from cairn.navigation.decision import Phase
from cairn.navigation.explorer import Explorer
from cairn.navigation.graph import map_file
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose
from cairn.policies.runtime import PolicyOutputError

START = Pose(3.0, 3.0, 0.0)
GOAL = Pose(19.0, 3.0, -pi / 2)


@pytest.fixture
def world():
    return FlatWorld(TWO_ROOMS, START)


@pytest.fixture(scope="module")
def explored():
    """A world and an explorer that has found the goal in it."""
    world = FlatWorld(TWO_ROOMS, START)
    explorer = Explorer(FlatPolicy(world))
    explorer.begin(picture(GOAL))
    return world, explorer, search(explorer, world, 900)


def test_it_finds_a_goal_behind_a_wall_and_stops_there(explored):
    world, _, found = explored
    assert found.last.phase is Phase.REACHED
    assert found.last.twist == Twist()
    metres, turn = away(found.truth[-1], GOAL)
    assert metres < 2.0
    assert turn < 1.0
    assert world.sees(found.truth[-1], GOAL)
    assert Phase.EXPLORING in found.phases
    assert Phase.SEEKING in found.phases
    assert world.collisions <= 2


def test_the_map_is_where_the_robot_was(explored):
    _, explorer, found = explored
    assert len(explorer.graph) > 8
    stamps = explorer.node_stamps()
    for node in explorer.graph.ids.tolist():
        true = START.inverse @ found.truth[round(stamps[node] * 4)]
        metres, turn = away(explorer.graph.pose(node), true)
        assert metres < 0.7
        assert turn < 0.3


def test_the_goal_is_remembered_where_it_is(explored):
    _, explorer, _ = explored
    ((_, place),) = explorer.goals.found
    metres, turn = away(place, START.inverse @ GOAL)
    assert metres < 1.0
    assert turn < 0.3


def test_the_second_visit_goes_straight_there(tmp_path, explored):
    _, first, found = explored
    map_file.save(first.graph, tmp_path / "map")
    world = FlatWorld(TWO_ROOMS, START)
    again = Explorer(FlatPolicy(world), graph=map_file.load(tmp_path / "map"), goals=first.goals)
    again.begin(picture(GOAL), known_start=True)
    second = search(again, world, 400)
    assert second.last.phase is Phase.REACHED
    assert away(second.truth[-1], GOAL)[0] < 2.5
    assert second.decisions[0].phase is Phase.TRAVELLING
    assert Phase.EXPLORING not in second.phases
    assert second.seconds < found.seconds
    # From (3, 3) round the end of the wall at (12, 7) to (19, 3).
    assert second.driven < 1.5 * (np.hypot(9, 4.5) + np.hypot(7, 4.5))


def test_decisions_are_the_same_whether_or_not_it_ponders_between_steps(world):
    decisions = []
    for ponders in (True, False):
        fresh = FlatWorld(TWO_ROOMS, START)
        explorer = Explorer(FlatPolicy(fresh))
        explorer.begin(picture(GOAL))
        decided = []
        for _ in range(60):
            decided.append(explorer.step(fresh.observe()))
            if ponders:
                explorer.ponder()
                explorer.ponder()
            fresh.step(decided[-1].twist)
        decisions.append([(d.twist, d.phase, d.node) for d in decided])
    assert decisions[0] == decisions[1]


def test_after_a_failed_thought_it_decides_nothing(world, monkeypatch):
    policy = FlatPolicy(world)
    explorer = Explorer(policy)
    explorer.begin(picture(GOAL))
    explorer.step(world.observe())

    def fails(*_):
        raise PolicyOutputError("not finite")

    monkeypatch.setattr(policy, "compare", fails)
    explorer.step(world.observe())
    for _ in range(3):
        with pytest.raises(PolicyOutputError):
            explorer.step(world.observe())
    monkeypatch.undo()
    assert explorer.step(world.observe()).node >= 0


def test_put_down_anywhere_on_the_map_it_finds_out_where_it_is(tmp_path, explored):
    _, first, found = explored
    map_file.save(first.graph, tmp_path / "map")
    put = found.truth[len(found.truth) // 3]
    world = FlatWorld(TWO_ROOMS, Pose(put.x, put.y, put.yaw + 0.3))
    explorer = Explorer(FlatPolicy(world), graph=map_file.load(tmp_path / "map"), goals=first.goals)
    size = len(explorer.graph)
    explorer.begin(picture(GOAL))
    run = search(explorer, world, 500)
    nodes = [decision.node for decision in run.decisions]
    settled = next(i for i, node in enumerate(nodes) if node >= 0)
    assert settled < 20 * 4
    true = START.inverse @ run.truth[settled]
    assert away(explorer.graph.pose(nodes[settled]), true)[0] < 5.0
    assert all(decision.phase is Phase.RECOVERING for decision in run.decisions[:settled])
    assert len(explorer.graph) >= size
    assert run.last.phase is Phase.REACHED
    assert away(run.truth[-1], GOAL)[0] < 2.5


def test_a_lost_robot_says_so_and_adds_nothing_to_the_map():
    world = FlatWorld([*TWO_ROOMS, *box(100, 0, 106, 6)], START)
    explorer = Explorer(FlatPolicy(world))
    explorer.begin(picture(GOAL))
    search(explorer, world, 20)
    size = len(explorer.graph)
    world.carry(Pose(103, 3, 0))
    explorer.begin(picture(GOAL))
    run = search(explorer, world, 60)
    assert {decision.node for decision in run.decisions} == {-1}
    assert run.phases == {Phase.RECOVERING}
    assert len(explorer.graph) == size
    assert any(decision.twist.linear > 0 for decision in run.decisions)


def test_a_goal_found_while_lost_is_not_remembered_at_a_wrong_place():
    world = FlatWorld([*TWO_ROOMS, *box(100, 0, 106, 6)], START)
    explorer = Explorer(FlatPolicy(world))
    explorer.begin(picture(GOAL))
    search(explorer, world, 20)
    world.carry(Pose(103, 3, -1.2))  # looking around turns it past the goal
    explorer.begin(picture(Pose(103.3, 3.2, 0.0)))
    run = search(explorer, world, 200)
    assert run.last.node == -1
    assert run.last.phase is Phase.REACHED
    assert explorer.goals.found == []


def test_contact_makes_it_back_off_and_go_elsewhere(world):
    explorer = Explorer(FlatPolicy(world))
    explorer.begin(picture(GOAL))
    search(explorer, world, 30)
    bumped = world.observe()
    decision = explorer.step(type(bumped)(bumped.image, bumped.odometry, bumped.stamp, collided=True))
    assert decision.phase is Phase.RECOVERING
    assert decision.twist.linear != 0
    world.step(decision.twist)
    followed = search(explorer, world, 12)
    assert followed.decisions[0].phase is Phase.RECOVERING
    assert followed.decisions[-1].phase is not Phase.RECOVERING


def test_a_goal_that_is_nowhere_is_not_declared():
    world = FlatWorld(box(0, 0, 8, 8), Pose(2, 2, 0))
    explorer = Explorer(FlatPolicy(world))
    explorer.begin(picture(Pose(500, 500, 0)))
    run = search(explorer, world, 250)
    assert not run.phases & {Phase.REACHED, Phase.SEEKING, Phase.VERIFYING}
    assert Phase.SCANNING in run.phases


def test_a_run_is_the_same_for_the_same_seed():
    twists = []
    for _ in range(2):
        world = FlatWorld(TWO_ROOMS, START)
        explorer = Explorer(FlatPolicy(world))
        explorer.begin(picture(GOAL), seed=3)
        twists.append([decision.twist for decision in search(explorer, world, 60).decisions])
    assert twists[0] == twists[1]


def test_nothing_but_the_memory_is_carried_into_the_next_search(tmp_path):
    """An explorer in the middle of things, begun anew, does what a new one with its map does."""
    goal = picture(Pose(500, 500, 0))
    world = FlatWorld(TWO_ROOMS, START)
    used = Explorer(FlatPolicy(world))
    used.begin(goal)
    search(used, world, 45)
    hit = world.observe()
    used.step(type(hit)(hit.image, hit.odometry, hit.stamp, collided=True))
    map_file.save(used.graph, tmp_path / "map")
    runs = []
    for explorer in (used, None):
        world = FlatWorld(TWO_ROOMS, START)
        world.time = 100.0
        policy = FlatPolicy(world)
        explorer = explorer or Explorer(policy, graph=map_file.load(tmp_path / "map"))
        explorer.begin(goal, known_start=True)
        runs.append(search(explorer, world, 40))
    for ours, theirs in zip(runs[0].truth, runs[1].truth, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-3)


def test_it_can_be_told_where_it_stands(explored, tmp_path):
    _, first, found = explored
    map_file.save(first.graph, tmp_path / "map")
    node = int(first.graph.ids[len(first.graph) // 2])
    world = FlatWorld(TWO_ROOMS, found.truth[round(first.node_stamps()[node] * 4)])
    explorer = Explorer(FlatPolicy(world), graph=map_file.load(tmp_path / "map"))
    explorer.begin(picture(GOAL))
    explorer.stand_at(node)
    assert explorer.step(world.observe()).node >= 0


def test_a_demonstration_is_a_way_to_the_goal():
    world = FlatWorld(TWO_ROOMS, START)
    explorer = Explorer(FlatPolicy(world))
    for corner in (Pose(11, 8.5, 0), Pose(14, 8.5, 0), Pose(19, 5, 0)):
        for _ in range(200):
            explorer.watch(world.observe())
            there = world.pose.inverse @ corner
            if there.distance < 0.5:
                break
            ahead = abs(there.bearing) < 0.5
            world.step(Twist(0.8 if ahead else 0.0, float(np.clip(2 * there.bearing, -1, 1))))
    for _ in range(20):
        explorer.watch(world.observe())
        world.step(Twist(0.0, float(np.clip(2 * (GOAL.yaw - world.pose.yaw), -1, 1))))
    taught = FlatWorld(TWO_ROOMS, START)
    taught.time = world.time + 30
    explorer.begin(picture(GOAL), known_start=True)
    run = search(explorer, taught, 300)
    assert run.last.phase is Phase.REACHED
    assert away(run.truth[-1], GOAL)[0] < 2.5
    assert Phase.EXPLORING not in run.phases


def test_a_step_before_begin_is_a_mistake(world):
    with pytest.raises(RuntimeError, match=r"begin\(\) gives the goal"):
        Explorer(FlatPolicy(world)).step(world.observe())


def test_a_given_map_is_used_even_when_it_is_empty(world):
    graph = GraphMemory("flat-encoder")
    assert Explorer(FlatPolicy(world), graph=graph).graph is graph
