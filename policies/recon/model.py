"""The latent goal model of RECON (Shah et al., CoRL 2021, arXiv 2104.05859)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from cairn.policies.recon.encoder import Encoder
from cairn.policies.recon.pair_model import PairModel
from cairn.policies.recon.settings import STEP_CENTRES, ModelSettings


class Relation(NamedTuple):
    """Raw outputs for a pair, batch first; angles as (cos, sin)."""

    match_logit: Tensor
    step_logits: Tensor
    bearing: Tensor
    yaw: Tensor
    log_distance: Tensor
    latent_mean: Tensor
    latent_log_variance: Tensor


class Decoded(NamedTuple):
    """Raw decoder outputs, batch first."""

    twist: Tensor
    waypoints: Tensor
    step_logits: Tensor


class LatentGoalModel(nn.Module):
    """Encoder, information bottleneck over (observation, goal), decoder of action and temporal distance.

    The posterior p(z | o, g) is Gaussian with diagonal covariance and is drawn towards N(0, I); the decoder
    q(a, d | z, o) sees the observation again, so that z holds only what the goal adds: a sample of the
    prior is a goal that is feasible from here.  Beside the bottleneck, direct heads say whether the goal's
    place is in view and where its viewpoint lies; a range head says how far each direction is free.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        bins, latent = len(STEP_CENTRES), settings.latent_size
        channels, columns = settings.channels, settings.columns
        self.encoder = Encoder(settings)
        if settings.fusion == "early":
            self.stacked = Encoder(settings, channels_in=6)
            self.stacked_features = nn.Sequential(
                nn.Flatten(1), nn.Linear(columns * channels, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU()
            )
        else:
            self.pair = PairModel(settings)
        self.descriptor = nn.Linear(columns * channels, settings.descriptor_size)
        self.range = nn.Sequential(
            nn.Conv1d(channels, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(64, settings.sectors // columns, 3, padding=1),
        )
        self.heads = nn.Linear(256, 1 + bins + 2 + 2 + 1)
        self.posterior = nn.Linear(256, 2 * latent)
        self.summary = nn.Sequential(nn.Flatten(1), nn.Linear(columns * channels, 128), nn.ReLU())
        self.decoder = nn.Sequential(
            nn.Linear(128 + latent, 256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Linear(256, 2 + 2 * settings.waypoints + bins),
        )
        # Starting narrow lets the decoder find z useful before the bottleneck closes: from unit variance
        # it learns to ignore z, and the posterior collapses.
        with torch.no_grad():
            self.posterior.bias[latent:].fill_(-3.0)

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Image (B, 3, H, W) in [0, 1] → unit descriptor (B, D), tokens (B, T, C), log ranges (B, S)."""
        tokens = self.encoder(image)
        descriptor = nn.functional.normalize(self.descriptor(tokens.flatten(1)), dim=-1)
        ranges = self.range(tokens.transpose(1, 2)).transpose(1, 2).flatten(1)
        return descriptor, tokens, ranges

    def relation(self, features: Tensor) -> Relation:
        """Heads over pair features (B, 256)."""
        bins, latent = len(STEP_CENTRES), self.settings.latent_size
        match, steps, bearing, yaw, distance = self.heads(features).split([1, bins, 2, 2, 1], dim=-1)
        mean, log_variance = self.posterior(features).split(latent, dim=-1)
        return Relation(
            match[..., 0], steps, bearing, yaw, distance[..., 0], mean, log_variance.clamp(-8.0, 2.0)
        )

    def compare(self, observation: Tensor, goal: Tensor) -> Relation:
        """Late fusion: tokens (B, T, C) of both."""
        return self.relation(self.pair(observation, goal))

    def compare_images(self, observation: Tensor, goal: Tensor) -> Relation:
        """Early fusion: both images (B, 3, H, W) stacked to six channels, as in the paper."""
        return self.relation(self.stacked_features(self.stacked(torch.cat([observation, goal], dim=1))))

    def decode(self, tokens: Tensor, latent: Tensor) -> Decoded:
        """Tokens (B, T, C) of the observation and latents (B, Z)."""
        out = self.decoder(torch.cat([self.summary(tokens), latent], dim=-1))
        count = self.settings.waypoints
        twist, waypoints, steps = out.split([2, 2 * count, len(STEP_CENTRES)], dim=-1)
        return Decoded(twist, waypoints.unflatten(-1, (count, 2)), steps)
