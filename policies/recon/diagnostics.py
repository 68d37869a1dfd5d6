"""Numbers that tell a working latent goal model from a collapsed one, on held-out worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

from cairn.hardware.errors import CairnError
from cairn.policies.recon.dataset import GroupSampler, WorldFrames
from cairn.policies.recon.losses import kl_per_dimension
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.settings import STEP_CENTRES

_ACTIVE = 0.1
_PRIOR_SAMPLES = 16
_HULL = 0.3
_GROUPS, _VIEWS = 8, 24
# Of a short recording more batches would be the same views again.
_FEWEST_BATCHES, _MOST_BATCHES = 2, 24

_Keep = Callable[[str, Tensor | NDArray[np.generic]], None]


@torch.no_grad()
def diagnose(
    model: LatentGoalModel,
    worlds: Sequence[WorldFrames],
    horizontal_fov: float,
    batches: int | None = None,
    seed: int = 1,
    places: Sequence[int] | None = None,
) -> dict[str, float]:
    """Diagnostics against posterior collapse, and the accuracy of every head.

    Keys: `kl` (nats) and `active_dimensions` (KL above 0.1); `prior_turn_spread` and `prior_bearing_spread`
    (standard deviation over prior samples of turn rate [rad/s] and of the last waypoint's bearing [rad]);
    `prior_drivable` (share of prior samples whose waypoints keep off everything the lidar saw);
    `steps_error` (median, control steps), `steps_bias`; `bearing_error`, `yaw_error` (median, degrees),
    `distance_error` (median, m); `range_log_error`; recognition: `auc`, `threshold` at one false positive in
    a thousand, and `recall_A_B` by distance [m] at that threshold within 45 degrees of the goal's heading,
    NaN where there was no such pair.  A view is never compared with itself.

    Recorded drives may leave unknown what a simulated world tells: without lidar `range_log_error` and
    `prior_drivable` are NaN, and the figures of recognition are where no pair is known to be out of view.

    Args:
        batches: of views to judge by; if None, as many as so many frames are worth.
        places: as of `GroupSampler`.

    Raises CairnError when the worlds lack hindsight pairs, or simulated ones pairs that are or are not in
    view.
    """
    model = model.eval()
    s = model.settings
    sampler = GroupSampler(
        worlds,
        seed,
        horizontal_fov=horizontal_fov,
        sectors=s.sectors,
        waypoints=s.waypoints,
        groups=_GROUPS,
        views=_VIEWS,
        places=places,
    )
    if batches is None:
        frames = sum(len(world.image) for world in worlds)
        batches = min(_MOST_BATCHES, max(_FEWEST_BATCHES, frames // _VIEWS))
    generator = torch.Generator().manual_seed(seed)
    rows: dict[str, list[NDArray[np.float64]]] = {}

    def keep(name: str, value: Tensor | NDArray[np.generic]) -> None:
        rows.setdefault(name, []).append(np.asarray(value, np.float64))

    divergences = []
    for _ in range(batches):
        batch = sampler()
        images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).float() / 255.0
        _, tokens, log_ranges = model.encode(images)
        groups, views = batch.labels.match.shape[:2]
        index = torch.arange(groups * views).view(groups, views)
        now = index[:, :, None].expand(groups, views, views).reshape(-1)
        goal = index[:, None, :].expand(groups, views, views).reshape(-1)
        others = index.flatten()
        now, goal = torch.cat([now, others]), torch.cat([goal, others.roll(views)])
        if s.fusion == "early":
            relation = model.compare_images(images[now], images[goal])
        else:
            query, key, value, own = model.pair.project(tokens)
            relation = model.relation(model.pair.relate(query[now], own[now], key[goal], value[goal]))
        far = np.zeros(groups * views)
        labels = batch.labels
        match = np.where((labels.distance == 0) & (np.abs(labels.yaw) < 1e-3), -1, labels.match)
        same_world = np.repeat(batch.worlds == np.roll(batch.worlds, 1), views)
        keep("match", np.concatenate([match.ravel(), np.where(same_world, -1, 0)]))
        for name, filler in (("distance", 50.0), ("yaw", 0.0), ("bearing", 0.0), ("steps", 50.0)):
            keep(name, np.concatenate([getattr(labels, name).ravel(), far + filler]))
        keep("probability", torch.sigmoid(relation.match_logit))
        keep("said_bearing", torch.atan2(relation.bearing[:, 1], relation.bearing[:, 0]))
        keep("said_yaw", torch.atan2(relation.yaw[:, 1], relation.yaw[:, 0]))
        keep("said_distance", (relation.log_distance.exp() - 0.3).clamp(min=0))
        keep("said_steps", torch.softmax(relation.step_logits, -1) @ torch.tensor(STEP_CENTRES))
        keep("range_error", (log_ranges - torch.from_numpy(batch.ranges).clamp(min=0.1).log()).flatten())
        if len(batch.hindsight):
            pairs = torch.from_numpy(batch.hindsight)
            if s.fusion == "early":
                chain = model.compare_images(images[pairs[:, 0]], images[pairs[:, 1]])
            else:
                chain = model.compare(tokens[pairs[:, 0]], tokens[pairs[:, 1]])
            divergences.append(kl_per_dimension(chain.latent_mean, chain.latent_log_variance))
        _prior(model, tokens, batch.ranges, horizontal_fov, generator, keep)
    table = {name: np.concatenate(values) for name, values in rows.items()}
    recorded = all(world.odometry for world in worlds)
    asked = () if recorded else (0, 1)
    missing = [label for label in asked if not (table["match"] == label).any()]
    if missing or not divergences:
        raise CairnError(
            f"{len(worlds)} worlds are too few to diagnose a model: expected pairs in view (1), pairs "
            f"out of view (0) and driven ones, got none labelled {missing} and {len(divergences)} driven"
        )
    kl = torch.stack(divergences).mean(0).numpy()
    return {
        "kl": float(kl.sum()),
        "active_dimensions": float((kl > _ACTIVE).sum()),
        "prior_turn_spread": float(table["turn_spread"].mean()),
        "prior_bearing_spread": float(table["bearing_spread"].mean()),
        "prior_drivable": _mean_known(table["drivable"]),
        "range_log_error": _median_known(np.abs(table["range_error"])),
        **_accuracy(table),
        **_recognition(table),
    }


def _prior(
    model: LatentGoalModel,
    tokens: Tensor,
    ranges: NDArray[np.float32],
    horizontal_fov: float,
    generator: torch.Generator,
    keep: _Keep,
) -> None:
    """Decode samples of the prior at every view and see where they lead."""
    views = len(tokens)
    latent = torch.randn(views * _PRIOR_SAMPLES, model.settings.latent_size, generator=generator)
    decoded = model.decode(tokens.repeat_interleave(_PRIOR_SAMPLES, 0), latent)
    turn = decoded.twist[:, 1].view(views, _PRIOR_SAMPLES)
    points = decoded.waypoints.view(views, _PRIOR_SAMPLES, -1, 2).numpy()
    keep("turn_spread", turn.std(1))
    keep("bearing_spread", np.arctan2(points[:, :, -1, 1], points[:, :, -1, 0]).std(1))
    half = np.radians(horizontal_fov) / 2
    bearing = np.arctan2(points[..., 1], points[..., 0])
    reach = np.hypot(points[..., 0], points[..., 1])
    sector = np.clip(((half - bearing) / (2 * half) * ranges.shape[1]).astype(int), 0, ranges.shape[1] - 1)
    free = ranges[np.arange(views)[:, None, None], sector]
    drivable = np.where(np.isfinite(free).all(-1), (reach + _HULL < free).all(-1), np.nan)
    keep("drivable", drivable.ravel())


def _mean_known(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _median_known(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _accuracy(table: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    seen = table["match"] == 1
    apart = seen & (table["distance"] > 1.0)

    def off(name: str, where: NDArray[np.bool_]) -> float:
        difference = table[f"said_{name}"][where] - table[name][where]
        return float(np.degrees(_median_known(np.abs((difference + np.pi) % (2 * np.pi) - np.pi))))

    error = table["said_steps"][seen] - table["steps"][seen]
    return {
        "bearing_error": off("bearing", apart),
        "yaw_error": off("yaw", seen),
        "distance_error": _median_known(np.abs(table["said_distance"][seen] - table["distance"][seen])),
        "steps_error": _median_known(np.abs(error)),
        "steps_bias": _median_known(error),
    }


def _recognition(table: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    positive, negative = table["match"] == 1, table["match"] == 0
    probability = table["probability"]
    if not positive.any() or not negative.any():
        return dict.fromkeys(("auc", "threshold", "recall_0_3", "recall_3_8", "recall_8_12"), float("nan"))
    threshold = float(np.quantile(probability[negative], 0.999))
    # Equal probabilities share their rank: a model that says the same of everything is worth a half.
    ranks = rankdata(np.concatenate([probability[positive], probability[negative]]))
    count = int(positive.sum())
    auc = (ranks[:count].mean() - (count + 1) / 2) / int(negative.sum())
    result = {"auc": float(auc), "threshold": threshold}
    aligned = positive & (np.abs(table["yaw"]) < np.radians(45))
    for low, high in ((0, 3), (3, 8), (8, 12)):
        rows = aligned & (table["distance"] >= low) & (table["distance"] < high)
        result[f"recall_{low}_{high}"] = (
            float((probability[rows] > threshold).mean()) if rows.any() else float("nan")
        )
    return result
