"""Diagnostics tell a working model from a collapsed one, and count no pair that means nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_drive import FOV, TINY, room_frames

from cairn.hardware.errors import CairnError
from cairn.policies.recon.card import model_card
from cairn.policies.recon.collapse import signs_of_collapse
from cairn.policies.recon.diagnostics import _recognition, diagnose
from cairn.policies.recon.model import LatentGoalModel

HEALTHY = {"kl": 3.0, "active_dimensions": 5.0, "prior_turn_spread": 0.3}


def model(collapsed: bool) -> LatentGoalModel:
    torch.manual_seed(0)
    made = LatentGoalModel(TINY)
    with torch.no_grad():
        if collapsed:
            made.posterior.weight.zero_()
            made.posterior.bias.zero_()
            made.decoder[0].weight[:, -TINY.latent_size :].zero_()
        else:
            made.decoder[0].weight[:, -TINY.latent_size :] *= 20
    return made


@pytest.fixture(scope="module")
def worlds():
    return [room_frames(0), room_frames(1)]


def test_a_collapsed_model_is_reported_as_collapsed(worlds):
    metrics = diagnose(model(collapsed=True), worlds, FOV, batches=1)
    assert metrics["kl"] == pytest.approx(0, abs=1e-6)
    assert metrics["active_dimensions"] == 0
    assert metrics["prior_turn_spread"] == pytest.approx(0, abs=1e-6)
    signs = signs_of_collapse(metrics)
    assert len(signs) == 3
    assert signs[0].startswith("KL is 0.00 nats, expected at least 0.5")
    card = model_card(metrics, ["none"], "pytest", 1.0)
    assert all(f"- {sign}" in card for sign in signs)


def test_a_model_that_uses_its_latent_is_not(worlds):
    metrics = diagnose(model(collapsed=False), worlds, FOV, batches=1)
    # The posterior starts narrow: KL of N(~0, e^-3) from the prior is one nat a dimension.
    assert metrics["kl"] > 0.5 * TINY.latent_size
    assert metrics["active_dimensions"] == TINY.latent_size
    assert metrics["prior_turn_spread"] > 0.05
    assert signs_of_collapse(metrics) == []
    assert "## Signs of posterior collapse\nNone.\n" in model_card(metrics, ["none"], "pytest", 1.0)


@pytest.mark.parametrize("name", HEALTHY)
def test_each_sign_alone_is_reported(name):
    assert signs_of_collapse(HEALTHY) == []
    assert len(signs_of_collapse(HEALTHY | {name: 0.0})) == 1
    assert len(signs_of_collapse(HEALTHY | {name: float("nan")})) == 1


def test_the_same_seed_gives_the_same_numbers(worlds):
    made = model(collapsed=False)
    first = diagnose(made, worlds, FOV, batches=1, seed=3)
    assert diagnose(made, worlds, FOV, batches=1, seed=3) == pytest.approx(first, nan_ok=True)
    assert diagnose(made, worlds, FOV, batches=1, seed=4) != pytest.approx(first, nan_ok=True)


def test_early_fusion_is_diagnosed_too(worlds):
    torch.manual_seed(0)
    metrics = diagnose(LatentGoalModel(replace(TINY, fusion="early")), worlds, FOV, batches=1)
    assert np.isfinite(metrics["kl"])


def table(probability, match, distance=None, yaw=None):
    count = len(match)
    return {
        "probability": np.array(probability, float),
        "match": np.array(match, float),
        "distance": np.full(count, 2.0) if distance is None else np.array(distance, float),
        "yaw": np.zeros(count) if yaw is None else np.array(yaw, float),
    }


def test_recognition_counts_by_distance_at_the_threshold():
    found = _recognition(
        table(
            [0.9, 0.8, 0.2, 0.9, 0.99, 0.3, 0.1, 0.6],
            [1, 1, 1, 1, 1, 0, 0, -1],
            [1, 2, 2.5, 5, 5, 9, 9, 1],
            [0, 0, 0, 0, 1.0, 0, 0, 0],
        )
    )
    assert found["threshold"] == pytest.approx(0.3, abs=0.01)
    assert found["recall_0_3"] == pytest.approx(2 / 3)
    assert found["recall_3_8"] == 1.0  # the one turned by more than 45 degrees is not asked for
    assert np.isnan(found["recall_8_12"])
    assert found["auc"] == pytest.approx(9 / 10)


def test_a_recogniser_that_says_the_same_of_everything_is_worth_a_half():
    for order in ([1, 1, 0, 0, 0], [0, 0, 0, 1, 1]):
        assert _recognition(table([0.7] * 5, order))["auc"] == pytest.approx(0.5)


def test_a_view_compared_with_itself_or_its_own_world_says_nothing(worlds, monkeypatch):
    tables = []
    monkeypatch.setattr(
        "cairn.policies.recon.diagnostics._recognition", lambda table: tables.append(table) or {}
    )
    diagnose(model(collapsed=False), worlds, FOV, batches=1)
    same = (tables[0]["distance"] == 0) & (np.abs(tables[0]["yaw"]) < 1e-3)
    assert same.sum() >= 8 * 24
    assert (tables[0]["match"][same] == -1).all()
    diagnose(model(collapsed=False), worlds[:1], FOV, batches=1)
    across = slice(-8 * 24, None)
    assert (tables[1]["match"][across] == -1).all()
    assert (tables[0]["match"][across] == 0).any()


def test_worlds_without_driving_are_too_few():
    still = room_frames(0, steps=1, sessions=2, strays=30)
    with pytest.raises(CairnError, match=r"1 worlds are too few .* 0 driven"):
        diagnose(model(collapsed=False), [still], FOV, batches=1)
