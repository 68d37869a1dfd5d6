"""The losses of a batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cairn.policies.recon.augmentation import photometric
from cairn.policies.recon.dataset import Batch
from cairn.policies.recon.losses import (
    decoder_loss,
    descriptor_loss,
    kl_loss,
    range_loss,
    relation_loss,
)
from cairn.policies.recon.model import LatentGoalModel, Relation
from cairn.policies.recon.ranks import Ranks

_WEIGHTS = {"match": 2.0, "steps": 0.4, "bearing": 0.6, "yaw": 0.6, "distance": 0.5}


class Objective(nn.Module):
    """From a batch to its losses.

    A process has some of the groups.  It relates their views to any view, so the tokens of all are gathered;
    each loss is a mean over all processes, as `Ranks.mean` has it.

    Args:
        model: to train.
        ranks: the processes that share each batch.
        generator: of all random numbers, alike in all processes.
    """

    def __init__(self, model: LatentGoalModel, ranks: Ranks, generator: torch.Generator) -> None:
        super().__init__()
        self.model = model
        self._ranks = ranks
        self._generator = generator
        self._device = next(model.parameters()).device

    def forward(self, batch: Batch, bottleneck: float) -> dict[str, Tensor]:
        """`bottleneck` is the weight of the KL term."""
        model, ranks, device = self.model, self._ranks, self._device
        groups, (own, views) = len(batch.worlds), batch.labels.match.shape[:2]
        share = range(batch.share.start * views, batch.share.stop * views)
        images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).float() / 255.0
        images = photometric(images, self._generator, share, groups * views).to(device)
        descriptors, tokens, log_ranges = model.encode(images)
        tokens = ranks.gather(tokens, share, groups * views)
        if model.settings.fusion == "early":
            images = ranks.gather(images, share, groups * views)
        labels = {
            name: torch.from_numpy(getattr(batch.labels, name)).to(device)
            for name in ("match", "bearing", "yaw", "distance", "steps")
        }
        now, goal, flat = self._pairs(batch.share, labels, torch.from_numpy(batch.worlds).to(device))
        relation = self._relate(images, tokens, now, goal)
        direct = relation_loss(relation, flat, ranks.mean)
        losses = {
            **{name: _WEIGHTS[name] * loss for name, loss in direct.items()},
            "range": 2.0 * range_loss(log_ranges, torch.from_numpy(batch.ranges).to(device), ranks.mean),
            "descriptor": 0.5
            * descriptor_loss(
                descriptors.view(own, views, -1), labels["match"], labels["distance"], ranks.mean
            ),
        }
        return losses | self._variational(batch, images, tokens, bottleneck)

    def _pairs(
        self, share: range, labels: dict[str, Tensor], worlds: Tensor
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Indices of observations and goals with their labels: a sample of the pairs inside the groups of
        `share`, and for every view there a pair with another group, which is never in view if that is of
        another world and undecided if it is of the same."""
        groups, views = len(worlds), labels["match"].shape[1]
        # Stacked images are encoded pair by pair, which is far dearer than relating cached tokens.
        sample = (1 if self.model.settings.fusion == "early" else 5) * groups * views
        drawn = torch.randperm(groups * views**2, generator=self._generator)[:sample].to(self._device)
        group = drawn // views**2
        drawn = drawn[(group >= share.start) & (group < share.stop)]
        here = drawn - share.start * views**2
        flat = {name: value.reshape(-1)[here] for name, value in labels.items()}
        shift = int(torch.randint(1, groups, (), generator=self._generator))
        views_here = torch.arange(share.start * views, share.stop * views, device=self._device)
        others = (views_here - shift * views) % (groups * views)
        now = torch.cat([drawn // views, views_here])
        goal = torch.cat([drawn // views**2 * views + drawn % views, others])
        blank = torch.zeros(len(views_here), device=self._device)
        far = {
            "match": -(worlds[views_here // views] == worlds[others // views]).to(torch.int8),
            "bearing": blank,
            "yaw": blank,
            "distance": blank + 50,
            "steps": blank + 50,
        }
        return now, goal, {name: torch.cat([value, far[name]]) for name, value in flat.items()}

    def _relate(self, images: Tensor, tokens: Tensor, now: Tensor, goal: Tensor) -> Relation:
        model = self.model
        if model.settings.fusion == "early":
            return model.compare_images(images[now], images[goal])
        query, key, value, own = model.pair.project(tokens)
        return model.relation(model.pair.relate(query[now], own[now], key[goal], value[goal]))

    def _variational(
        self, batch: Batch, images: Tensor, tokens: Tensor, bottleneck: float
    ) -> dict[str, Tensor]:
        """The evidence bound on hindsight pairs; nothing where no process has any."""
        counts = self._ranks.exchange(len(batch.hindsight))
        if not sum(counts):
            return {}
        pairs = torch.from_numpy(batch.hindsight).to(self._device)
        now, later = pairs[:, 0], pairs[:, 1]
        relation = self._relate(images, tokens, now, later)
        mean, log_variance = relation.latent_mean, relation.latent_log_variance
        noise = torch.randn(sum(counts), mean.shape[1], generator=self._generator)
        before = sum(counts[: self._ranks.number])
        noise = noise[before : before + len(pairs)].to(self._device)
        latent = mean + noise * (0.5 * log_variance).exp()
        decoded = self.model.decode(tokens[now], latent)
        nll = decoder_loss(
            decoded,
            torch.from_numpy(batch.hindsight_steps).to(self._device),
            torch.from_numpy(batch.hindsight_twist).to(self._device),
            torch.from_numpy(batch.hindsight_waypoints).to(self._device),
            self._ranks.mean,
        )
        divergence = kl_loss(mean, log_variance, self._ranks.mean)
        return {"decoder": 0.3 * nll, "kl": 0.3 * bottleneck * divergence}
