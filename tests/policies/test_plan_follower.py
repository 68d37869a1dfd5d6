import numpy as np
import pytest
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.bundle.action_output import EndEffectorDeltaOutput
from cairn.policies.plan_follower import PlanFollower

PERIOD = 0.2


def output(horizon: int = 1, execute: int = 1, blocking: bool = False) -> EndEffectorDeltaOutput:
    return EndEffectorDeltaOutput(
        kind="end_effector_delta",
        output="act.actions",
        frame="base_link",
        horizon=horizon,
        execute=execute,
        blocking=blocking,
        units=("m", "rad", "1"),
        relative_to="previous_target",
        gripper="open",
        limits=(0.05, 0.25),
    )


def plan(*forward: float, opening: float = 1.0) -> NDArray[np.float64]:
    """Steps ahead along x."""
    return np.array([[x, 0, 0, 0, 0, 0, opening] for x in forward], float)


def forward(follower: PlanFollower, now: float) -> float | None:
    due = follower.due(now)
    return None if due is None else due.step.translation[0]


def test_a_step_a_period_and_none_without_a_plan_of_its_own() -> None:
    follower = PlanFollower(output(), 1 / PERIOD)
    assert follower.due(0.0) is None
    follower.add(plan(0.01), observed=0.0)
    assert forward(follower, 0.01) == 0.01
    assert forward(follower, 0.3) is None, "its plan was for one step"
    follower.add(plan(0.02), observed=0.15)
    assert forward(follower, 0.18) is None, "too early"
    assert forward(follower, 0.22) == 0.02
    assert follower.steps == 2


def test_a_late_plan_goes_on_where_the_robot_is() -> None:
    follower = PlanFollower(output(horizon=4, execute=2), 1 / PERIOD)
    follower.add(plan(0.01, 0.02, 0.03, 0.04), observed=0.0)
    assert [forward(follower, k * PERIOD) for k in range(2)] == [0.01, 0.02]
    # Its image was taken before the second step went out: its first action is that step's.
    follower.add(plan(0.011, 0.012, 0.013, 0.014), observed=0.1)
    assert [forward(follower, k * PERIOD) for k in (2, 3, 4)] == [0.012, 0.013, 0.014]


def test_where_no_new_plan_comes_the_old_one_is_followed_to_its_end() -> None:
    follower = PlanFollower(output(horizon=3, execute=1), 1 / PERIOD)
    follower.add(plan(0.01, 0.02, 0.03), observed=0.0)
    assert [forward(follower, k * PERIOD) for k in range(4)] == [0.01, 0.02, 0.03, None]


def test_it_plans_from_the_last_image_in_time() -> None:
    follower = PlanFollower(output(), 1 / PERIOD)
    assert follower.wants_plan(0.0, lead=0.05)
    follower.add(plan(0.01), observed=0.0)
    follower.due(0.0)
    assert not follower.wants_plan(0.1, lead=0.05)
    assert follower.wants_plan(0.16, lead=0.05)
    follower.add(plan(0.01), observed=0.16)
    assert not follower.wants_plan(0.17, lead=0.05), "the next one is needed a period later"


def test_who_looks_late_is_not_slower_for_it() -> None:
    follower = PlanFollower(output(horizon=11), 1 / PERIOD)
    follower.add(plan(*[0.01] * 11), observed=0.0)
    looks = np.arange(0.0, 2.005, 0.03)
    assert sum(follower.due(now) is not None for now in looks) == 10


def test_the_hand_arrives_first_where_steps_block() -> None:
    follower = PlanFollower(output(blocking=True), 1 / PERIOD, patience=2.0)
    follower.add(plan(0.01), observed=0.0)
    assert forward(follower, 0.0) == 0.01
    follower.add(plan(0.02), observed=0.1)
    assert forward(follower, 0.5) is None
    follower.hand_arrived(0.6)
    assert not follower.wants_plan(0.55, lead=0.0), "what was seen on the way is no observation"
    follower.add(plan(0.03), observed=0.61)
    assert forward(follower, 0.65) == 0.03
    follower.add(plan(0.04), observed=0.7)
    assert forward(follower, 2.6) is None
    assert forward(follower, 2.66) == 0.04, "a hand that never arrives is not waited for for ever"


def test_plans_are_averaged_over_their_ages_but_not_the_grip() -> None:
    follower = PlanFollower(output(horizon=2), 1 / PERIOD, ensemble=0.0)
    follower.add(plan(0.01, 0.02, opening=1.0), observed=0.0)
    follower.due(0.0)
    follower.add(plan(0.04, 0.0, opening=0.0), observed=0.1)
    due = follower.due(PERIOD)
    assert due is not None
    assert due.step.translation[0] == pytest.approx(0.03)
    assert due.step.opening == 0.0
    assert (due.number, due.observed, due.ahead) == (1, 0.1, 0)


def test_steps_keep_to_the_limits_of_the_bundle() -> None:
    follower = PlanFollower(output(), 1 / PERIOD)
    follower.add(plan(7.0, opening=1.3), observed=0.0)
    due = follower.due(0.0)
    assert due is not None
    assert due.step.translation[0] == pytest.approx(0.05)
    assert due.step.opening == 1.0


@pytest.mark.parametrize("actions", [np.zeros((2, 7)), np.full((1, 7), np.nan)])
def test_what_is_no_plan_is_refused(actions: NDArray[np.float64]) -> None:
    with pytest.raises(CairnError, match="finite plan"):
        PlanFollower(output(), 1 / PERIOD).add(actions, observed=0.0)
