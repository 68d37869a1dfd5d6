"""Cross-validation: every demonstration is judged once a repeat, by a policy that never saw it."""

import sys
from pathlib import Path

import pytest

from cairn.evaluation import bridge_windows as bench
from cairn.evaluation.bridge_windows import bridge_windows, window_settings

sys.path.append(str(Path(__file__).parents[1] / "episodes/bridge"))


def test_each_demonstration_is_held_out_once_a_repeat_and_never_trained_on(tmp_path, monkeypatch):
    from bridge_samples import real_data

    folds = []
    judged: list[str] = []
    sampler, errors = bench.BatchSampler, bench.squared_errors

    def sampled(demonstrations, *rest):
        folds.append({one.record.name for one in demonstrations})
        return sampler(demonstrations, *rest)

    def measured(model, one, *rest):
        assert one.record.name not in folds[-1]
        judged.append(one.record.name)
        return errors(model, one, *rest)

    monkeypatch.setattr(bench, "BatchSampler", sampled)
    monkeypatch.setattr(bench, "squared_errors", measured)
    seen: list[tuple[int, int]] = []
    report = bridge_windows(
        real_data(), tmp_path, window_settings(steps=1, repeats=2), lambda *done: seen.append(done)
    )
    assert [len(fold) for fold in folds] == [20] * 10
    assert len(judged) == 50
    assert {judged.count(name) for name in judged} == {2}
    assert seen[-1] == (10, 10)
    methods = report["methods"]
    # What needs no training is known: the figures of a policy are measured beside these.
    assert methods["copy_last"]["error"] == pytest.approx(0.770, abs=0.002)
    assert methods["mean"]["error"] == pytest.approx(1.06, abs=0.01)
    assert methods["persistence"]["error"] == pytest.approx(0.735, abs=0.01)
    beats = report["model_beats"]["mean"]
    assert beats["interval"][0] < beats["ratio"] < beats["interval"][1] < 1


def test_the_action_before_can_be_withheld():
    assert window_settings().model.last_action
    assert not window_settings(last_action=False).model.last_action
