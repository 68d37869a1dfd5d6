"""`BridgePolicy`: what it takes, what it gives, and which bundles it refuses."""

import json
from typing import Any

import numpy as np
import pytest
from example_bundles import PROVENANCE, files_of, image_input, tensor

from cairn.policies.bridge_policy import BridgePolicy
from cairn.policies.bundle import BundleError, PolicyBundle, write_bundle
from cairn.policies.image_error import ImageError
from cairn.policies.runtime import PolicyInputError, PolicyRuntime

IMAGE = np.full((48, 64, 3), 255, np.uint8)
TASKS = ["lift the lid", "put the pot on the stove"]
MEAN = [0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.6]
STD = [0.01, 0.012, 0.012, 0.03, 0.03, 0.08, 0.5]


def bridge_manifest(horizon: int = 3, **action: Any) -> dict[str, Any]:
    return {
        "name": "bridge-test",
        "description": "Moves an arm.",
        "licence": "Apache-2.0",
        "rate": 5.0,
        "image": image_input(32, 24, mean=[0.5] * 3, std=[0.5] * 3),
        "goal": {"kind": "task", "tasks": TASKS, "encoding": "one_hot"},
        "actions": [
            {
                "kind": "end_effector_delta",
                "output": "act.actions",
                "units": ["m", "rad", "1"],
                "frame": "base_link",
                "relative_to": "previous_target",
                "gripper": "open",
                "limits": [0.05, 0.25],
                "horizon": horizon,
                "blocking": False,
                "normalisation": {"kind": "z_score", "offset": "action_mean", "scale": "action_std"},
            }
            | action
        ],
        "graphs": {
            "act": {
                "file": "act.onnx",
                "inputs": {"image": tensor("B", 3, 24, 32), "task": tensor("B", len(TASKS))},
                "outputs": {"actions": tensor("B", *([horizon] if horizon > 1 else []), 7)},
            }
        },
        "statistics": "statistics.json",
        "provenance": PROVENANCE,
    }


def written(path: Any, manifest: dict[str, Any]) -> PolicyBundle:
    statistics = json.dumps({"action_mean": MEAN, "action_std": STD}).encode()
    return write_bundle(path / "b", manifest, files_of(manifest, **{"statistics.json": statistics}))


def policy(path: Any, manifest: dict[str, Any]) -> BridgePolicy:
    return BridgePolicy(PolicyRuntime(written(path, manifest), "cpu"))


def test_scores_become_metres_radians_and_an_opening_within_limits(tmp_path):
    ours = policy(tmp_path, bridge_manifest())
    assert (ours.tasks, ours.rate, ours.output.horizon) == (tuple(TASKS), 5.0, 3)
    assert not ours.takes_last_action
    # The graph says for everything: mean of the image (1 for white) + mean of the task (1 of 2) = 1.5.
    expected = np.array(MEAN) + 1.5 * np.array(STD)
    expected[6] = 1.0
    plan = ours.plan(IMAGE, TASKS[0])
    assert plan.dtype == np.float64
    assert plan == pytest.approx(np.tile(expected, (3, 1)), abs=1e-6)
    dark = ours.plan(np.zeros((480, 640, 3), np.uint8), TASKS[1])
    assert dark[0] == pytest.approx(np.array(MEAN) - 0.5 * np.array(STD), abs=1e-6)


def test_a_single_step_has_a_horizon_of_one(tmp_path):
    manifest = bridge_manifest(1, limits=[0.012, 0.04])
    plan = policy(tmp_path, manifest).plan(IMAGE, TASKS[0])
    assert plan.shape == (1, 7)
    assert plan[0, :6].tolist() == [0.012] * 3 + [0.04] * 3


