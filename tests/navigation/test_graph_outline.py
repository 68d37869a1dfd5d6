"""The graph as dots and lines."""

import numpy as np

from cairn.navigation.graph import EdgeKind, GraphMemory
from cairn.navigation.graph.outline import outline_of
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding


def row_of_places(count: int) -> GraphMemory:
    graph = GraphMemory("encoder")
    view = Embedding(np.ones(4, np.float32), np.ones((3, 4), np.float16), np.ones(5, np.float32))
    for x in range(count):
        graph.add_node(view, Pose(float(x), 1.0, 0.0), stamp=0.0)
    return graph


def test_both_directions_are_one_line_and_driven_if_either_was() -> None:
    graph = row_of_places(4)
    graph.add_edge(1, 0, 4.0, EdgeKind.PREDICTED)
    graph.add_edge(0, 1, 4.0, EdgeKind.TRAVERSED)
    graph.add_edge(1, 2, 4.0, EdgeKind.LOOP_CLOSURE)
    graph.add_edge(2, 1, 4.0, EdgeKind.PREDICTED)
    graph.add_edge(3, 2, 4.0, EdgeKind.PREDICTED)

    outline = outline_of(graph)
    assert outline.places.tolist() == [[0, 1], [1, 1], [2, 1], [3, 1]]
    assert np.sort(outline.driven[..., 0]).tolist() == [[0, 1]]
    assert sorted(np.sort(outline.seen[..., 0]).tolist()) == [[1, 2], [2, 3]]


def test_places_follow_an_optimisation_and_the_outline_keeps_nothing_of_the_graph() -> None:
    graph = row_of_places(2)
    outline = outline_of(graph)
    graph.set_poses(graph.poses + 5.0)
    assert outline.places[0].tolist() == [0, 1]
    assert outline_of(graph).places[0].tolist() == [5, 6]


def test_a_large_graph_is_thinned_evenly_and_an_empty_one_is_empty() -> None:
    graph = row_of_places(101)
    for x in range(100):
        graph.add_edge(x, x + 1, 4.0, EdgeKind.TRAVERSED)

    outline = outline_of(graph, most=50)
    assert (len(outline.places), len(outline.driven), len(outline.seen)) == (34, 50, 0)
    assert outline.places[[0, -1], 0].tolist() == [0.0, 99.0]

    empty = outline_of(GraphMemory("encoder"))
    assert (empty.places.shape, empty.driven.shape, empty.seen.shape) == ((0, 2), (0, 2, 2), (0, 2, 2))
