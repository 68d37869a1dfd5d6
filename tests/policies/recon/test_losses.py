"""The objective: what counts, and that nothing is NaN where nothing counts."""

from dataclasses import replace

import pytest
import torch
from synthetic_drive import TINY

from cairn.policies.recon.losses import (
    decoder_loss,
    descriptor_loss,
    kl_per_dimension,
    range_loss,
    relation_loss,
    step_bins,
)
from cairn.policies.recon.model import Decoded, LatentGoalModel, Relation
from cairn.policies.recon.settings import STEP_CENTRES, STEP_EDGES

BINS = len(STEP_CENTRES)


def relation(count: int, seed: int = 0) -> Relation:
    random = torch.Generator().manual_seed(seed)
    sizes = [(), (BINS,), (2,), (2,), (), (4,), (4,)]
    return Relation(*(torch.randn(count, *size, generator=random).requires_grad_() for size in sizes))


def labels(match, distance=2.0, bearing=0.3, yaw=-0.2, steps=9.0):
    match = torch.tensor(match, dtype=torch.int8)
    numbers = {"distance": distance, "bearing": bearing, "yaw": yaw, "steps": steps}
    return {"match": match, **{name: torch.full((len(match),), value) for name, value in numbers.items()}}


@pytest.mark.parametrize("match", [[-1, -1], [0, 0], [-1, 0]])
def test_without_a_pair_in_view_geometry_counts_nothing(match):
    said = relation(2)
    losses = relation_loss(said, labels(match))
    sum(losses.values()).backward()
    for name in ("steps", "bearing", "yaw", "distance"):
        assert losses[name].item() == 0
    assert (losses["match"].item() > 0) == (0 in match)
    assert said.bearing.grad is None or not said.bearing.grad.any()
    assert all(torch.isfinite(part.grad).all() for part in said if part.grad is not None)


def test_the_right_answer_costs_less_than_a_wrong_one():
    truth = labels([1])
    right = Relation(
        torch.tensor([6.0]),
        20.0 * torch.nn.functional.one_hot(step_bins(truth["steps"]), BINS),
        torch.tensor([[torch.cos(torch.tensor(0.3)), torch.sin(torch.tensor(0.3))]]),
        torch.tensor([[torch.cos(torch.tensor(-0.2)), torch.sin(torch.tensor(-0.2))]]),
        torch.log(torch.tensor([2.3])),
        torch.zeros(1, 4),
        torch.zeros(1, 4),
    )
    for name, loss in relation_loss(right, truth).items():
        assert loss.item() < 0.02, name
    mirrored = right._replace(bearing=right.bearing * torch.tensor([1, -1.0]))
    assert relation_loss(mirrored, truth)["bearing"].item() > 0.3


def test_the_bearing_of_the_place_one_stands_on_means_nothing():
    assert relation_loss(relation(3), labels([1, 1, 1], distance=0.4))["bearing"].item() == 0
    assert relation_loss(relation(3), labels([1, 1, 1], distance=0.6))["bearing"].item() > 0


def test_undecided_pairs_do_not_count():
    said = relation(3)
    two = Relation(*(part[:2] for part in said))
    with_undecided = relation_loss(said, labels([1, 0, -1]))
    without = relation_loss(two, labels([1, 0]))
    for name, loss in without.items():
        assert with_undecided[name].item() == pytest.approx(loss.item()), name


def test_every_bin_holds_its_centre():
    assert step_bins(torch.tensor(STEP_CENTRES)).tolist() == list(range(BINS))
    assert step_bins(torch.tensor([1000.0])).item() == BINS - 1
    assert all(a < e < b for a, e, b in zip(STEP_CENTRES, STEP_EDGES, STEP_CENTRES[1:], strict=False))


