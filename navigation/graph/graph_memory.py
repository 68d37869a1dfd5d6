"""The robot's memory of where it has been and how it got from one place to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.block_array import BlockArray
from cairn.navigation.graph.edge import Edge, EdgeKind
from cairn.navigation.graph.edge_table import EdgeTable
from cairn.navigation.graph.growing_array import GrowingArray
from cairn.navigation.graph.nearest_neighbours import EXACT_LIMIT, NearestNeighbours
from cairn.navigation.graph.node import Node
from cairn.navigation.graph.place_index import PlaceIndex
from cairn.navigation.graph.snapshot import GraphSnapshot
from cairn.navigation.graph.thumbnail_store import ThumbnailStore
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding

NODE_COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "ids": ("<i8", ()),
    "poses": ("<f8", (3,)),
    "variances": ("<f4", (2,)),
    "stamps": ("<f8", ()),
    "visits": ("<i4", ()),
    "last_visits": ("<f8", ()),
}
EMBEDDING_COLUMNS = {"descriptors": "<f4", "tokens": "<f2", "ranges": "<f4"}


class GraphMemory:
    """A directed graph of remembered views; one writer, arrays handed out are read-only.

    Columns (`ids`, `poses`, `visits`, ...) are aligned with one another: row i of each belongs to node
    `ids[i]`, and ids ascend.  A column is valid until the next change of the graph.

    Descriptors are rounded to float16 when they enter, so that a saved and loaded map finds the same
    neighbours to the last bit, and held in float32, in which the exact search multiplies them.

    Args:
        fingerprint: of the encoder (`LatentGoalPolicy.fingerprint`); embeddings of another are never mixed.
        rate: control steps per second of the policy.
        exact_limit: number of nodes above which the descriptor search becomes approximate.
        thumbnail_directory: where the unnamed spool file of thumbnails lives; the system's temporary
            directory by default.
    """

    def __init__(
        self,
        fingerprint: str,
        rate: float = 4.0,
        *,
        exact_limit: int = EXACT_LIMIT,
        thumbnail_directory: Path | None = None,
    ) -> None:
        if not fingerprint:
            raise CairnError("a map needs the fingerprint of its encoder, got an empty string")
        if not (isfinite(rate) and rate > 0):
            raise CairnError(f"rate must be positive control steps per second, got {rate}")
        self.fingerprint = fingerprint
        self.rate = rate
        self._columns = {name: GrowingArray(dtype, shape) for name, (dtype, shape) in NODE_COLUMNS.items()}
        self._thumbnail_spans = GrowingArray("<i8", (2,))
        self._embeddings: dict[str, BlockArray] = {}
        self._thumbnails = ThumbnailStore(thumbnail_directory)
        self._edges = EdgeTable(rate)
        self._next_id = 0
        self._descriptor_search = NearestNeighbours(exact_limit)
        self._places = PlaceIndex(heading=True)
        self._positions = PlaceIndex(heading=False)
        self._pose_version = 0
        self._revision = 0

    # ---- nodes

    def __len__(self) -> int:
        return len(self._columns["ids"])

    def __contains__(self, node: int) -> bool:
        row = int(np.searchsorted(self.ids, node))
        return row < len(self) and int(self.ids[row]) == node

    def add_node(
        self,
        embedding: Embedding,
        pose: Pose,
        variance: tuple[float, float] = (0.0, 0.0),
        *,
        stamp: float,
        thumbnail: bytes = b"",
    ) -> int:
        """Remember a view; returns its id.

        Args:
            pose: of `base_link` in `map`.
            variance: accumulated drift of that pose: position [m^2], yaw [rad^2].
            stamp: of the image [s].
            thumbnail: a small JPEG, kept on disk.

        Raises CairnError when a number isn't finite or the embedding has another shape than earlier ones.
        """
        pose = Pose(*map(float, pose))
        if not (pose.is_finite and isfinite(stamp) and all(isfinite(v) and v >= 0 for v in variance)):
            raise CairnError(
                "a node needs a finite pose, a finite stamp and non-negative variances, "
                f"got {pose}, {stamp}, {variance}"
            )
        self._check_shapes(embedding)
        for name, array in (
            ("descriptors", embedding.descriptor.astype(np.float16)),
            ("tokens", embedding.tokens),
            ("ranges", embedding.ranges),
        ):
            self._embeddings[name].append(array)
        node = self._next_id
        self._next_id += 1
        self._revision += 1
        values = (node, pose, variance, stamp, 1, stamp)
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)
        self._thumbnail_spans.append(self._thumbnails.append(thumbnail))
        return node

    def node(self, node: int) -> Node:
        """Everything about one node but its thumbnail.  Raises CairnError for an unknown id."""
        row = self.row(node)
        x, y, yaw = self.poses[row].tolist()
        position, heading = self.variances[row].tolist()
        return Node(
            node,
            self._embedding(row),
            Pose(x, y, yaw),
            (position, heading),
            float(self.stamps[row]),
            int(self.visits[row]),
            float(self.last_visits[row]),
        )

    def embeddings(self, nodes: Iterable[int]) -> list[Embedding]:
        """What the policy compares; the arrays are shared with the memory, not copied."""
        return [self._embedding(self.row(node)) for node in nodes]

    def pose(self, node: int) -> Pose:
        """Of a node in `map`."""
        x, y, yaw = self.poses[self.row(node)].tolist()
        return Pose(x, y, yaw)

    def thumbnail(self, node: int) -> bytes:
        """The node's JPEG, empty when none was given or the disk was full."""
        offset, length = self._thumbnail_spans.view[self.row(node)].tolist()
        return self._thumbnails.read(offset, length)

    def record_visit(self, node: int, stamp: float, times: int = 1) -> None:
        """The robot came here again, at `stamp` [s] for the last time."""
        row = self.row(node)
        last = self._columns["last_visits"].writable
        self._columns["visits"].writable[row] += times
        last[row] = max(last[row], stamp)
        self._revision += 1

    def remove_nodes(self, nodes: Iterable[int]) -> None:
        """Forget nodes and their edges; the ids of the others stay.  Costs O(N + E): remove many at once."""
        kept = np.ones(len(self), bool)
        kept[[self.row(node) for node in nodes]] = False
        if kept.all():
            return
        new_row = np.where(kept, np.cumsum(kept) - 1, -1)
        for column in (*self._columns.values(), self._thumbnail_spans):
            column.keep(kept)
        self._embeddings = {name: array.keep(kept) for name, array in self._embeddings.items()}
        self._edges.keep_nodes(new_row)
        self._descriptor_search.forget()
        self._pose_version += 1
        self._revision += 1

    def set_poses(self, poses: NDArray[np.float64], variances: NDArray[np.float32] | None = None) -> None:
        """Replace all poses, shape (N, 3), and drift variances, (N, 2), as after an optimisation."""
        if poses.shape != (len(self), 3) or not np.isfinite(poses).all():
            raise CairnError(f"expected finite poses of shape ({len(self)}, 3), got shape {poses.shape}")
        self._columns["poses"].writable[:] = poses
        if variances is not None:
            self._columns["variances"].writable[:] = variances
        self._pose_version += 1
        self._revision += 1

    def row(self, node: int) -> int:
        """Where a node stands in the columns.  Raises CairnError for an unknown id."""
        ids = self.ids
        row = int(np.searchsorted(ids, node))
        if row == len(ids) or ids[row] != node:
            raise CairnError(f"node {node} is not in the map of {len(ids)} nodes")
        return row

    # ---- columns, read-only and aligned

    @property
    def ids(self) -> NDArray[np.int64]:
        """Node ids, shape (N,), ascending."""
        return self._columns["ids"].view

    @property
    def poses(self) -> NDArray[np.float64]:
        """x, y [m], yaw [rad] in `map`, shape (N, 3)."""
        return self._columns["poses"].view

    @property
    def variances(self) -> NDArray[np.float32]:
        """Drift since the map's origin: [m^2], [rad^2], shape (N, 2)."""
        return self._columns["variances"].view

    @property
    def stamps(self) -> NDArray[np.float64]:
        """Of the images [s], shape (N,)."""
        return self._columns["stamps"].view

    @property
    def visits(self) -> NDArray[np.int32]:
        """Shape (N,)."""
        return self._columns["visits"].view

    @property
    def last_visits(self) -> NDArray[np.float64]:
        """Stamps [s], shape (N,)."""
        return self._columns["last_visits"].view

    @property
    def ranges(self) -> NDArray[np.float32]:
        """Predicted free distance [m] by sector, left to right, a copy of shape (N, S)."""
        if not self._embeddings:
            return np.zeros((0, 0), np.float32)
        return np.concatenate(list(self._embeddings["ranges"].blocks()))

    # ---- search

    def most_similar(
        self, descriptor: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Up to k node ids and inner products, most similar first."""
        if not self._embeddings:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        descriptors = self._embeddings["descriptors"]
        if descriptor.shape != descriptors.row_shape:
            raise CairnError(f"expected a descriptor of {descriptors.row_shape}, got {descriptor.shape}")
        rows, similarity = self._descriptor_search.query(descriptors, descriptor, k)
        return self.ids[rows], similarity

    def nearest_places(
        self, poses: NDArray[np.float64], k: int, *, heading: bool = True
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Node ids, -1 where fewer exist, and distances [m], both (Q, k), for poses (Q, 3).

        With `heading`, a turn counts as a distance (see `place_index`); else only x and y do.
        """
        index = self._places if heading else self._positions
        rows, distance = index.nearest(self.poses, self._pose_version, np.asarray(poses, np.float64), k)
        if len(self) == 0:
            return rows.astype(np.int64), distance
        return np.where(rows < 0, -1, self.ids[rows]), distance

    def nodes_within(self, pose: Pose, radius: float, *, heading: bool = False) -> NDArray[np.int64]:
        """Ids of the nodes within `radius` [m], nearest first."""
        index = self._places if heading else self._positions
        return self.ids[index.within(self.poses, self._pose_version, np.array(pose, np.float64), radius)]

    # ---- edges

    @property
    def edges(self) -> EdgeTable:
        """For algorithms that work on whole columns of edges; its node numbers are rows, not ids."""
        return self._edges

    def add_edge(
        self,
        source: int,
        target: int,
        steps: float,
        kind: EdgeKind = EdgeKind.PREDICTED,
        relative_pose: Pose | None = None,
        relative_variance: tuple[float, float] = (0.25, 0.03),
    ) -> None:
        """Add a directed edge or refine the existing one.

        Args:
            steps: predicted temporal distance in control steps.
            relative_pose: `target` in the frame of `source`, where odometry or the policy measured it.
            relative_variance: of that measurement: position [m^2], yaw [rad^2].

        Raises CairnError for a loop on one node, an unknown node, or numbers that are not finite.
        """
        source_row, target_row = self.row(source), self.row(target)
        if source == target:
            raise CairnError(f"an edge joins two nodes, got {source} twice")
        if not (isfinite(steps) and steps >= 0):
            raise CairnError(f"edge {source} -> {target} needs finite, non-negative steps, got {steps}")
        if relative_pose is not None and not Pose(*relative_pose).is_finite:
            raise CairnError(f"edge {source} -> {target} needs a finite relative pose, got {relative_pose}")
        if not all(isfinite(v) and v > 0 for v in relative_variance):
            raise CairnError(f"edge {source} -> {target} needs positive variances, got {relative_variance}")
        self._edges.add(source_row, target_row, steps, EdgeKind(kind), relative_pose, relative_variance)
        self._revision += 1

    def edge(self, source: int, target: int) -> Edge | None:
        """What is known of one edge, None where there is none."""
        row = self._edges.find(self.row(source), self.row(target))
        return None if row is None else self._edge(row)

    def edge_list(self) -> Iterator[Edge]:
        """All edges, in the order in which they were first added."""
        return (self._edge(row) for row in range(len(self._edges)))

    def record_traversal(self, source: int, target: int, seconds: float) -> None:
        """The robot drove an existing edge: evidence, its time, and calibration of all predicted times."""
        if not (isfinite(seconds) and seconds >= 0):
            raise CairnError(f"a traversal takes a finite, non-negative time, got {seconds} s")
        self._edges.record_traversal(self._existing(source, target), seconds)
        self._revision += 1

    def record_failure(self, source: int, target: int, stamp: float) -> None:
        """An attempt failed at `stamp` [s]: the edge costs more, less so as time passes."""
        if not isfinite(stamp):
            raise CairnError(f"a failure needs a finite stamp, got {stamp}")
        self._edges.record_failure(self._existing(source, target), stamp)
        self._revision += 1

    def replace_edges(self, columns: dict[str, NDArray[Any]]) -> None:
        """Put other edges in place of all, as columns of `EdgeTable.schema` with node rows."""
        calibration = self._edges.calibration
        version = self._edges.version
        self._edges = EdgeTable(self.rate)
        self._edges.restore(columns)
        self._edges.calibration = calibration
        self._edges.version = version + 1
        self._revision += 1

    @property
    def nbytes(self) -> int:
        """Bytes held in arrays; thumbnails are on disk."""
        embeddings = sum(array.nbytes for array in self._embeddings.values())
        columns = sum(column.nbytes for column in self._columns.values())
        return embeddings + columns + self._thumbnail_spans.nbytes + self._edges.nbytes

    def _existing(self, source: int, target: int) -> int:
        row = self._edges.find(self.row(source), self.row(target))
        if row is None:
            raise CairnError(f"there is no edge {source} -> {target}; add it first")
        return row

    def _edge(self, row: int) -> Edge:
        value = {name: self._edges.column(name)[row].tolist() for name in EdgeTable.schema()}
        pose = value["relative_pose"]
        return Edge(
            int(self.ids[value["source"]]),
            int(self.ids[value["target"]]),
            EdgeKind(value["kind"]),
            value["steps"],
            Pose(*pose) if isfinite(pose[0]) else None,
            value["traversals"],
            value["mean_time"],
            value["failures"],
            value["last_failure"],
        )

    def _embedding(self, row: int) -> Embedding:
        return Embedding(*(self._embeddings[name][row] for name in EMBEDDING_COLUMNS))

    def _check_shapes(self, embedding: Embedding) -> None:
        shapes = (embedding.descriptor.shape, embedding.tokens.shape, embedding.ranges.shape)
        if not self._embeddings:
            self._embeddings = {
                name: BlockArray(dtype, shape)
                for (name, dtype), shape in zip(EMBEDDING_COLUMNS.items(), shapes, strict=True)
            }
        known = tuple(array.row_shape for array in self._embeddings.values())
        if shapes != known:
            raise CairnError(f"this map holds embeddings of shapes {known}, got {shapes}")

    # ---- saving

    @property
    def revision(self) -> int:
        """Raised by every change: what was saved at this revision need not be saved again."""
        return self._revision

    def snapshot(self) -> GraphSnapshot:
        """A consistent copy for a writer in another thread, in well under a millisecond a thousand nodes.

        Small columns are copied; embeddings are blocks that never change again.
        """
        return GraphSnapshot(
            self.fingerprint,
            self.rate,
            {name: column.view.copy() for name, column in self._columns.items()},
            {name: list(array.blocks()) for name, array in self._embeddings.items()},
            self._edges.snapshot(),
            self._edges.calibration,
            self._next_id,
            self._thumbnails,
            self._thumbnail_spans.view.copy(),
        )

    def restore(
        self,
        columns: dict[str, NDArray[Any]],
        embeddings: dict[str, NDArray[Any]],
        edges: dict[str, NDArray[Any]],
        calibration: tuple[float, float],
        next_id: int,
        thumbnails: Iterable[bytes],
    ) -> None:
        """Fill an empty memory with checked columns, as `map_file.load` does."""
        if len(self):
            raise CairnError(f"only an empty map can be restored, this one has {len(self)} nodes")
        for name, column in self._columns.items():
            column.extend(columns[name])
        if len(self):
            for name, dtype in EMBEDDING_COLUMNS.items():
                self._embeddings[name] = BlockArray(dtype, embeddings[name].shape[1:])
                self._embeddings[name].extend(embeddings[name])
        for jpeg in thumbnails:
            self._thumbnail_spans.append(self._thumbnails.append(jpeg))
        self._edges.restore(edges)
        self._edges.calibration = calibration
        self._next_id = next_id
        self._pose_version += 1
