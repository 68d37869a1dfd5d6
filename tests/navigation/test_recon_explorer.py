"""RECON's loop: feasible goals are approached, frontiers sampled, and the second visit uses the graph."""

from itertools import pairwise
from math import pi

import numpy as np
import pytest
from flat_world import TWO_ROOMS, FlatPolicy, FlatWorld, away, box, picture, search

from cairn.hardware.twist import Twist
from cairn.navigation.decision import Phase
from cairn.navigation.pose import Pose
from cairn.navigation.recon_explorer import ReconExplorer, ReconSettings

START = Pose(3, 3, 0)
GOAL = Pose(20, 3, -pi / 2)


@pytest.fixture
def world():
    return FlatWorld(TWO_ROOMS, START)


def test_a_goal_in_view_is_driven_to_and_declared(world):
    explorer = ReconExplorer(FlatPolicy(world))
    goal = Pose(7, 4, 0.3)
    explorer.begin(picture(goal))
    run = search(explorer, world, 80)
    assert run.last.phase is Phase.REACHED
    assert run.last.twist == Twist()
    assert run.phases == {Phase.SEEKING, Phase.REACHED}
    assert away(run.truth[-1], goal)[0] < 0.7
    assert {decision.subgoal_node for decision in run.decisions} == {-1}


def test_without_a_goal_in_view_it_samples_the_prior_and_grows_a_graph(world):
    explorer = ReconExplorer(FlatPolicy(world))
    explorer.begin(picture(GOAL), seed=2)
    run = search(explorer, world, 120)
    assert Phase.EXPLORING in run.phases
    assert len(explorer.graph) >= 10
    assert all(
        decision.latent.shape == (3,) for decision in run.decisions if decision.phase is Phase.EXPLORING
    )
    sampled = {tuple(d.latent) for d in run.decisions if d.subgoal_node == -2}
    assert len(sampled) > 3


def test_a_latent_goal_is_followed_for_the_horizon(world):
    explorer = ReconExplorer(FlatPolicy(world), ReconSettings(horizon=5))
    explorer.begin(picture(GOAL))
    run = search(explorer, world, 30)
    latents = [tuple(decision.latent) for decision in run.decisions]
    changes = np.flatnonzero([a != b for a, b in pairwise(latents)]) + 1
    assert (changes % 5 == 0).all()
    assert len(explorer.graph) == 6


def test_the_second_visit_follows_the_graph_to_the_goals_node(world):
    policy = FlatPolicy(world, reach=5.0)
    explorer = ReconExplorer(policy)
    explorer.begin(picture(START))
    # Drive there by hand, so that the graph holds the way: prior samples alone may take very long.
    for corner in (Pose(11, 8.5, 0), Pose(14, 8.5, 0), Pose(20, 4, 0)):
        explorer._returning = False
        for _ in range(200):
            there = world.pose.inverse @ corner
            if there.distance < 0.5:
                break
            explorer._remember(policy.encode(world.observe().image), world.observe())
            ahead = abs(there.bearing) < 0.5
            world.step(Twist(0.8 if ahead else 0.0, float(np.clip(2 * there.bearing, -1, 1))))
    explorer.begin(picture(GOAL))
    first = search(explorer, world, 200)
    assert first.last.phase is Phase.REACHED
    world.carry(START)
    explorer.begin(picture(GOAL), known_start=True)
    second = search(explorer, world, 300)
    assert second.last.phase is Phase.REACHED
    assert second.decisions[0].phase is Phase.TRAVELLING
    assert away(second.truth[-1], GOAL)[0] < 1.0


def test_another_goal_is_not_looked_for_where_the_last_one_was(world):
    explorer = ReconExplorer(FlatPolicy(world))
    explorer.begin(picture(Pose(6, 3, 0)))
    assert search(explorer, world, 60).last.phase is Phase.REACHED
    explorer.begin(picture(Pose(6, 3, 0)))
    assert explorer._returning
    explorer.begin(picture(GOAL))
    assert not explorer._returning


def test_contact_is_backed_off_from(world):
    explorer = ReconExplorer(FlatPolicy(world))
    explorer.begin(picture(GOAL))
    search(explorer, world, 5)
    seen = world.observe()
    decision = explorer.step(type(seen)(seen.image, seen.odometry, seen.stamp, collided=True))
    assert decision.phase is Phase.RECOVERING
    assert decision.twist.linear < 0


def test_the_same_seed_is_the_same_search_and_a_step_before_begin_a_mistake():
    twists = []
    for seed in (1, 1, 2):
        world = FlatWorld(box(0, 0, 10, 10), START)
        explorer = ReconExplorer(FlatPolicy(world))
        with pytest.raises(RuntimeError, match=r"begin\(\) gives the goal"):
            explorer.step(world.observe())
        explorer.begin(picture(GOAL), seed=seed)
        twists.append([decision.twist for decision in search(explorer, world, 30).decisions])
    assert twists[0] == twists[1] != twists[2]
