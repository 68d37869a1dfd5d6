"""Neighbours by descriptor and by pose agree with brute force."""

import numpy as np
import pytest

from cairn.navigation.graph import GraphMemory
from cairn.navigation.graph.block_array import BlockArray
from cairn.navigation.graph.nearest_neighbours import NearestNeighbours
from cairn.navigation.graph.place_index import place_distance
from cairn.navigation.pose import Pose, between, compose, inverse
from cairn.policies.embedding import Embedding


def unit_vectors(n: int, size: int = 32, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, size)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_exact_search_across_blocks_equals_a_full_sort() -> None:
    vectors = unit_vectors(1300)
    blocks = BlockArray("<f4", (32,))
    blocks.extend(vectors)
    search = NearestNeighbours()
    for query in unit_vectors(20, seed=1):
        rows, similarity = search.query(blocks, query, 10)
        order = np.argsort(-(vectors @ query))[:10]
        assert rows.tolist() == order.tolist()
        assert similarity == pytest.approx(vectors[order] @ query, abs=1e-6)
    assert len(search.query(blocks, vectors[0], 5000)[0]) == 1300
    assert len(search.query(BlockArray("<f4", (32,)), vectors[0], 5)[0]) == 0


def test_above_the_limit_the_index_takes_over_and_follows_growth_and_removal() -> None:
    vectors = unit_vectors(900, seed=2)
    blocks = BlockArray("<f4", (32,))
    blocks.extend(vectors[:700])
    search = NearestNeighbours(exact_limit=500)
    rows, _ = search.query(blocks, vectors[3], 5)
    assert rows[0] == 3
    assert search.wait(60.0)
    assert search.is_approximate
    blocks.extend(vectors[700:])
    found = [int(search.query(blocks, vector, 1)[0][0]) for vector in vectors]
    assert np.mean(np.array(found) == np.arange(900)) > 0.98
    search.forget()
    kept = blocks.keep(np.arange(900) >= 450)
    assert search.query(kept, vectors[899], 1)[0][0] == 449
    assert not search.is_approximate


def random_map(n: int) -> GraphMemory:
    rng = np.random.default_rng(0)
    graph = GraphMemory("encoder")
    embedding = Embedding(unit_vectors(1)[0], np.zeros((2, 2), np.float16), np.ones(4, np.float32))
    for _ in range(n):
        x, y, yaw = rng.uniform(-1, 1, 3) * (20, 20, np.pi)
        graph.add_node(embedding, Pose(x, y, yaw), stamp=0.0)
        if len(graph) % 50 == 0:
            graph.nearest_places(np.zeros((1, 3)), 1)
    return graph


@pytest.mark.parametrize("heading", [True, False])
def test_place_search_equals_brute_force_while_growing(heading: bool) -> None:
    graph = random_map(333)
    queries = np.random.default_rng(1).uniform(-1, 1, (40, 3)) * (22, 22, np.pi)
    ids, distances = graph.nearest_places(queries, 6, heading=heading)
    for query, found, distance in zip(queries, ids, distances, strict=True):
        away = place_distance(graph.poses, query) if heading else np.hypot(*(graph.poses - query)[:, :2].T)
        assert distance == pytest.approx(np.sort(away)[:6])
        assert set(found.tolist()) == set(np.argsort(away)[:6].tolist())
        within = graph.nodes_within(Pose(*query), 5.0, heading=heading)
        assert set(within.tolist()) == set(np.flatnonzero(away <= 5.0).tolist())
        assert (np.diff(away[within]) >= 0).all()


def test_place_search_follows_moved_and_removed_nodes() -> None:
    graph = random_map(100)
    graph.set_poses(graph.poses + np.array((100.0, 0.0, 0.0)))
    assert len(graph.nodes_within(Pose(), 60.0)) == 0
    graph.remove_nodes(range(99))
    ids, distances = graph.nearest_places(np.array([[100.0, 0.0, 0.0]]), 3)
    assert ids.tolist() == [[99, -1, -1]]
    assert np.isinf(distances[0, 1:]).all()
    ids, _ = GraphMemory("encoder").nearest_places(np.zeros((2, 3)), 2)
    assert (ids == -1).all()


def test_pose_algebra_of_arrays_equals_that_of_poses() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.uniform(-1, 1, (50, 3)) * (10, 10, np.pi) for _ in range(2))
    for i in range(50):
        p, q = Pose(*a[i]), Pose(*b[i])
        assert compose(a, b)[i] == pytest.approx(np.array(p @ q))
        assert between(a, b)[i] == pytest.approx(np.array(p.inverse @ q))
        assert inverse(a)[i] == pytest.approx(np.array(p.inverse))
        assert np.array(p @ p.inverse) == pytest.approx(np.zeros(3), abs=1e-9)
