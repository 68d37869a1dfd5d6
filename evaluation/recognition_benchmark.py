"""How far a goal photo is recognised, and how often wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.recognition_views import relate, views_in_sight
from cairn.evaluation.scenario import Scenario
from cairn.evaluation.task import draw_goal
from cairn.navigation.pose import Pose
from cairn.policies.recon_policy import ReconPolicy

GOALS, VIEWS_A_CELL, RANDOM_VIEWS = 4, 3, 300


@dataclass(frozen=True)
class RecognitionRecord:
    """Every view of one world against every goal of it, N pairs.

    Attributes:
        distance: shape (N,) [m]; heading: shape (N,), absolute difference [rad].
        in_view, hidden: shape (N,), as `Relation` has them.
        match: shape (N,), the policy's probability.
    """

    seed: int
    distance: NDArray[np.float64]
    heading: NDArray[np.float64]
    in_view: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    match: NDArray[np.float64]


def record_world(bundle: str, seed: int, conditions: str) -> RecognitionRecord:
    """Goals and views are drawn by seed; each view is rendered and encoded once."""
    scenario = Scenario(seed, conditions)
    simulation = scenario.open()
    try:
        camera = simulation.settings.camera.model
        policy = ReconPolicy.load(bundle, camera)
        truth = simulation.truth
        random = np.random.default_rng([seed, 50])
        goals = [draw_goal(simulation, random) for _ in range(GOALS)]
        places = [Pose(*truth.sample_free_pose(random)) for _ in range(RANDOM_VIEWS)]
        for goal in goals:
            places += views_in_sight(goal, truth, camera.horizontal_fov, VIEWS_A_CELL, random)
        photos = [policy.encode(simulation.render_at(goal)) for goal in goals]
        rows: list[tuple[float, ...]] = []
        for view in places:
            match = policy.compare(policy.encode(simulation.render_at(view)), photos).match
            for goal, probability in zip(goals, match, strict=True):
                relation = relate(view, goal, truth, camera.horizontal_fov)
                row = (relation.distance, relation.heading, relation.in_view, relation.hidden)
                rows.append((*row, float(probability)))
    finally:
        simulation.close()
    table = np.array(rows)
    return RecognitionRecord(
        seed, table[:, 0], table[:, 1], table[:, 2].astype(bool), table[:, 3].astype(bool), table[:, 4]
    )


def choose_threshold(records: Sequence[RecognitionRecord], false_share: float = 0.001) -> float:
    """The lowest threshold at which at most `false_share` of hidden views count as recognised.

    To be called on tuning worlds; the figures of other worlds are reported with it.
    """
    hidden = np.sort(np.concatenate([record.match[record.hidden] for record in records]))[::-1]
    allowed = int(false_share * hidden.size)
    return float(np.nextafter(hidden[allowed], np.inf)) if allowed < hidden.size else 0.0