def test_the_action_before_is_an_input_where_the_bundle_wants_it(tmp_path):
    manifest = bridge_manifest()
    manifest["graphs"]["act"]["inputs"]["last_action"] = tensor("B", 8)
    ours = policy(tmp_path, manifest)
    assert ours.takes_last_action
    without = ours.plan(np.zeros_like(IMAGE), TASKS[0])
    # All scores zero but the mark that there was one: a mean of 1 / 8.
    at_mean = ours.plan(np.zeros_like(IMAGE), TASKS[0], np.array(MEAN))
    assert (at_mean - without)[0] == pytest.approx(np.array(STD) / 8, abs=1e-6)
    above = ours.plan(np.zeros_like(IMAGE), TASKS[0], np.array(MEAN) + np.array(STD) * [8, 0, 0, 0, 0, 0, 0])
    assert (above - at_mean)[0] == pytest.approx(np.array(STD), abs=1e-6)
    for wrong in (np.full(7, np.nan), np.zeros(6)):
        with pytest.raises(PolicyInputError, match="last_action must be 7 finite numbers"):
            ours.plan(IMAGE, TASKS[0], wrong)


def test_a_task_it_does_not_know_is_refused_with_those_it_knows(tmp_path):
    ours = policy(tmp_path, bridge_manifest())
    with pytest.raises(
        PolicyInputError, match="knows the tasks lift the lid, put the pot on the stove; got 'dance'"
    ):
        ours.plan(IMAGE, "dance")
    with pytest.raises(PolicyInputError, match="got an image"):
        ours.plan(IMAGE, IMAGE)


def test_an_image_goal_is_prepared_as_the_image_is(tmp_path):
    manifest = bridge_manifest() | {"goal": {"kind": "image"}}
    inputs = manifest["graphs"]["act"]["inputs"]
    inputs["goal_image"] = inputs.pop("task") | {"shape": ["B", 3, 24, 32]}
    ours = policy(tmp_path, manifest)
    assert ours.tasks == ()
    same = ours.plan(IMAGE, np.full((480, 640, 3), 255, np.uint8))
    assert same[0, 0] == pytest.approx(MEAN[0] + 2 * STD[0])
    with pytest.raises(PolicyInputError, match="told what to do by an image, got the text 'lift the lid'"):
        ours.plan(IMAGE, TASKS[0])
    with pytest.raises(ImageError, match="an image must be uint8"):
        ours.plan(IMAGE, IMAGE.astype(np.float32))


@pytest.mark.parametrize("image", [IMAGE.astype(np.float32), IMAGE[..., 0], IMAGE[..., :2], IMAGE[:0]])
def test_what_is_no_image_is_refused(image, tmp_path):
    with pytest.raises(ImageError, match=r"an image must be uint8 of shape \(height, width, 3\), got"):
        policy(tmp_path, bridge_manifest()).plan(image, TASKS[0])


def test_a_bundle_of_recon_is_no_bridge_bundle(recon_bundle):
    with pytest.raises(
        BundleError, match=r"is no Bridge bundle: expected the action end_effector_delta .* got twist"
    ):
        BridgePolicy(PolicyRuntime(recon_bundle, "cpu"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relative_to": "measured_pose"}, "relative_to previous_target, got measured_pose"),
        ({"gripper": "closed"}, "gripper open, got closed"),
        ({"normalisation": None}, "normalisation z_score, got None"),
    ],
)
def test_other_contracts_are_refused(change, message, tmp_path):
    with pytest.raises(BundleError, match=f"is no Bridge bundle: its action must have {message}"):
        policy(tmp_path, bridge_manifest(**change))


def test_other_goals_and_inputs_are_refused(tmp_path):
    for number, (goal, inputs, message) in enumerate(
        (
            ({"kind": "none"}, {}, r"expected the goal task \(one_hot\) or image, got none"),
            ({"kind": "image"}, {}, r"act needs inputs \['goal_image', 'image'\], got \['image', 'task'\]"),
            ({}, {"task": tensor("B", 3)}, r"task must be float32 of shape \[2\] after the batch"),
            ({}, {"image": tensor("B", 3, 24, 30)}, r"image must be float32 of shape \[3, 24, 32\]"),
        )
    ):
        manifest = bridge_manifest()
        manifest["goal"] = goal or manifest["goal"]
        manifest["graphs"]["act"]["inputs"] |= inputs
        (tmp_path / str(number)).mkdir()
        with pytest.raises(BundleError, match=message):
            policy(tmp_path / str(number), manifest)
