"""How long the graph memory takes a control step, and how much it holds."""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.performance.row import PerformanceRow
from cairn.navigation.graph import EdgeKind, GraphMemory, Planner, map_file
from cairn.navigation.graph.autosave import Autosave
from cairn.navigation.graph.localiser import Localiser
from cairn.navigation.graph.pose_graph import optimise
from cairn.navigation.pose import Pose, between
from cairn.navigation.viewpoints import ViewpointSettings, Views, rank_viewpoints
from cairn.policies.action import Action
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_SPACING = 2.0  # [m] between the nodes of the lattice
_RATE = 4.0
_DESCRIPTOR, _TOKENS, _SECTORS = 256, (24, 64), 32
_THUMBNAIL = bytes(3000)


class _KnownPoses(LatentGoalPolicy):
    """Compares views by the poses written into them: its own time does not hide the memory's."""

    rate = _RATE
    latent_size = 1
    horizontal_fov = 120.0
    fingerprint = "known-poses"

    def __init__(self) -> None:
        self._frequencies = np.random.default_rng(0).normal(0, 0.3, (_DESCRIPTOR, 2))

    def encode(self, image: NDArray[np.uint8]) -> Embedding:
        raise NotImplementedError("the views of this measurement are made from poses")

    def view(self, pose: Pose) -> Embedding:
        descriptor = np.cos(self._frequencies @ pose[:2]) * sqrt(2 / _DESCRIPTOR)
        tokens = np.zeros(_TOKENS, np.float16)
        # Two halves of a coordinate keep the resolution that one float16 loses.
        tokens[0, :5] = (pose.x // 16, pose.x % 16, pose.y // 16, pose.y % 16, pose.yaw)
        return Embedding(descriptor.astype(np.float32), tokens, np.full(_SECTORS, 5.0, np.float32))

    def compare(self, observation: Embedding, goals: Sequence[Embedding]) -> Comparison:
        tokens = np.array([observation.tokens[0, :5], *(goal.tokens[0, :5] for goal in goals)], np.float64)
        poses = np.stack((tokens[:, :2] @ (16, 1), tokens[:, 2:4] @ (16, 1), tokens[:, 4]), axis=1)
        relative = between(poses[:1], poses[1:])
        distance = np.hypot(relative[:, 0], relative[:, 1])
        match = 1 / (1 + np.exp(np.minimum((distance / 2) ** 2 - 3.5, 30)))
        bearing = np.arctan2(relative[:, 1], relative[:, 0])
        latent = np.zeros((len(goals), 1), np.float32)
        yaw = relative[:, 2].astype(np.float32)
        return Comparison(
            (4 * distance).astype(np.float32),
            match.astype(np.float32),
            bearing.astype(np.float32),
            yaw,
            distance.astype(np.float32),
            latent,
            latent,
        )

    def decode(self, observation: Embedding, latents: NDArray[np.float32]) -> Action:
        raise NotImplementedError("nothing drives in this measurement")


def rows() -> list[PerformanceRow]:
    """A step at 1e3 and 1e5 nodes, memory, saving, optimising and frontiers."""
    return [
        *_step_rows(1_000, 2.0, 200),
        *_step_rows(100_000, 40.0, 60),
        _memory_row(10_000),
        *_saving_rows(2_000),
        _optimise_row(1_000),
        _viewpoint_row(2_000),
    ]


def _lattice(policy: _KnownPoses, nodes: int) -> GraphMemory:
    """Streets in both directions, four ways out of every crossing."""
    graph, width = GraphMemory(policy.fingerprint, _RATE), ceil(sqrt(nodes))
    for i in range(nodes):
        pose = Pose(_SPACING * (i % width), _SPACING * (i // width), 0.0)
        graph.add_node(policy.view(pose), pose, (1e-5 * i, 1e-6 * i), stamp=float(i), thumbnail=_THUMBNAIL)
        for before, joined in ((i - 1, i % width > 0), (i - width, i >= width)):
            if joined:
                relative = graph.pose(before).inverse @ pose
                graph.add_edge(before, i, 8.0, EdgeKind.TRAVERSED, relative, (0.01, 0.001))
                graph.add_edge(i, before, 8.0, EdgeKind.TRAVERSED, relative.inverse, (0.01, 0.001))
    return graph


def _step_rows(nodes: int, target: float, steps: int) -> list[PerformanceRow]:
    """Localising and planning at every step, while the robot drives and the map grows every two seconds.

    The search of descriptors is exact up to the limit at which the index takes over.
    """
    policy = _KnownPoses()
    graph = _lattice(policy, nodes - (steps + 20) // 8 - 1)
    localiser, planner = Localiser(graph, policy), Planner(graph)
    times = []
    for i in range(steps + 20):
        pose = Pose(10.0 + 0.25 * i, 10.2, 0.0)
        view = policy.view(pose)
        start = time.perf_counter()
        belief = localiser.update(pose, view)
        located = time.perf_counter()
        planner.shortest_path(belief.as_mapping(), len(graph) // 2, i / _RATE)
        times.append((located - start, time.perf_counter() - located))
        if i % 8 == 0:
            node = graph.add_node(view, pose, stamp=i / _RATE)
            graph.add_edge(node, 0, 50.0)
    samples = np.array(times[20:]) * 1e3
    median, slow = np.percentile(samples.sum(axis=1), [50, 99])
    localising, planning = np.median(samples, axis=0)
    name = f"{nodes:,} nodes, localising and planning"
    return [
        PerformanceRow("graph", f"{name}, p50", float(median), "ms", "<=", target, steps),
        PerformanceRow("graph", f"{name}, p99", float(slow), "ms", samples=steps),
        PerformanceRow(
            "graph", f"{nodes:,} nodes of which localising", float(localising), "ms", samples=steps
        ),
        PerformanceRow("graph", f"{nodes:,} nodes of which planning", float(planning), "ms", samples=steps),
    ]


def _memory_row(nodes: int) -> PerformanceRow:
    """Everything allocated for a map with its search trees and planning matrix, by tracemalloc."""
    policy = _KnownPoses()
    tracemalloc.start()
    try:
        graph = _lattice(policy, nodes)
        planner = Planner(graph)
        planner.shortest_path(0, nodes - 1, 0.0)
        graph.nearest_places(np.zeros((1, 3)), 4)
        graph.nodes_within(Pose(), 2.0)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    name = f"memory a node with its edges, {nodes:,} nodes, thumbnails on disk"
    return PerformanceRow("graph", name, used / nodes / 1000, "kB", "<=", 6.0, nodes)


def _saving_rows(nodes: int) -> list[PerformanceRow]:
    policy = _KnownPoses()
    graph = _lattice(policy, nodes)
    localiser = Localiser(graph, policy)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.cairnmap"
        start = time.perf_counter()
        map_file.save(graph, path)
        saved = time.perf_counter()
        map_file.load(path)
        loaded = time.perf_counter()
        autosave = Autosave(graph, path, period=0.05)
        delays = {True: [0.0], False: [0.0]}
        for saving in (False, True):
            for i in range(200):
                pose = Pose(10.0 + 0.25 * (i % 100), 10.0, 0.0)
                view = policy.view(pose)
                graph.record_visit(0, float(i))
                begun = time.perf_counter()
                if saving:
                    autosave.tick(begun)
                localiser.update(pose, view)
                delays[saving].append(time.perf_counter() - begun)
        autosave.close()
    stall = (max(delays[True]) - float(np.median(delays[False]))) * 1e3
    name = f"{nodes:,} nodes"
    return [
        PerformanceRow("graph", f"{name}, longest stall by autosaving", stall, "ms", "<=", 50.0, 200),
        PerformanceRow("graph", f"{name}, save", (saved - start) * 1e3, "ms"),
        PerformanceRow("graph", f"{name}, load", (loaded - saved) * 1e3, "ms"),
    ]


def _optimise_row(nodes: int) -> PerformanceRow:
    """A drifted chain with half as many closures as nodes."""
    policy, rng = _KnownPoses(), np.random.default_rng(0)
    graph = GraphMemory(policy.fingerprint, _RATE)
    angle = np.linspace(0, 8 * np.pi, nodes)
    truth = np.stack((30 * np.sin(angle), 30 * (1 - np.cos(angle)), angle), axis=1)
    drifted = truth + np.cumsum(rng.normal(0, 0.03, truth.shape) * (1, 1, 0.02), axis=0)
    for i, (x, y, yaw) in enumerate(drifted.tolist()):
        graph.add_node(policy.view(Pose(x, y, yaw)), Pose(x, y, yaw), (0.002 * i, 1e-5 * i), stamp=float(i))
        if i:
            relative = Pose(*between(drifted[i - 1], drifted[i]).tolist())
            graph.add_edge(i - 1, i, 4.0, EdgeKind.TRAVERSED, relative, (0.002, 0.0005))
    while len(graph.edges) < 3 * nodes // 2:
        source = int(rng.integers(0, nodes // 4 * 3))
        target = source + nodes // 4 + int(rng.integers(-3, 4))
        if 0 <= target < nodes:
            relative = Pose(*(between(truth[source], truth[target]) + rng.normal(0, 0.1, 3)).tolist())
            graph.add_edge(source, target, 4.0, EdgeKind.LOOP_CLOSURE, relative, (0.01, 0.01))
    start = time.perf_counter()
    optimise(graph)
    took = (time.perf_counter() - start) * 1e3
    name = f"optimising {nodes:,} poses with {len(graph.edges):,} edges"
    return PerformanceRow("graph", name, took, "ms", "<=", 200.0)


def _viewpoint_row(nodes: int, repetitions: int = 30) -> PerformanceRow:
    """Where to look next; a search asks once a target, a few times a minute."""
    rng = np.random.default_rng(0)
    poses = rng.uniform(-1, 1, (nodes, 3)) * (50, 50, np.pi)
    ranges = rng.uniform(0, 8, (nodes, _SECTORS)).astype(np.float32)
    views = Views(np.arange(nodes), poses, ranges, 120.0)
    seconds, metres = rng.uniform(0, 100, nodes), rng.uniform(0, 100, nodes)
    nowhere = np.zeros((0, 2))
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        rank_viewpoints(views, seconds, metres, ViewpointSettings(), nowhere, nowhere, np.zeros((0, 2, 2)))
        times.append(time.perf_counter() - start)
    name = f"viewpoints from {nodes:,} nodes x {_SECTORS} sectors, p50"
    return PerformanceRow("graph", name, float(np.median(times)) * 1e3, "ms", samples=repetitions)
