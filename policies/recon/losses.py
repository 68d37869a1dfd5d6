"""The training objective."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cairn.policies.recon.model import Decoded, Relation
from cairn.policies.recon.settings import STEP_EDGES

# Spread of the action labels around their best prediction: they set how many nats an error costs.
_TWIST_SPREAD = (0.25, 0.35)
_WAYPOINT_SPREAD = 0.25
_RANGE_QUANTILE = 0.3

Mean = Callable[[Tensor], Tensor]
"""Of any number of values, zero for none; those of other processes may count, too."""


def _mean(values: Tensor) -> Tensor:
    """Zero for none, where `Tensor.mean` is NaN."""
    return values.sum() / max(values.numel(), 1)


def step_bins(steps: Tensor) -> Tensor:
    """Bin of each temporal distance (control steps), int64, same shape."""
    return torch.bucketize(steps, torch.tensor(STEP_EDGES, device=steps.device))


def range_loss(log_ranges: Tensor, ranges: Tensor, mean: Mean = _mean) -> Tensor:
    """Pinball loss at the 30 % quantile of log range: the prediction errs on the near side on purpose.

    Unknown ranges (NaN) don't count, and give no gradient.
    """
    known = torch.isfinite(ranges)
    error = torch.log(ranges[known].clamp(min=0.1)) - log_ranges[known]
    return mean(torch.maximum(_RANGE_QUANTILE * error, (_RANGE_QUANTILE - 1) * error))


def relation_loss(relation: Relation, labels: dict[str, Tensor], mean: Mean = _mean) -> dict[str, Tensor]:
    """Losses of the direct heads over P pairs.

    `labels`: match (-1 undecided, 0, 1), bearing, yaw, distance, steps; each (P,).  Geometry and steps
    count only where the goal is in view, and may be NaN elsewhere; the bearing only beyond half a metre,
    where it means something.
    A loss without any pair to count is zero.
    """
    match = labels["match"]
    decided = match >= 0
    target = match.clamp(min=0).float()
    near = torch.exp(-labels["distance"] / 8.0)
    weight = torch.where(target > 0, 1.0 + 2.0 * near, torch.ones_like(near))
    bce = nn.functional.binary_cross_entropy_with_logits(relation.match_logit, target, reduction="none")
    seen = match == 1
    apart = seen & (labels["distance"] > 0.5)
    bins = step_bins(labels["steps"][seen])
    steps = nn.functional.cross_entropy(relation.step_logits[seen], bins, reduction="none")
    return {
        "match": mean((bce * weight)[decided]),
        "steps": mean(steps),
        "bearing": mean(_angle_losses(relation.bearing[apart], labels["bearing"][apart])),
        "yaw": mean(_angle_losses(relation.yaw[seen], labels["yaw"][seen])),
        "distance": mean((relation.log_distance[seen] - torch.log(labels["distance"][seen] + 0.3)).abs()),
    }


def _angle_losses(predicted: Tensor, angle: Tensor) -> Tensor:
    target = torch.stack([torch.cos(angle), torch.sin(angle)], dim=-1)
    return (predicted - target).square().sum(-1)


def decoder_loss(
    decoded: Decoded, steps: Tensor, twist: Tensor, waypoints: Tensor, mean: Mean = _mean
) -> Tensor:
    """Negative log likelihood (nats, up to a constant) of action and temporal distance."""
    spread = torch.tensor(_TWIST_SPREAD, device=twist.device)
    action = 0.5 * ((decoded.twist - twist) / spread).square().sum(-1)
    path = 0.5 * ((decoded.waypoints - waypoints) / _WAYPOINT_SPREAD).square().mean((-1, -2)) * 4
    time = nn.functional.cross_entropy(decoded.step_logits, step_bins(steps), reduction="none")
    return mean(action.clamp(max=20) + path.clamp(max=20) + time)


def kl_per_dimension(latent_mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(p(z | o, g) || N(0, I)) in nats, averaged over the batch, shape (Z,)."""
    return _kl(latent_mean, log_variance).mean(0)


def kl_loss(latent_mean: Tensor, log_variance: Tensor, mean: Mean = _mean) -> Tensor:
    """KL(p(z | o, g) || N(0, I)) in nats."""
    return mean(_kl(latent_mean, log_variance).sum(-1))


def _kl(latent_mean: Tensor, log_variance: Tensor) -> Tensor:
    return 0.5 * (latent_mean.square() + log_variance.exp() - 1 - log_variance)


def descriptor_loss(descriptors: Tensor, match: Tensor, distance: Tensor, mean: Mean = _mean) -> Tensor:
    """Views of one place within 5 m have similar descriptors, others do not; groups (G, M, D), (G, M, M)."""
    similarity = 12.0 * (descriptors @ descriptors.transpose(-1, -2)) - 6.0
    positive, negative = (match == 1) & (distance < 5.0), match == 0
    target = positive.float()
    loss = nn.functional.binary_cross_entropy_with_logits(similarity, target, reduction="none")
    return mean(loss[positive | negative])
