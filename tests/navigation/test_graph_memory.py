"""Nodes, edges and their evidence."""

import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import EdgeKind, GraphMemory
from cairn.navigation.graph.block_array import ROWS
from cairn.navigation.graph.edge_table import FAILURE_HALF_LIFE, FAILURE_PENALTY
from cairn.navigation.graph.spacing import NodeSpacing
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding


def view(value: float = 1.0, size: int = 16) -> Embedding:
    descriptor = np.zeros(size, np.float32)
    descriptor[:2] = np.cos(value), np.sin(value)
    return Embedding(descriptor, np.full((3, 4), value, np.float16), np.full(5, 2.5, np.float32))


def chain(length: int) -> GraphMemory:
    graph = GraphMemory("encoder", rate=4.0)
    for i in range(length):
        graph.add_node(view(0.01 * i), Pose(float(i), 0.0, 0.0), stamp=float(i))
        if i:
            graph.add_edge(i - 1, i, 4.0)
    return graph


def test_a_node_keeps_what_it_was_given() -> None:
    graph = GraphMemory("encoder")
    node = graph.add_node(view(0.5), Pose(1, 2, 3), (0.5, 0.25), stamp=7.0, thumbnail=b"jpeg")
    kept = graph.node(node)
    assert kept.pose == Pose(1, 2, 3)
    assert kept.variance == (0.5, 0.25)
    assert (kept.stamp, kept.visits, kept.last_visit) == (7.0, 1, 7.0)
    assert kept.embedding.tokens.tolist() == view(0.5).tokens.tolist()
    assert kept.embedding.descriptor[0] == np.float32(np.float16(np.cos(0.5)))
    assert graph.thumbnail(node) == b"jpeg"
    graph.record_visit(node, 9.0)
    assert (graph.node(node).visits, graph.node(node).last_visit) == (2, 9.0)


def test_ids_stay_when_others_go() -> None:
    graph = chain(10)
    graph.remove_nodes([0, 3, 4])
    assert graph.ids.tolist() == [1, 2, 5, 6, 7, 8, 9]
    assert graph.node(5).pose.x == 5.0
    assert 3 not in graph
    assert [(e.source, e.target) for e in graph.edge_list()] == [(1, 2), (5, 6), (6, 7), (7, 8), (8, 9)]
    assert graph.add_node(view(), Pose(), stamp=1.0) == 10
    assert graph.most_similar(graph.node(7).embedding.descriptor, 1)[0][0] == 7
    with pytest.raises(CairnError, match="node 3 is not in the map of 8 nodes"):
        graph.node(3)


def test_what_readers_get_is_frozen_and_survives_growth_and_removal() -> None:
    graph = chain(ROWS + 2)
    kept = graph.node(5).embedding
    for array in (graph.poses, graph.ids, graph.visits, kept.tokens, kept.descriptor):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    before = kept.tokens.copy()
    graph.remove_nodes([4, 5])
    for _ in range(ROWS):
        graph.add_node(view(3.0), Pose(), stamp=0.0)
    assert (kept.tokens == before).all()


def test_adding_does_not_copy_what_is_there() -> None:
    graph = chain(ROWS)
    first = graph.node(0).embedding.tokens.__array_interface__["data"]
    chain_end = graph.nbytes
    graph.add_node(view(), Pose(), stamp=0.0)
    assert graph.node(0).embedding.tokens.__array_interface__["data"] == first
    assert graph.nbytes - chain_end < 2 * ROWS * (16 * 4 + 12 * 2 + 5 * 4) + 64 * ROWS


@pytest.mark.parametrize(
    ("pose", "variance", "stamp"),
    [
        (Pose(np.nan, 0, 0), (0, 0), 0.0),
        (Pose(0, np.inf, 0), (0, 0), 0.0),
        (Pose(), (-1, 0), 0.0),
        (Pose(), (0, np.nan), 0.0),
        (Pose(), (0, 0), np.nan),
    ],
)
def test_numbers_that_are_none_are_refused(pose: Pose, variance: tuple[float, float], stamp: float) -> None:
    graph = GraphMemory("encoder")
    with pytest.raises(CairnError, match="needs a finite pose, a finite stamp and non-negative variances"):
        graph.add_node(view(), pose, variance, stamp=stamp)
    assert len(graph) == 0


