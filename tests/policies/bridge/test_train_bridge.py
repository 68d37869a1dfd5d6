"""From demonstrations to a bundle that plans what the trained model says."""

from dataclasses import replace
from importlib.util import find_spec
from math import sqrt

import numpy as np
import pytest
import torch
from bridge_samples import opened, real_data
from square_demonstrations import TASKS, TINY, brief, picture, write_numpy, write_rlds

from cairn.hardware.errors import CairnError
from cairn.policies.bridge import train_bridge as recipe
from cairn.policies.bridge.action_statistics import ActionStatistics
from cairn.policies.bridge.bundle import parity_inputs, write_bridge_bundle
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.settings import preset
from cairn.policies.bridge.train_bridge import prepare, train_bridge
from cairn.policies.bridge.training_events import TrainingEvents
from cairn.policies.bridge.training_plan import TrainingPlan
from cairn.policies.bridge_policy import BridgePolicy
from cairn.policies.bundle import load_bundle
from cairn.policies.runtime.parity_check import check_parity
from cairn.policies.runtime.tensorrt_module import MODULES
from cairn.policies.training.curves import read_curves
from cairn.policies.training.recording import Recording
from cairn.policies.training.stopped import TrainingStoppedError


def plan(path, **changes) -> TrainingPlan:
    options = {
        "data": (Recording(path / "rlds"),),
        "model": TINY,
        "training": brief(4),
        "jobs": 1,
        "device": "cpu",
        "validation": 0.3,
    }
    return TrainingPlan(path / "bundle", path / "work", "cairn train bridge", **(options | changes))


@pytest.fixture
def data(tmp_path):
    write_rlds(tmp_path / "rlds", 8)
    return tmp_path


def test_a_bundle_says_all_that_the_action_contract_asks_for(data):
    made = train_bridge(
        plan(data, model=replace(TINY, horizon=4), execute=2, blocking=True, relabelling="reached")
    )
    bundle = load_bundle(data / "bundle")
    assert bundle.fingerprint == made.fingerprint
    manifest = bundle.manifest
    action = manifest.actions[0]
    assert (action.kind, action.relative_to, action.gripper) == (
        "end_effector_delta",
        "previous_target",
        "open",
    )
    assert (action.horizon, action.execute, action.blocking, action.limits) == (4, 2, True, (0.05, 0.25))
    assert (manifest.rate, manifest.goal.tasks) == (5.0, TASKS)
    assert (manifest.image.resize.width, manifest.image.crop.left, manifest.image.crop.top) == (48, 4, 4)
    assert manifest.parameters["relabelled"] == 1.0
    training = prepare(plan(data, relabelling="reached"), TrainingEvents()).training
    actions = np.concatenate([one.actions[one.steps] for one in training])
    assert bundle.statistics["action_mean"] == pytest.approx(actions.mean(axis=0))
    assert manifest.provenance.command == "cairn train bridge"
    assert {"model_error", "mean_error", "copy_last_error"} <= manifest.provenance.metrics.keys()
    card = (data / "bundle/MODEL_CARD.md").read_text()
    for words in (
        "- push it left",
        "8 demonstrations, 40 steps, in rlds",
        "between reached states",
        "gripper",
    ):
        assert words in card


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(data, monkeypatch):
    monkeypatch.setattr(recipe, "_SAVE_EVERY", 2)
    seen = []
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > 8 + 3  # eight demonstrations, then three steps

    events = TrainingEvents(trained=lambda step, steps: seen.append((step, steps)), should_stop=should_stop)
    with pytest.raises(TrainingStoppedError, match=r"stopped at step 3 of 4; .*checkpoint\.pt is saved"):
        train_bridge(plan(data), events)
    assert not (data / "bundle").exists()
    train_bridge(plan(data), replace(events, should_stop=lambda: False))
    assert seen[-1] == (4, 4)
    resumed = torch.load(data / "work/checkpoint.pt", weights_only=True)
    rows = read_curves(data / "work/curves.jsonl")
    assert [row["step"] for row in rows] == [2, 3, 4]
    (data / "work/checkpoint.pt").unlink()
    train_bridge(plan(data))
    whole = torch.load(data / "work/checkpoint.pt", weights_only=True)
    assert all(torch.equal(whole["average"][name], resumed["average"][name]) for name in whole["average"])
    if find_spec("tensorboard"):
        assert list((data / "work/events").glob("events.out.tfevents.*"))


def test_other_data_in_the_same_place_are_refused(data):
    train_bridge(plan(data))
    write_rlds(data / "more", 2, first=20)
    with pytest.raises(CairnError, match="is of another training, in data"):
        train_bridge(plan(data, data=(Recording(data / "rlds"), Recording(data / "more"))))


def test_target_data_are_drawn_as_often_as_they_are_to_be(data):
    write_numpy(data / "home", 4, first=30)
    mixed = plan(
        data,
        data=(Recording(data / "rlds", 2.0),),
        target=(Recording(data / "home"),),
        target_share=0.4,
    )
    prepared = prepare(mixed, TrainingEvents())
    shares: dict[str, float] = {}
    for one in prepared.training:
        name = "home" if "home" in one.record.source else "rlds"
        shares[name] = shares.get(name, 0.0) + one.weight * len(one.steps)
    assert shares == pytest.approx({"home": 0.4, "rlds": 0.6})
    assert "weight 2" in prepared.lines[0]
    assert "target data, 40% of the samples" in prepared.lines[1]
    weights = prepare(
        plan(data, data=(Recording(data / "rlds", 2.0), Recording(data / "home"))), TrainingEvents()
    )
    assert {one.weight for one in weights.training} == {1.0, 2.0}


