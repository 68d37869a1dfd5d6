"""The networks: positions on maps that are not square, sizes, and what doesn't fit."""

from dataclasses import replace

import pytest
import torch
from square_demonstrations import TINY, with_tasks

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.model import BridgeModel, example_inputs
from cairn.policies.bridge.resnet import ResNet34
from cairn.policies.bridge.settings import ModelSettings, preset
from cairn.policies.bridge.spatial_softmax import SpatialSoftmax
from cairn.policies.bridge.train_settings import TrainSettings, train_preset


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 9), (3, 0), (2, 7)])
def test_a_feature_is_found_where_it_is_on_a_map_that_is_wider_than_high(row, column):
    height, width = 4, 10
    maps = torch.full((1, 2, height, width), -50.0)
    maps[0, 0, row, column] = 50.0
    maps[0, 1, height - 1 - row, column] = 50.0
    x, y, other_x, other_y = SpatialSoftmax(height, width)(maps)[0].tolist()
    assert x == other_x == pytest.approx(-1 + 2 * column / (width - 1), abs=1e-5)
    assert y == pytest.approx(-1 + 2 * row / (height - 1), abs=1e-5)
    assert other_y == pytest.approx(-y, abs=1e-5)


def test_an_even_map_has_its_feature_in_the_middle():
    assert SpatialSoftmax(6, 8)(torch.zeros(2, 3, 6, 8)).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("kind", "change"), [("small", {}), ("v1", {}), ("v2", {}), ("small", {"horizon": 5})]
)
def test_each_model_gives_seven_numbers_a_step(kind, change):
    settings = preset(kind, last_action=kind == "small", **change)
    settings = settings if kind == "v2" else with_tasks(settings)
    model = BridgeModel.seeded(settings, 0).eval()
    inputs = example_inputs(settings)
    assert list(inputs) == model.input_names
    with torch.no_grad():
        first, again = model(*inputs.values()), BridgeModel.seeded(settings, 0).eval()(*inputs.values())
    assert first.shape == (2, change.get("horizon", 1), 7)
    assert torch.equal(first, again)


def test_v1_keeps_an_eighth_of_the_resolution():
    """Strides (2, 2, 2, 1, 1): 128x96 becomes 16x12, and the keypoints are as many as channels."""
    maps = ResNet34(3, (2, 2, 2, 1, 1)).eval()(torch.zeros(1, 3, 96, 128))
    assert maps.shape == (1, 512, 12, 16)
    # As many parameters as the published ResNet-34 without its last layer.
    assert sum(p.numel() for p in ResNet34(3).parameters()) == 21_284_672


def test_v2_looks_at_the_goal_and_v1_and_small_at_the_task():
    torch.manual_seed(0)
    for kind, name in (("v2", "goal_image"), ("v1", "task"), ("small", "task")):
        settings = preset(kind) if kind == "v2" else with_tasks(preset(kind))
        model = BridgeModel.seeded(settings, 1).train()
        inputs = example_inputs(settings)
        inputs[name].requires_grad_(True)
        model(*inputs.values()).square().sum().backward()
        gradient = inputs[name].grad
        assert gradient is not None
        assert gradient.abs().max() > 0, kind


def test_the_action_before_persists_as_far_as_it_is_told_to():
    settings = replace(with_tasks(), last_action=True, horizon=2)
    model = BridgeModel.seeded(settings, 0, torch.full((7,), 0.5).numpy()).eval()
    inputs = example_inputs(settings)
    with torch.no_grad():
        model.head[-1].weight.zero_()
        actions = model(*inputs.values())
    assert actions == pytest.approx((0.5 * inputs["last_action"][:, None, :7]).expand(-1, 2, -1).numpy())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "v3"}, "model must be one of small, v1, v2, got 'v3'"),
        ({"goal": "words"}, "goal must be one of task, image, got 'words'"),
        ({"goal": "image"}, "model small is told what to do by a task"),
        ({"kind": "v2"}, "model v2 is told what to do by a goal image"),
        ({"width": 16}, "at least 32 pixels a side .* got 16x32 of 48x40"),
        ({"height": 44}, "fit into the resized image, got 40x44 of 48x40"),
        ({"horizon": 0}, r"horizon must lie in \[1, 100\] steps, got 0"),
        ({"dropout": 1.0}, r"dropout must be a share in \[0, 1\), got 1.0"),
        ({"channels": 12}, "channels must be a multiple of 24, got 12"),
    ],
)
def test_settings_that_do_not_fit_are_refused(change, message):
    with pytest.raises(CairnError, match=message):
        replace(TINY, **change)


def test_an_unknown_model_is_refused_by_name():
    for make in (preset, train_preset):
        with pytest.raises(CairnError, match="model must be one of small, v1, v2, got 'resnet'"):
            make("resnet")


def test_the_papers_recipes_are_the_presets():
    v1, v2 = train_preset("v1"), train_preset("v2")
    assert (v1.batch, v1.learning_rate) == (32, 1e-4)
    assert (v2.batch, v2.learning_rate, v2.warm_up) == (256, 3e-4, 2000)
    assert preset("v2").dropout == 0.1
    assert v2.rate_at(0) < 1e-6
    assert v2.rate_at(5000) == v2.rate_at(200_000) == 3e-4
    small = train_preset("small", steps=100, seed=None)
    assert small.steps == 100
    assert small.rate_at(99) < 0.1 * small.learning_rate


def test_the_field_of_view_is_that_of_the_window():
    """A C920 sees 54.3 degrees across 640 pixels; 128 of 144 columns are a little less."""
    whole = ModelSettings("v1", "task", width=144, height=112)
    assert whole.horizontal_fov == pytest.approx(54.32, abs=0.01)
    assert preset("v1").horizontal_fov == pytest.approx(49.04, abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps and batch must be at least 1, got 0 and 64"),
        ({"learning_rate": float("nan")}, r"learning_rate must lie in \(0, 0.1\], got nan"),
        ({"average": 1.0}, r"average must lie in \[0, 1\), got 1.0"),
        ({"seed": -1}, r"seed must lie in \[0, 4294967295\], got -1"),
    ],
)
def test_trainings_that_cannot_be_are_refused(change, message):
    with pytest.raises(CairnError, match=message):
        train_preset("small", **change)
    assert TrainSettings(1, 1, 0.1).rate_at(0) == 0.1
