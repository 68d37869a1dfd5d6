"""How far a goal photo is recognised, and how often wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.recognition_views import relate, views_in_sight
from cairn.evaluation.scenario import Scenario
from cairn.evaluation.task import draw_goal
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.navigation.pose import Pose
from cairn.policies.goal_recogniser import GoalRecogniser
from cairn.policies.local_features import LocalFeatureExtractor, LocalFeatures
from cairn.policies.recon.collect import LIDAR_LIMIT, beam_bearings
from cairn.policies.recon.pair_labels import label_pairs
from cairn.policies.recon_policy import ReconPolicy

CALIBRATION = range(1000, 1012)
"""Tuning worlds on which a trained bundle's threshold is chosen."""

GOALS, VIEWS_A_CELL, RANDOM_VIEWS = 4, 3, 300

_SHARED = 0.05  # of the surfaces that a photo shows: with fewer a view has nothing in common with it


@dataclass(frozen=True)
class RecognitionRecord:
    """Every view of one world against every goal of it, N pairs.

    Attributes:
        distance: shape (N,) [m]; heading: shape (N,), absolute difference [rad].
        in_view: shape (N,), as `Relation` has it.
        hidden: shape (N,), as `Relation` has it, and the view shows nothing of what the photo shows: a
            place behind a tree is out of sight, but its surroundings may well be recognised.
        match: shape (N,), the policy's probability.
    """

    seed: int
    distance: NDArray[np.float64]
    heading: NDArray[np.float64]
    in_view: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    match: NDArray[np.float64]


def record_world(
    bundle: str, seed: int, conditions: str, camera_fov: float | None = None
) -> RecognitionRecord:
    """Goals and views are drawn by seed; each view is rendered and encoded once.

    `camera_fov` is the simulated camera's horizontal field of view [degrees], the usual one if None.
    """
    return record_bundles([bundle], seed, conditions, camera_fov)[0]


def record_bundles(
    bundles: Sequence[str],
    seed: int,
    conditions: str,
    camera_fov: float | None = None,
    random_views: int = RANDOM_VIEWS,
    views: int = VIEWS_A_CELL,
) -> list[RecognitionRecord]:
    """A record of each bundle, of the very same views; arguments as of `record_world`.

    `random_views` are taken anywhere in the world and tell of false positives; beside them, up to `views` see
    each goal in every cell of distance and heading.
    """
    simulation = Scenario(seed, conditions).open(settings=SimulationSettings(_camera(camera_fov)))
    try:
        camera = simulation.settings.camera.model
        policies = [ReconPolicy.load(bundle, camera) for bundle in bundles]
        truth = simulation.truth
        random = np.random.default_rng([seed, 50])
        goals = [draw_goal(simulation, random) for _ in range(GOALS)]
        places = [Pose(*truth.sample_free_pose(random)) for _ in range(random_views)]
        for goal in goals:
            places += views_in_sight(goal, truth, camera.horizontal_fov, views, random)
        photos = [simulation.render_at(goal) for goal in goals]
        extract = _SharedFeatures(camera)
        recognisers = [[GoalRecogniser(policy, photo, extract) for photo in photos] for policy in policies]
        relations: list[tuple[float, float, bool, bool]] = []
        matches: list[list[float]] = [[] for _ in policies]
        for view in places:
            image = simulation.render_at(view)
            for goal, share in zip(goals, _shared(simulation, view, goals), strict=True):
                relation = relate(view, goal, truth, camera.horizontal_fov)
                hidden = relation.hidden and bool(share < _SHARED)
                relations.append((relation.distance, relation.heading, relation.in_view, hidden))
            for policy, recognise_each, match in zip(policies, recognisers, matches, strict=True):
                embedding = policy.encode(image)
                match += [float(recognise(image, embedding).match[0]) for recognise in recognise_each]
    finally:
        simulation.close()
    table = np.array(relations, float)
    in_view, hidden_views = table[:, 2].astype(bool), table[:, 3].astype(bool)
    return [
        RecognitionRecord(seed, table[:, 0], table[:, 1], in_view, hidden_views, np.array(match))
        for match in matches
    ]


class _SharedFeatures(LocalFeatureExtractor):
    """Extracts once what several goals and bundles ask of one image."""

    def __init__(self, camera: CameraModel) -> None:
        super().__init__(camera)
        self._last: tuple[NDArray[np.uint8], LocalFeatures] | None = None

    def __call__(self, image: NDArray[np.uint8]) -> LocalFeatures:
        if self._last is None or self._last[0] is not image:
            self._last = image, super().__call__(image)
        return self._last[1]


def _camera(fov: float | None) -> CameraSettings:
    return CameraSettings() if fov is None else CameraSettings(horizontal_fov=fov)


def _shared(simulation: Simulation, view: Pose, goals: Sequence[Pose]) -> NDArray[np.float32]:
    """Share of the surfaces in each goal's photo that are in the view too, shape (goals,)."""
    poses = np.array([(pose.x, pose.y, pose.yaw) for pose in (view, *goals)], np.float32)
    bearings = beam_bearings()
    scans = np.stack([simulation.scan(bearings, LIDAR_LIMIT, tuple(pose)) for pose in poses.tolist()])
    fov = simulation.settings.camera.horizontal_fov
    return label_pairs(poses, scans, bearings, LIDAR_LIMIT, fov, rate=1.0).covisible[0, 1:]


def choose_threshold(records: Sequence[RecognitionRecord], false_share: float = 0.001) -> float:
    """The lowest threshold at which at most `false_share` of hidden views count as recognised.

    To be called on tuning worlds; the figures of other worlds are reported with it.
    """
    hidden = np.sort(np.concatenate([record.match[record.hidden] for record in records]))[::-1]
    allowed = int(false_share * hidden.size)
    return float(np.nextafter(hidden[allowed], np.inf)) if allowed < hidden.size else 0.0
