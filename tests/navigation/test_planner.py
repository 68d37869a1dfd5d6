"""Shortest paths."""

from itertools import pairwise
from math import inf

import networkx as nx
import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import EdgeKind, GraphMemory, Planner
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding

VIEW = Embedding(np.eye(4, dtype=np.float32)[0], np.zeros((2, 2), np.float16), np.ones(4, np.float32))


def nodes(n: int) -> GraphMemory:
    graph = GraphMemory("encoder", rate=1.0)
    for i in range(n):
        graph.add_node(VIEW, Pose(float(i), 0, 0), stamp=0.0)
    return graph


def test_paths_equal_networkx_while_the_graph_grows_and_shrinks() -> None:
    rng = np.random.default_rng(0)
    graph = nodes(60)
    planner = Planner(graph)
    for round_ in range(6):
        for _ in range(60):
            a, b = rng.choice(graph.ids, 2, replace=False).tolist()
            graph.add_edge(a, b, float(rng.uniform(1, 20)), EdgeKind(int(rng.integers(3))))
        if round_ == 3:
            graph.remove_nodes(rng.choice(graph.ids, 10, replace=False).tolist())
        graph.add_node(VIEW, Pose(), stamp=0.0)
        some = next(iter(graph.edge_list()))
        graph.record_failure(some.source, some.target, stamp=50.0)
        reference = nx.DiGraph()
        reference.add_nodes_from(graph.ids.tolist())
        for edge, cost in zip(graph.edge_list(), graph.edges.costs(60.0).tolist(), strict=True):
            reference.add_edge(edge.source, edge.target, weight=cost)
        source = int(rng.choice(graph.ids))
        expected = nx.single_source_dijkstra_path_length(reference, source)
        tree = planner.tree_from(source, 60.0)
        for node, cost in zip(tree.ids.tolist(), tree.costs.tolist(), strict=True):
            assert cost == pytest.approx(expected.get(node, inf))
            route = planner.shortest_path(source, node, 60.0)
            assert route.cost == pytest.approx(cost)
            if route.is_reachable:
                weight = sum(reference[a][b]["weight"] for a, b in pairwise(route.nodes))
                assert (route.nodes[0], route.nodes[-1]) == (source, node)
                assert weight == pytest.approx(cost)


def test_edges_are_one_way() -> None:
    graph = nodes(3)
    graph.add_edge(0, 1, 1)
    graph.add_edge(1, 2, 1)
    planner = Planner(graph)
    assert planner.shortest_path(0, 2, 0.0).nodes == (0, 1, 2)
    backwards = planner.shortest_path(2, 0, 0.0)
    assert (backwards.nodes, backwards.cost, backwards.is_reachable) == ((), inf, False)
    assert planner.shortest_path(1, 1, 0.0).nodes == (1,)
    assert planner.tree_to(2, 0.0).costs.tolist() == pytest.approx([2.0, 1.0, 0.0])


def test_a_belief_starts_at_its_likeliest_node_that_can_reach_the_goal() -> None:
    graph = nodes(4)
    graph.add_edge(0, 1, 1)
    graph.add_edge(2, 1, 1)
    planner = Planner(graph)
    assert planner.shortest_path({2: 0.6, 0: 0.4}, 1, 0.0).nodes == (2, 1)
    assert planner.shortest_path({3: 0.9, 0: 0.1}, 1, 0.0).nodes == (0, 1)
    assert not planner.shortest_path({3: 1.0}, 1, 0.0).is_reachable
    assert not planner.shortest_path({}, 1, 0.0).is_reachable


def test_a_failed_edge_is_avoided_while_there_is_another_way() -> None:
    graph = nodes(3)
    graph.add_edge(0, 2, 5)
    graph.add_edge(0, 1, 10)
    graph.add_edge(1, 2, 10)
    planner = Planner(graph)
    assert planner.shortest_path(0, 2, 0.0).nodes == (0, 2)
    graph.record_failure(0, 2, stamp=0.0)
    assert planner.shortest_path(0, 2, 1.0).nodes == (0, 1, 2)
    assert planner.shortest_path(0, 2, 1e6).nodes == (0, 2)


def test_unknown_nodes_and_an_empty_map_are_errors() -> None:
    with pytest.raises(CairnError, match="node 0 is not in the map of 0 nodes"):
        Planner(nodes(0)).shortest_path(0, 0, 0.0)
    with pytest.raises(CairnError, match="node 7 is not in the map of 2 nodes"):
        Planner(nodes(2)).shortest_path(7, 0, 0.0)


def test_free_edges_count() -> None:
    graph = nodes(2)
    graph.add_edge(0, 1, 0.0)
    assert Planner(graph).shortest_path(0, 1, 0.0).nodes == (0, 1)
