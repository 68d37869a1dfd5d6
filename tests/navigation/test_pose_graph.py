"""Loop closures and the poses they make consistent."""

import time

import numpy as np
import pytest
from synthetic_world import Camera, SyntheticPolicy, drive, odometry

from cairn.navigation.graph import EdgeKind, GraphMemory
from cairn.navigation.graph.pose_filter import PoseFilter
from cairn.navigation.graph.pose_graph import optimise
from cairn.navigation.pose import Pose, between

# Four laps of a block, so that every place is seen again at a known drift.
LAPS = drive([(0, 20), *[(30, 20), (30, 50), (0, 50), (0, 20)] * 4], turn=2.0)[::4]


@pytest.fixture(scope="module")
def policy() -> SyntheticPolicy:
    return SyntheticPolicy(spurious=0.0)


def dead_reckoned(policy: SyntheticPolicy) -> tuple[GraphMemory, np.ndarray]:
    """A map whose poses are the odometry's, and the true poses in the frame of the first."""
    graph, tracker, camera = GraphMemory(policy.fingerprint), PoseFilter(), Camera(2)
    odom = odometry(LAPS, seed=1, scale=1.01, yaw_drift=0.004)
    for i, (truth, pose) in enumerate(zip(LAPS, odom, strict=True)):
        tracker.predict(pose)
        view = policy.encode(camera.image(truth))
        graph.add_node(view, tracker.pose, tracker.variance, stamp=float(i))
        if i:
            relative = odom[i - 1].inverse @ pose
            graph.add_edge(i - 1, i, 4, EdgeKind.TRAVERSED, relative, (0.01, 0.001))
    return graph, np.array([LAPS[0].inverse @ pose for pose in LAPS])


def error(graph: GraphMemory, truth: np.ndarray) -> float:
    return float(np.sqrt(((graph.poses[:, :2] - truth[:, :2]) ** 2).sum(axis=1).mean()))


def test_closures_make_the_poses_consistent(policy: SyntheticPolicy) -> None:
    graph, truth = dead_reckoned(policy)
    before = error(graph, truth)
    rng = np.random.default_rng(3)
    for node, pose in enumerate(truth):
        earlier = np.flatnonzero(np.hypot(*(truth[: max(0, node - 20), :2] - pose[:2]).T) < 2.0)
        if len(earlier):
            seen = between(truth[earlier[0]], pose) + rng.normal(0, (0.3, 0.3, 0.1))
            graph.add_edge(int(earlier[0]), node, 4, EdgeKind.LOOP_CLOSURE, Pose(*seen), (0.1, 0.01))
    result = optimise(graph)
    assert result.final_cost < 0.3 * result.initial_cost
    assert before > 4.0
    assert error(graph, truth) < 0.5 * before


def ring(n: int) -> tuple[GraphMemory, np.ndarray]:
    """Nodes on a circle with exact measurements between neighbours, poses disturbed."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    truth = np.stack((10 * np.sin(angle), 10 - 10 * np.cos(angle), angle), axis=1)
    policy, graph = SyntheticPolicy(), GraphMemory("ring")
    view = policy.encode(Camera().image(Pose()))
    noise = np.random.default_rng(0).normal(0, 0.3, (n, 3))
    noise[0] = 0.0
    for i, pose in enumerate(truth + noise):
        graph.add_node(view, Pose(*pose), (0.1 * i, 0.1 * i), stamp=0.0)
    for i in range(n):
        j = (i + 1) % n
        graph.add_edge(i, j, 1, EdgeKind.TRAVERSED, Pose(*truth[i]).inverse @ Pose(*truth[j]), (0.01, 0.01))
    return graph, truth


def test_exact_measurements_are_met_exactly() -> None:
    graph, truth = ring(40)
    assert error(graph, truth) > 0.2
    result = optimise(graph, iterations=30)
    assert result.final_cost == pytest.approx(0.0, abs=1e-4)
    assert error(graph, truth) < 1e-2
    # Twenty edges of .01 m^2 lie between the first node and the farthest.
    assert graph.variances[:, 0].max() == pytest.approx(0.2, rel=1e-3)


def test_false_closures_are_silenced_and_named() -> None:
    graph, truth = ring(60)
    graph.add_edge(5, 40, 3, EdgeKind.LOOP_CLOSURE, Pose(0.5, 0.0, 0.0), (0.25, 0.03))
    graph.add_edge(12, 33, 3, EdgeKind.LOOP_CLOSURE, Pose(1.0, 0.0, 1.0), (0.25, 0.03))
    result = optimise(graph, iterations=40)
    assert result.outliers == ((5, 40), (12, 33))
    assert error(graph, truth) < 0.5


def test_each_part_keeps_its_first_node_and_unmeasured_nodes_stay() -> None:
    graph, _ = ring(10)
    view = graph.node(0).embedding
    lone = graph.add_node(view, Pose(50, 50, 1), stamp=0.0)
    first = graph.add_node(view, Pose(90, 0, 0), stamp=0.0)
    second = graph.add_node(view, Pose(95, 0, 0), stamp=0.0)
    graph.add_edge(lone, 0, 5)
    graph.add_edge(first, second, 1, EdgeKind.TRAVERSED, Pose(1, 0, 0))
    optimise(graph)
    assert graph.pose(lone) == Pose(50, 50, 1)
    assert graph.pose(first) == Pose(90, 0, 0)
    assert np.array(graph.pose(second)) == pytest.approx((91, 0, 0), abs=1e-6)
    assert np.array(graph.pose(0)) == pytest.approx(np.zeros(3))


def test_nothing_measured_changes_nothing() -> None:
    graph = GraphMemory("empty")
    assert optimise(graph).iterations == 0


def test_a_thousand_nodes_take_a_fraction_of_a_second() -> None:
    graph, truth = ring(1000)
    rng = np.random.default_rng(0)
    for i, j in rng.integers(0, 1000, (500, 2)).tolist():
        if i != j:
            relative = Pose(*truth[i]).inverse @ Pose(*truth[j])
            graph.add_edge(i, j, 1, EdgeKind.LOOP_CLOSURE, relative, (0.25, 0.03))
    start = time.process_time()
    optimise(graph)
    # 200 ms on an idle core; the margin is for a loaded machine.
    assert time.process_time() - start < 2.0