def test_another_encoder_s_shape_is_refused() -> None:
    graph = chain(1)
    with pytest.raises(CairnError, match=r"holds embeddings of shapes .*\(16,\).*got .*\(8,\)"):
        graph.add_node(view(size=8), Pose(), stamp=0.0)
    with pytest.raises(CairnError, match=r"expected a descriptor of \(16,\), got \(8,\)"):
        graph.most_similar(np.zeros(8, np.float32), 1)


def test_bad_edges_are_refused() -> None:
    graph = chain(3)
    with pytest.raises(CairnError, match=r"0 -> 2 needs finite, non-negative steps, got nan"):
        graph.add_edge(0, 2, np.nan)
    with pytest.raises(CairnError, match="joins two nodes, got 1 twice"):
        graph.add_edge(1, 1, 3.0)
    with pytest.raises(CairnError, match="finite relative pose"):
        graph.add_edge(0, 2, 3.0, relative_pose=Pose(np.nan, 0, 0))
    with pytest.raises(CairnError, match="positive variances"):
        graph.add_edge(0, 2, 3.0, relative_variance=(0.0, 1.0))
    with pytest.raises(CairnError, match="no edge 0 -> 2; add it first"):
        graph.record_traversal(0, 2, 1.0)
    with pytest.raises(CairnError, match="finite, non-negative time, got nan"):
        graph.record_traversal(0, 1, np.nan)
    assert len(graph.edges) == 2


def test_edges_are_directed_and_better_evidence_wins() -> None:
    graph = chain(2)
    assert graph.edge(1, 0) is None
    graph.add_edge(0, 1, 8.0, EdgeKind.TRAVERSED, Pose(1, 0, 0))
    graph.add_edge(0, 1, 99.0, EdgeKind.PREDICTED)
    edge = graph.edge(0, 1)
    assert edge is not None
    assert (edge.kind, edge.steps, edge.relative_pose) == (EdgeKind.TRAVERSED, 8.0, Pose(1, 0, 0))
    assert len(graph.edges) == 1


def test_experience_corrects_the_predicted_time_of_every_edge() -> None:
    graph = chain(3)
    assert graph.edges.costs(0.0) == pytest.approx([1.0, 1.0])
    for _ in range(200):
        graph.record_traversal(0, 1, 2.0)
    assert graph.edges.costs(0.0)[0] == pytest.approx(2.0, rel=0.02)
    # Edge 1 -> 2 was never driven, but a step has proven to take half a second rather than a quarter.
    assert graph.edges.costs(0.0)[1] == pytest.approx(2.0, rel=0.05)


def test_a_failure_is_remembered_and_fades() -> None:
    graph = chain(2)
    graph.record_failure(0, 1, stamp=100.0)
    costs = [float(graph.edges.costs(t)[0]) for t in (100.0, 100.0 + FAILURE_HALF_LIFE, 1e5)]
    assert costs == pytest.approx([1 + FAILURE_PENALTY, 1 + FAILURE_PENALTY / 2, 1.0], abs=0.01)
    graph.record_failure(0, 1, stamp=100.0)
    assert graph.edges.costs(100.0)[0] == pytest.approx(1 + 2 * FAILURE_PENALTY)
    graph.record_traversal(0, 1, 1.0)
    assert graph.edges.costs(100.0)[0] == pytest.approx(1 + FAILURE_PENALTY / 2, rel=0.01)
    edge = graph.edge(0, 1)
    assert edge is not None
    assert (edge.failures, edge.last_failure) == (2, 100.0)


def test_views_are_spaced_in_place_and_heading() -> None:
    graph = chain(1)
    spacing = NodeSpacing(distance=2.0, heading=0.9)
    assert not spacing.should_add(graph, Pose(1.5, 0, 0.5))
    assert spacing.should_add(graph, Pose(2.5, 0, 0.0))
    assert spacing.should_add(graph, Pose(0, 0, 1.0))
    assert spacing.should_add(graph, Pose(0, 0, np.pi))
    assert spacing.should_add(GraphMemory("encoder"), Pose())
    with pytest.raises(CairnError, match="positive distance"):
        NodeSpacing(distance=0.0)


def test_a_map_needs_an_encoder_and_a_rate() -> None:
    with pytest.raises(CairnError, match="fingerprint"):
        GraphMemory("")
    with pytest.raises(CairnError, match="rate must be positive"):
        GraphMemory("encoder", rate=float("nan"))