def test_what_cannot_be_read_is_told_and_stands_in_the_card(data):
    (data / "rlds/traj0").mkdir()
    for name in ("obs_dict.pkl", "policy_out.pkl"):
        (data / "rlds/traj0" / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    told: list[str] = []
    train_bridge(plan(data), TrainingEvents(left_out=told.append))
    assert len(told) == 1
    assert "obs_dict.pkl" in told[0]
    card = (data / "bundle/MODEL_CARD.md").read_text()
    assert "Left out, because it could not be read" in card


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": ()}, "nothing to learn from: give data sets of Bridge Data"),
        ({"target_share": 1.0}, r"target_share must lie in \(0, 1\), got 1.0"),
        ({"relabelling": "dreamt"}, "relabelling must be one of recorded, reached, got 'dreamt'"),
        ({"cameras": (-1,)}, r"cameras must be numbers from 0 on, got \(-1,\)"),
        ({"validation": 0.7}, r"validation must be a share in \(0, 0.5\], got 0.7"),
        ({"execute": 2}, r"execute must lie in \[1, 1\], the horizon, got 2"),
        ({"jobs": 0}, "jobs must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(change, message, tmp_path):
    with pytest.raises(CairnError, match=message):
        plan(tmp_path, **change)


def test_no_demonstrations_is_an_error(tmp_path):
    (tmp_path / "rlds").mkdir()
    with pytest.raises(CairnError, match="holds no Bridge Data"):
        train_bridge(plan(tmp_path))


@pytest.mark.parametrize("kind", ["small", "v1", "v2"])
def test_on_real_frames_the_graph_says_what_the_model_does(kind, tmp_path):
    """Within 1e-4 of the range of each number: .1 m, .5 rad, 1."""
    settings = preset(kind, horizon=2, last_action=kind == "small")
    real = plan(tmp_path, data=(Recording(real_data()),), model=settings)
    prepared = prepare(real, TrainingEvents())
    settings = replace(settings, tasks=("a task", "another") if kind != "v2" else ())
    model = BridgeModel.seeded(settings, 0)
    with torch.no_grad():  # of a size that training leads to: fresh weights say nearly nothing
        model.head[-1].weight.normal_(std=1 / sqrt(settings.hidden))
        for _ in range(3):  # statistics of batch normalisation
            model.train()(*parity_inputs(settings, prepared.training).values())
    statistics = ActionStatistics(np.zeros(7), np.array([0.01] * 3 + [0.04] * 3 + [0.45]))
    write_bridge_bundle(model, statistics, real, ["real windows"], {}, "# Test\n", prepared.training)
    policy = BridgePolicy.load(tmp_path / "bundle")
    results = check_parity(policy.runtime)
    assert {result.unit for result in results} == {"m", "rad", "1"}
    assert all(result.passed for result in results)
    # And through the policy, from the pictures themselves.
    pixels = [step.pictures[0].pixels() for step in opened(real_data())[3].steps()]
    goal = settings.tasks[1] if settings.tasks else pixels[-1]
    inputs = parity_inputs(settings, [fourth(prepared)])
    ours = policy.plan(pixels[0], goal)
    if kind == "v2":
        inputs["goal_image"] = inputs["goal_image"][:1]
    else:
        inputs["task"] = torch.tensor([[0.0, 1.0]])
    if settings.last_action:
        inputs["last_action"] = torch.zeros(1, 8)
    inputs["image"] = inputs["image"][:1]
    with torch.no_grad():
        scores = model.eval()(*inputs.values())[0].numpy()
    limits = np.array([0.05] * 3 + [0.25] * 3 + [1.0])
    expected = np.clip(statistics.physical(scores), [*-limits[:6], 0.0], limits)
    assert ours == pytest.approx(expected, abs=1e-5)
    assert np.abs(expected[:, :6]).max() > 1e-3


def fourth(prepared):
    everything = [*prepared.training, *prepared.held_out]
    return next(one for one in everything if one.record.name == "train-000003")


@pytest.mark.skipif(not any(find_spec(name) for name in MODULES), reason=f"none of {MODULES} is installed")
@pytest.mark.parametrize("goal", ["task", "image"])
def test_tensorrt_builds_an_engine_of_it(goal, data, monkeypatch):
    from cairn.policies.runtime.compilation import compile_bundle

    monkeypatch.setenv("XDG_CACHE_HOME", str(data / "cache"))
    if goal == "image":
        sides = dict.fromkeys(("resized_width", "resized_height", "width", "height"), 32)
        changed = plan(data, model=preset("v2", **sides), training=brief(1))
    else:
        changed = plan(data, model=replace(TINY, horizon=3, last_action=True), training=brief(1))
    (engine,) = compile_bundle(train_bridge(changed))
    assert engine.graph == "act"
    assert engine.path.stat().st_size == engine.size > 10_000


def test_it_learns_to_do_with_what_it_sees_as_the_task_says(tmp_path):
    write_rlds(tmp_path / "rlds", 24)
    taught = brief(200, learning_rate=5e-3, batch=32, average=0.98)
    metrics = train_bridge(plan(tmp_path, training=taught)).manifest.provenance.metrics
    assert metrics["model_translation"] < 0.4 * metrics["mean_translation"]
    assert metrics["model_translation"] < 0.3 * metrics["copy_last_translation"]
    # The gripper depends on nothing that can be seen.
    assert metrics["model_gripper"] > 0.8 * metrics["mean_gripper"]
    policy = BridgePolicy.load(tmp_path / "bundle")
    right = policy.plan(picture(0.68, 0.5), "push it right")
    left = policy.plan(picture(0.32, 0.5), "push it right")
    other = policy.plan(picture(0.68, 0.5), "push it left")
    assert right.shape == (1, 7)
    assert right[0, 0] > 0.003 > -0.003 > left[0, 0]
    assert other[0, 0] < -0.003
