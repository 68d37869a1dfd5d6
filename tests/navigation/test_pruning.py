"""Small maps: pruning and merging."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from synthetic_world import Camera, SyntheticPolicy, drive, mapped

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import EdgeKind, GraphMemory, Planner
from cairn.navigation.graph.merging import find_cross_matches, merge
from cairn.navigation.graph.pruning import prune
from cairn.navigation.graph.spacing import NodeSpacing
from cairn.navigation.pose import Pose, compose, wrap_angles


@pytest.fixture(scope="module")
def policy() -> SyntheticPolicy:
    return SyntheticPolicy()


def wandering(policy: SyntheticPolicy, seconds: int) -> tuple[GraphMemory, int]:
    """A map of a drive between random points of a campus, and the most nodes it ever had."""
    points = np.random.default_rng(3).uniform(0, 120, (400, 2)).tolist()
    route = drive([(x, y) for x, y in points])[: 4 * seconds : 2]
    graph, spacing, most = GraphMemory(policy.fingerprint), NodeSpacing(), 0
    view, last = policy.encode(Camera().image(Pose())), None
    for i, pose in enumerate(route):
        if spacing.should_add(graph, pose):
            node = graph.add_node(view, pose, stamp=i / 2)
        else:
            node = int(graph.nearest_places(np.array([pose]), 1)[0][0, 0])
        if last is not None and last != node and last in graph:
            relative = graph.pose(last).inverse @ graph.pose(node)
            graph.add_edge(last, node, 8, EdgeKind.TRAVERSED, relative)
            graph.add_edge(node, last, 10, EdgeKind.PREDICTED, relative.inverse)
        last = node
        most = max(most, len(graph))
        if len(graph) >= 1990:
            prune(graph, 1600, spacing)
    return graph, most


def parts(graph: GraphMemory) -> int:
    ends = (graph.edges.column("source"), graph.edges.column("target"))
    links = coo_array((np.ones(len(graph.edges)), ends), shape=(len(graph), len(graph)))
    return int(connected_components(links, directed=True, connection="strong")[0])


def test_an_hour_of_driving_stays_below_two_thousand_nodes(policy: SyntheticPolicy) -> None:
    graph, most = wandering(policy, 3600)
    assert most < 2000
    assert len(graph) > 800
    assert parts(graph) == 1


def test_pruning_keeps_ways_and_views(policy: SyntheticPolicy) -> None:
    graph, _ = wandering(policy, 500)
    before, visits = graph.poses.copy(), int(graph.visits.sum())
    count = len(graph)
    assert prune(graph, count // 2) == count - count // 2
    assert parts(graph) == 1
    assert int(graph.visits.sum()) == visits
    for pose in before:
        alike = np.abs(wrap_angles(graph.poses[:, 2] - pose[2])) <= np.pi / 2
        assert np.hypot(*(graph.poses[alike, :2] - pose[:2]).T).min() < 6.0


def test_places_without_an_edge_are_never_united(policy: SyntheticPolicy) -> None:
    """A wall may stand between them."""
    graph = mapped(drive([(0, 0), (10, 0)]), policy)
    here, there = len(graph), 0
    view = graph.node(0).embedding
    for i in range(here):
        there = graph.add_node(view, Pose(graph.poses[i, 0], 0.3, 0.0), stamp=0.0)
        if i:
            graph.add_edge(there - 1, there, 8, EdgeKind.TRAVERSED, Pose(2, 0, 0))
    prune(graph, 1)
    assert len(graph) >= 2
    planner = Planner(graph)
    assert {n for n in graph.ids.tolist() if n < here}
    assert {n for n in graph.ids.tolist() if n >= here}
    sources = [n for n in graph.ids.tolist() if n < here]
    assert not any(
        planner.shortest_path(s, t, 0.0).is_reachable
        for s in sources
        for t in graph.ids.tolist()
        if t >= here
    )


def test_evidence_is_handed_over(policy: SyntheticPolicy) -> None:
    graph = mapped(drive([(0, 0), (8, 0)]), policy)
    ids = graph.ids.tolist()
    for _ in range(3):
        graph.record_traversal(ids[0], ids[1], 2.0)
        graph.record_traversal(ids[1], ids[2], 2.0)
    start, end = ids[0], ids[-1]
    graph.record_visit(start, 50.0, times=10)
    graph.record_visit(end, 50.0, times=10)
    prune(graph, 2)
    assert graph.ids.tolist() == [start, end]
    edge = graph.edge(start, end)
    assert edge is not None
    assert edge.kind == EdgeKind.TRAVERSED
    assert edge.relative_pose is not None
    length = graph.pose(start).inverse @ graph.pose(end)
    assert np.array(edge.relative_pose) == pytest.approx(np.array(length), abs=1e-3)
    with pytest.raises(CairnError, match="pruned to at least one node, got 0"):
        prune(graph, 0)


def test_two_maps_become_one_where_they_overlap(policy: SyntheticPolicy) -> None:
    first = mapped(drive([(0, 30), (40, 30), (40, 50)]), policy, seed=1)
    second = mapped(drive([(10, 30), (40, 30), (40, 60), (20, 60)]), policy, seed=2)
    truth = second.poses.copy()
    # The second robot started elsewhere: its map frame is another.
    second.set_poses(compose(np.array((7.0, -3.0, 2.0)), second.poses))
    found = find_cross_matches(first, second, 0.8)
    assert len(found) > 10
    merged = merge(first, second, found)
    assert len(merged) == len(first) + len(second)
    assert merged.ids[: len(first)].tolist() == first.ids.tolist()
    error = np.hypot(*(merged.poses[len(first) :] - truth)[:, :2].T)
    assert error.max() < 1.5
    start, end = 0, int(merged.ids[-1])
    assert Planner(merged).shortest_path(start, end, 0.0).is_reachable
    assert merged.thumbnail(end) == second.thumbnail(int(second.ids[-1]))


def test_maps_that_share_nothing_are_not_merged(policy: SyntheticPolicy) -> None:
    first, second = mapped(drive([(0, 30), (20, 30)]), policy), mapped(drive([(0, 90), (20, 90)]), policy)
    assert find_cross_matches(first, second, 0.95) == []
    with pytest.raises(CairnError, match=r"no view of the second map \(\d+ nodes\) was recognised"):
        merge(first, second, [])
    with pytest.raises(CairnError, match="made by encoders synthetic-en and other"):
        find_cross_matches(first, GraphMemory("other"))
    with pytest.raises(CairnError, match="both maps need nodes"):
        find_cross_matches(first, GraphMemory(policy.fingerprint))
