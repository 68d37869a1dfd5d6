"""Metres to drive along the graph."""

import numpy as np
import pytest
from synthetic_world import Camera, SyntheticPolicy

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.path_lengths import path_lengths
from cairn.navigation.pose import Pose


@pytest.fixture
def square():
    """Four corners, driven round one way, two nodes on the last; and a fifth place nobody drove to."""
    policy = SyntheticPolicy()
    graph = GraphMemory(policy.fingerprint)
    view = policy.encode(Camera().image(Pose()))
    for x, y, yaw in ((0, 0, 0), (4, 0, 1), (4, 3, 2), (0, 3, 3), (0, 3, 0), (9, 9, 0)):
        graph.add_node(view, Pose(x, y, yaw), stamp=0.0)
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 4)):
        graph.add_edge(a, b, 4.0)
    return graph


def test_lengths_follow_the_edges_and_their_direction(square):
    assert path_lengths(square, 0) == pytest.approx([0, 4, 7, 11, 11, np.inf], abs=0.02)
    assert path_lengths(square, 2) == pytest.approx([np.inf, np.inf, 0, 4, 4, np.inf], abs=0.02)


def test_rows_follow_the_ids_when_nodes_went(square):
    square.remove_nodes([1])
    assert path_lengths(square, 2) == pytest.approx([np.inf, 0, 4, 4, np.inf], abs=0.02)


def test_a_root_that_is_not_there_is_refused(square):
    with pytest.raises(CairnError):
        path_lengths(square, 77)
