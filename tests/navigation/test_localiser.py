"""Localisation in a world with look-alike streets, noisy comparisons and drifting odometry."""

from dataclasses import dataclass

import numpy as np
import pytest
from synthetic_world import RATE, Camera, SyntheticPolicy, drive, mapped, odometry

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import GraphMemory
from cairn.navigation.graph.localiser import Localiser, LocaliserParameters
from cairn.navigation.pose import Pose, wrap_angle

ROUTE = drive([(0, 0), (90, 0), (90, 30), (40, 30), (40, 15), (0, 15), (0, 2)])
TWENTY_SECONDS = int(20 * RATE)


@pytest.fixture(scope="module")
def policy() -> SyntheticPolicy:
    return SyntheticPolicy()


@pytest.fixture(scope="module")
def graph(policy: SyntheticPolicy) -> GraphMemory:
    return mapped(ROUTE, policy)


@dataclass(frozen=True)
class Run:
    """By step: the node named (-1 while lost), whether it is right, and the pose error [m]."""

    nodes: np.ndarray
    right: np.ndarray
    lost: np.ndarray
    pose_error: np.ndarray


def is_right(graph: GraphMemory, node: int, truth: Pose) -> bool:
    pose = graph.pose(node)
    close = np.hypot(pose.x - truth.x, pose.y - truth.y) < 3.0
    return bool(close and abs(wrap_angle(pose.yaw - truth.yaw)) < 0.9)


def follow(
    graph: GraphMemory, policy: SyntheticPolicy, truth: list[Pose], odom: list[Pose], seed: int
) -> Run:
    """Drive along `truth` with a localiser that is lost at first."""
    localiser, camera, rows = Localiser(graph, policy), Camera(100 + seed), []
    for pose, odometry_pose in zip(truth, odom, strict=True):
        view = policy.encode(camera.image(pose))
        belief = localiser.update(odometry_pose, view)
        assert belief.lost + belief.probabilities.sum() == pytest.approx(1.0, abs=1e-6)
        assert len(belief.compared) <= 32
        node = -1 if belief.is_lost else belief.most_likely[0]
        error = np.hypot(localiser.pose.x - pose.x, localiser.pose.y - pose.y)
        right = node >= 0 and is_right(graph, node, pose)
        rows.append((node, right, belief.is_lost, error))
    return Run(*(np.array(column) for column in zip(*rows, strict=True)))


def nearest_by_distance(
    graph: GraphMemory, policy: SyntheticPolicy, truth: list[Pose], seed: int
) -> np.ndarray:
    """The baseline of the field: at each step the node with the least predicted distance."""
    camera, everything = Camera(100 + seed), graph.embeddings(graph.ids.tolist())
    views = (policy.encode(camera.image(pose)) for pose in truth)
    return np.array([graph.ids[np.argmin(policy.compare(view, everything).steps)] for view in views])


def test_cold_start_anywhere_is_right_within_twenty_seconds(
    graph: GraphMemory, policy: SyntheticPolicy
) -> None:
    answers, after, baseline, errors = [], [], [], []
    for seed, start in enumerate(range(300, 740, 50)):
        truth = ROUTE[start : start + 120]
        run = follow(graph, policy, truth, odometry(truth, seed), seed)
        answers.append(bool(run.right[TWENTY_SECONDS - 1]))
        later = truth[TWENTY_SECONDS:]
        after.append(run.right[TWENTY_SECONDS:].mean())
        nearest = nearest_by_distance(graph, policy, later, seed)
        baseline.append(np.mean([is_right(graph, n, p) for n, p in zip(nearest, later, strict=True)]))
        errors.append(run.pose_error[TWENTY_SECONDS:].mean())
    assert len(answers) == 9
    assert np.mean(answers) >= 0.8
    assert np.mean(after) >= 0.95
    assert np.mean(after) > np.mean(baseline) + 0.02
    assert np.mean(errors) < 1.0


def test_between_streets_that_look_alike_it_doubts_until_one_ends(
    graph: GraphMemory, policy: SyntheticPolicy
) -> None:
    wrong, doubt, solved = [], [], []
    for seed, start in enumerate((60, 220, 260)):
        truth = ROUTE[start : start + 320]
        run = follow(graph, policy, truth, odometry(truth, seed), seed)
        in_twin = np.array([p.y < 10 and (p.x < 38 or p.x > 52) for p in truth])
        wrong.append((~run.right & ~run.lost)[in_twin].mean())
        doubt.append(run.lost[in_twin].mean())
        unique = np.array([p.y > 15 for p in truth])
        if unique.sum() > 60:
            solved.append(run.right[unique][40:].mean())
    assert np.mean(wrong) < 0.35
    assert np.mean(doubt) > 0.25
    assert np.mean(solved) > 0.95


