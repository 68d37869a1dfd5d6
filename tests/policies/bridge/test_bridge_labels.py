"""Which actions are learnt, and how they are told apart, weighed and held out."""

from dataclasses import replace

import numpy as np
import pytest
from bridge_samples import opened, real_data
from scipy.spatial.transform import Rotation
from square_demonstrations import TASKS, TINY, write_rlds

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.action_statistics import ActionStatistics, clipped
from cairn.policies.bridge.demonstration import task_of
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.relabelling import binarised, relabelled
from cairn.policies.bridge.training_data import hold_out, labelled, persistence_of, statistics_of, tasks_of

NAN = float("nan")


def test_the_gripper_between_open_and_closed_is_on_its_way_to_what_follows():
    gripper = np.array([1.0, 0.96, 0.5, 0.4, 0.04, 0.0, 0.3, 0.9, 1.0, 0.6])
    assert binarised(gripper).tolist() == [1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    assert binarised(np.array([0.95, 0.05, 0.05])).tolist() == [1, 0, 0]
    assert binarised(np.array([1.0, 0.5, NAN]))[:2].tolist() == [1.0, 0.0]


def test_actions_as_recorded_stay_as_they_are():
    actions = np.random.default_rng(0).normal(size=(4, 7))
    actions[3] = NAN
    same = relabelled(actions, np.zeros((4, 7)), "recorded")
    assert np.array_equal(same, actions, equal_nan=True)
    assert same is not actions


def test_between_reached_states_the_hand_turns_about_the_axes_of_the_base():
    start = Rotation.from_euler("xyz", [0.1, 0.4, 1.2])
    turn = np.array([0.05, -0.1, 0.2])
    end = Rotation.from_euler("xyz", turn) * start
    states = np.zeros((2, 7))
    states[0, :3], states[1, :3] = [0.3, 0.0, 0.1], [0.31, -0.02, 0.14]
    states[0, 3:6], states[1, 3:6] = start.as_euler("xyz"), end.as_euler("xyz")
    actions = np.zeros((2, 7))
    actions[:, 6] = [0.7, 0.99]
    reached = relabelled(actions, states, "reached")
    assert reached[0] == pytest.approx([0.01, -0.02, 0.04, 0.05, -0.1, 0.2, 1.0])
    assert np.isnan(reached[1]).all()


def test_on_real_data_reached_actions_are_those_told_with_some_lag():
    told, reached = [], []
    for trajectory in opened(real_data()):
        steps = list(trajectory.steps())
        actions = np.array([step.action for step in steps])
        told.append(actions[:-1])
        reached.append(relabelled(actions, np.array([step.state for step in steps]), "reached")[:-1])
    told, reached = np.concatenate(told), np.concatenate(reached)
    for number in range(6):
        assert np.corrcoef(told[:, number], reached[:, number])[0, 1] > 0.7
    # Were the turn taken about the hand's own axes, or angles merely subtracted, rolls would agree less.
    assert np.corrcoef(told[:, 3], reached[:, 3])[0, 1] > 0.94
    assert set(reached[:, 6]) == {0.0, 1.0}


def test_scores_have_mean_zero_and_a_number_that_never_varies_is_not_blown_up():
    actions = np.random.default_rng(0).normal(0.01, 0.02, (500, 7))
    actions[:, 4] = 0.003
    statistics = ActionStatistics.of(actions)
    scores = statistics.normalised(actions)
    assert scores.mean(axis=0) == pytest.approx(np.zeros(7), abs=1e-5)
    assert statistics.std[4] == 0.005
    assert statistics.physical(scores) == pytest.approx(actions, abs=1e-7)
    for wrong in (np.zeros(7), np.full(7, NAN), np.ones(6)):
        with pytest.raises(CairnError, match="of actions"):
            ActionStatistics(np.zeros(7), wrong)


def test_a_step_never_exceeds_the_limits():
    assert clipped(np.full(7, 9.0)).tolist() == [0.05] * 3 + [0.25] * 3 + [1.0]
    assert clipped(np.full(7, -9.0)).tolist() == [-0.05] * 3 + [-0.25] * 3 + [0.0]


def demonstrations(path, count=12, **options):
    store = open_frames(write_rlds(path / "rlds", count, **options), path, FrameSettings.of(TINY))
    return labelled(store, "recorded")


def test_whole_demonstrations_are_held_out_and_always_the_same(tmp_path):
    ours = demonstrations(tmp_path, 20)
    training, held_out = hold_out(ours, 0.2)
    assert 1 <= len(held_out) <= 9
    assert len(training) + len(held_out) == 20
    names = [one.record.name for one in held_out]
    assert [one.record.name for one in hold_out(ours, 0.2)[1]] == names
    few = [one.record.name for one in hold_out(ours, 1e-9)[1]]
    assert len(few) == 1
    with pytest.raises(CairnError, match="expected at least 2 demonstrations"):
        hold_out(ours[:1], 0.5)


def test_what_the_source_keeps_for_validation_is_held_out(tmp_path):
    path = write_rlds(tmp_path / "rlds", 4, split="train")
    more = write_rlds(tmp_path / "more", 3, first=10, split="val")
    settings = FrameSettings.of(TINY)
    both = [
        one
        for folder in (path, more)
        for one in labelled(open_frames(folder, tmp_path, settings), "recorded")
    ]
    training, held_out = hold_out(both, 0.5)
    assert (len(training), len(held_out)) == (4, 3)
    assert {one.record.split for one in held_out} == {"val"}


def test_tasks_are_what_folders_and_people_call_them(tmp_path):
    ours = demonstrations(tmp_path)
    assert tasks_of(ours) == TASKS
    info = opened(tmp_path / "rlds")[0].info
    assert task_of(replace(info, task="put_carrot_on_plate")) == "put carrot on plate"
    assert task_of(replace(info, language=(" Put  the carrot on plate. ",))) == "put the carrot on plate"
    nameless = replace(ours[0], record=replace(ours[0].record, task=""))
    with pytest.raises(
        CairnError, match=r"1 of 2 demonstrations don't say their task, among them train-000000"
    ):
        tasks_of([nameless, ours[1]])


def test_how_much_of_an_action_persists(tmp_path):
    rng = np.random.default_rng(1)
    actions = np.zeros((4000, 7))
    for t in range(1, len(actions)):
        actions[t] = 0.8 * actions[t - 1] + rng.normal(0, 0.01, 7)
    one = replace(demonstrations(tmp_path, 2)[0], actions=actions, steps=np.arange(len(actions)))
    statistics = statistics_of([one])
    assert persistence_of([one], statistics) == pytest.approx(np.full(7, 0.8), abs=0.05)