def test_range_errs_on_the_near_side():
    truth = torch.full((1, 8), 4.0)
    near, far = torch.log(truth) - 0.2, torch.log(truth) + 0.2
    assert range_loss(near, truth) < 0.5 * range_loss(far, truth)
    assert range_loss(torch.log(truth), truth) == pytest.approx(0, abs=1e-6)
    assert torch.isfinite(range_loss(near, torch.zeros(1, 8)))


def test_divergence_from_the_prior():
    mean = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert kl_per_dimension(mean, torch.zeros(2, 2)).tolist() == pytest.approx([0.5, 0.0])
    log_variance = torch.tensor([[-1.0, 2.0]])
    expected = torch.distributions.kl_divergence(
        torch.distributions.Normal(torch.tensor([[0.3, -0.7]]), (0.5 * log_variance).exp()),
        torch.distributions.Normal(0.0, 1.0),
    )
    assert kl_per_dimension(torch.tensor([[0.3, -0.7]]), log_variance).tolist() == pytest.approx(
        expected[0].tolist()
    )


def test_descriptors_of_one_place_are_drawn_together():
    same = torch.nn.functional.normalize(torch.ones(1, 2, 4), dim=-1)
    apart = same * torch.tensor([1.0, -1.0])[None, :, None]
    distance = torch.tensor([[[0.0, 2.0], [2.0, 0.0]]])
    place = torch.ones(1, 2, 2, dtype=torch.int8)
    assert descriptor_loss(same, place, distance) < 0.1 < descriptor_loss(apart, place, distance)
    other = torch.tensor([[[1, 0], [0, 1]]], dtype=torch.int8)
    assert descriptor_loss(apart, other, distance) < 0.1 < descriptor_loss(same, other, distance)
    assert descriptor_loss(same, -place, distance).item() == 0


def test_decoding_no_pair_costs_nothing():
    none = Decoded(torch.zeros(0, 2), torch.zeros(0, 5, 2), torch.zeros(0, BINS))
    assert decoder_loss(none, torch.zeros(0), none.twist, none.waypoints).item() == 0


@pytest.mark.parametrize("fusion", ["late", "early"])
@pytest.mark.parametrize("encoder", ["compact", "mobilenet"])
def test_the_model_has_the_shapes_it_says(fusion, encoder):
    model = LatentGoalModel(replace(TINY, fusion=fusion, encoder=encoder)).eval()
    image = torch.rand(3, 3, 16, 64)
    descriptor, tokens, ranges = model.encode(image)
    assert (descriptor.shape, tokens.shape, ranges.shape) == ((3, 16), (3, 8, 16), (3, 8))
    assert descriptor.norm(dim=-1).tolist() == pytest.approx([1.0] * 3)
    found = model.compare(tokens, tokens) if fusion == "late" else model.compare_images(image, image)
    assert found.match_logit.shape == (3,)
    assert found.step_logits.shape == (3, BINS)
    assert found.latent_mean.shape == found.latent_log_variance.shape == (3, 4)
    decoded = model.decode(tokens, torch.zeros(3, 4))
    assert (decoded.twist.shape, decoded.waypoints.shape) == ((3, 2), (3, 5, 2))


def test_a_token_looks_into_one_direction():
    torch.manual_seed(0)
    model = LatentGoalModel(TINY).eval()
    image = torch.full((1, 3, 16, 64), 0.5)
    marked = image.clone()
    marked[..., 40:48] = 1.0
    change = (model.encode(marked)[1] - model.encode(image)[1]).abs().sum(-1)[0]
    assert int(change.argmax()) in (4, 5, 6)
    assert change[0] < 0.2 * change.max()


def test_comparing_has_a_direction():
    torch.manual_seed(0)
    model = LatentGoalModel(TINY).eval()
    tokens = model.encode(torch.rand(2, 3, 16, 64))[1]
    there, back = model.compare(tokens[:1], tokens[1:]), model.compare(tokens[1:], tokens[:1])
    assert (there.bearing - back.bearing).abs().max() > 1e-4
