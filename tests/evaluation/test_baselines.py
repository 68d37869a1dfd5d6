"""Every baseline in the real simulator with a policy that knows the truth."""

import numpy as np
import pytest
from perfect_policy import PerfectPolicy

from cairn.evaluation.baselines.image_chain import ImageChain
from cairn.evaluation.baselines.oracle import Oracle
from cairn.evaluation.baselines.prior_sampling import PriorSampling
from cairn.evaluation.baselines.random_actions import RandomActions
from cairn.evaluation.baselines.random_walk import RandomWalk
from cairn.evaluation.demonstration import demonstrate
from cairn.evaluation.episode_runner import run_search
from cairn.evaluation.task import draw_task
from cairn.hardware.errors import CairnError
from cairn.navigation.pose import Pose, wrap_angle
from cairn.navigation.searcher import Searcher

THRESHOLD = 0.6

# Minutes of simulated driving: a busy machine may take a while.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def task(yard):
    """Round the north end of the dividing wall."""
    return draw_task(yard, 0, Pose(12, 14, 1.0), Pose(19, 12, -1.2))


@pytest.fixture
def policy(yard, task):
    return PerfectPolicy(yard, [(task.goal_image, task.goal)])


def search(searcher, yard, task, budget, seed=1, known_start=False):
    yard.reset(task.start)
    searcher.begin(task.goal_image, seed, known_start=known_start)
    return run_search(searcher, yard, task, budget)


def test_the_oracle_finds_the_goal_without_touching_anything(yard, task):
    outcome = search(Oracle(yard, task), yard, task, 120)
    assert outcome.success
    assert outcome.collisions == 0


def test_the_random_walk_finds_the_goal_and_is_the_same_for_the_same_seed(yard):
    task = draw_task(yard, 0, Pose(4, 3, -2.0), Pose(11, 8, 0.8))
    policy = PerfectPolicy(yard, [(task.goal_image, task.goal)])
    outcome = search(RandomWalk(policy, THRESHOLD), yard, task, 600)
    assert outcome.success
    again = search(RandomWalk(policy, THRESHOLD), yard, task, 5)
    np.testing.assert_array_equal(outcome.trace.truth[:20], again.trace.truth[:20])
    other = search(RandomWalk(policy, THRESHOLD), yard, task, 5, seed=2)
    assert not np.array_equal(outcome.trace.twist[:20], other.trace.twist[:20])


def test_learned_safety_spares_the_random_walk_what_random_actions_hit(yard, task, policy):
    walked = search(RandomWalk(policy, 2.0), yard, task, 50)  # a threshold that nothing reaches
    blind = search(RandomActions(policy, 2.0), yard, task, 50)
    assert walked.driven > 15
    assert walked.collisions < blind.collisions


def test_prior_sampling_holds_a_latent_for_twenty_steps(yard, task, policy):
    searcher = PriorSampling(policy, 2.0)
    drawn = []
    policy_decode = policy.decode
    policy.decode = lambda here, latents: (drawn.append(latents.copy()), policy_decode(here, latents))[1]
    search(searcher, yard, task, 11)
    kept = np.array(drawn)[:40]
    assert (kept[:20] == kept[0]).all()
    assert not (kept[20] == kept[0]).any()


def test_a_demonstrated_chain_is_followed_to_the_goal(yard, task, policy):
    searcher = ImageChain(policy)
    track = demonstrate(searcher, yard, task)
    assert abs(wrap_angle(track[-1, 3] - task.goal.yaw)) < 0.2
    assert yard.collisions == 0
    outcome = search(searcher, yard, task, 120, known_start=True)
    assert outcome.success
    assert outcome.driven < 1.4 * task.shortest_length


def test_a_chain_without_a_demonstration_is_refused(policy, task):
    with pytest.raises(CairnError, match="needs a demonstration"):
        ImageChain(policy).begin(task.goal_image)


def test_a_demonstrator_that_is_stuck_says_so(yard, task):
    class Blind(Searcher):
        def begin(self, goal_image, seed=0, *, known_start=False): ...
        def step(self, observation): ...

    through_the_wall = draw_task(yard, 0, Pose(13, 15, 0), Pose(17, 15, 0))
    object.__setattr__(through_the_wall, "shortest_path", np.array([[13.0, 15.0], [17.0, 15.0]]))
    with pytest.raises(CairnError, match=r"needs more than \d+ s for 4 m in yard"):
        demonstrate(Blind(), yard, through_the_wall)