def test_an_unknown_place_is_called_lost(graph: GraphMemory, policy: SyntheticPolicy) -> None:
    for seed in range(2):
        truth = drive([(0, 60), (50, 60), (50, 80)])
        run = follow(graph, policy, truth, odometry(truth, seed), seed)
        assert run.lost.mean() > 0.98


def test_leaving_the_map_is_noticed(graph: GraphMemory, policy: SyntheticPolicy) -> None:
    truth = [*ROUTE[420:520], *drive([(58, 30), (58, 70)])]
    run = follow(graph, policy, truth, odometry(truth), seed=3)
    assert run.right[60:100].mean() > 0.95
    assert run.lost[-60:].all()


def test_at_a_standstill_it_does_not_flicker(graph: GraphMemory, policy: SyntheticPolicy) -> None:
    flicker, baseline = 0, 0
    for seed, start in enumerate((425, 580)):
        truth = ROUTE[start - 40 : start] + [ROUTE[start]] * 200
        run = follow(graph, policy, truth, odometry(truth, seed), seed)
        standing = run.nodes[60:]
        nearest = nearest_by_distance(graph, policy, truth[60:], seed)
        assert run.right[60:].mean() > 0.95
        flicker += int((np.diff(standing) != 0).sum())
        baseline += int((np.diff(nearest) != 0).sum())
    assert flicker <= 2
    assert baseline > 20


def test_a_kidnapped_robot_recovers_from_views_alone(graph: GraphMemory, policy: SyntheticPolicy) -> None:
    for seed in range(2):
        before, after = ROUTE[430 + 40 * seed : 510 + 40 * seed], ROUTE[(410 + 80 * ((seed + 2) % 4)) :][:160]
        first = odometry(before, seed)
        # The wheels did not turn while it was carried: odometry goes on from where it stood.
        odom = first + [first[-1] @ step for step in odometry(after, seed + 1)]
        run = follow(graph, policy, before + after, odom, seed)
        jump = len(before)
        assert run.right[jump - 20 : jump].mean() > 0.9
        assert run.right[jump + TWENTY_SECONDS :].mean() > 0.95
        assert run.pose_error[-1] < 1.5


def test_matches_undo_the_drift_of_odometry(graph: GraphMemory, policy: SyntheticPolicy) -> None:
    truth = ROUTE[500:]
    odom = odometry(truth, seed=5, scale=1.05, yaw_drift=0.01)
    start = truth[0]
    drifted = np.hypot(*np.subtract((start @ odom[-1])[:2], truth[-1][:2]))
    assert drifted > 5.0
    localiser = Localiser(graph, policy)
    camera = Camera(9)
    for pose, odometry_pose in zip(truth, odom, strict=True):
        localiser.update(odometry_pose, policy.encode(camera.image(pose)))
    assert np.hypot(localiser.pose.x - truth[-1].x, localiser.pose.y - truth[-1].y) < 1.0
    assert np.array(localiser.map_to_odom @ odom[-1]) == pytest.approx(np.array(localiser.pose))


def test_it_follows_a_map_that_changes_under_it(policy: SyntheticPolicy) -> None:
    graph = mapped(ROUTE, policy)
    localiser, camera = Localiser(graph, policy), Camera(4)
    truth = ROUTE[430:560]
    odom = odometry(truth)
    for i, (pose, odometry_pose) in enumerate(zip(truth, odom, strict=True)):
        belief = localiser.update(odometry_pose, policy.encode(camera.image(pose)))
        if i == 100:
            node = belief.most_likely[0]
            graph.remove_nodes([node, *graph.ids[::3].tolist()])
        if i > 110:
            assert belief.most_likely[0] in graph
            assert is_right(graph, belief.most_likely[0], pose)


def test_an_empty_map_is_lost_and_a_first_node_settles_it(policy: SyntheticPolicy) -> None:
    graph = GraphMemory(policy.fingerprint)
    localiser = Localiser(graph, policy)
    view = policy.encode(Camera().image(Pose(3, 30, 0)))
    belief = localiser.update(Pose(5, 5, 1), view)
    assert belief.is_lost
    assert belief.most_likely == (-1, 0.0)
    assert belief.comparison is None
    node = graph.add_node(view, localiser.pose, stamp=0.0)
    localiser.settle(node)
    belief = localiser.update(Pose(5, 5, 1), view)
    assert belief.most_likely[0] == node
    assert belief.most_likely[1] > 0.95
    localiser.forget()
    assert localiser.update(Pose(5, 5, 1), view).most_likely[1] < 0.65


def test_maps_of_another_encoder_are_refused(policy: SyntheticPolicy) -> None:
    with pytest.raises(CairnError, match=r"made by encoder other, the policy's is synthetic-en"):
        Localiser(GraphMemory("other"), policy)
    with pytest.raises(CairnError, match=r"at most 32 nodes are compared a step, got .* 40"):
        Localiser(
            GraphMemory(policy.fingerprint), policy, parameters=LocaliserParameters(nearby=20, similar=20)
        )
