"""Poses that agree best with everything measured between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.sparse.linalg import splu

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import between, wrap_angles

_DOUBT = 0.1
"""Weight under Cauchy's loss below which a closure counts as false."""
_CAUCHY = 3.0
"""Residual [standard deviations] beyond which a measurement starts to lose its say (Cauchy's loss)."""


@dataclass(frozen=True)
class OptimisationResult:
    """Cost before and after, iterations, and the closures (source, target) that were left out as false."""

    initial_cost: float
    final_cost: float
    iterations: int
    outliers: tuple[tuple[int, int], ...]


def optimise(graph: GraphMemory, iterations: int = 15) -> OptimisationResult:
    """Move the nodes of `graph` to the poses that fit all measured edges; the first of each part stays.

    Levenberg-Marquardt on the planar pose graph (Grisetti et al., "A Tutorial on Graph-Based SLAM", 2010)
    with Cauchy's loss by iteratively re-weighted least squares.  Closures that the rest contradicts are
    then left out and the others fitted again: Cauchy's loss alone lets a false one bend a long chain.
    Drift variances become those of the least uncertain chain of edges from the start.
    """
    edges = graph.edges
    measured = np.isfinite(edges.column("relative_pose")).all(axis=1)
    if not measured.any():
        return OptimisationResult(0.0, 0.0, 0, ())
    problem = _Problem(graph, np.flatnonzero(measured))
    initial = problem.cost(problem.residuals(graph.poses))
    poses, done = _minimise(problem, graph.poses.copy(), iterations)
    doubtful = problem.rows[problem.weights(problem.residuals(poses)) < _DOUBT]
    doubtful = doubtful[edges.column("kind")[doubtful] != EdgeKind.TRAVERSED]
    if len(doubtful):
        measured[doubtful] = False
        problem = _Problem(graph, np.flatnonzero(measured))
        poses, more = _minimise(problem, poses, iterations)
        done += more
    graph.set_poses(poses, problem.drift(graph.variances))
    source, target = graph.ids[edges.column("source")[doubtful]], graph.ids[edges.column("target")[doubtful]]
    pairs = tuple(zip(source.tolist(), target.tolist(), strict=True))
    return OptimisationResult(initial, problem.cost(problem.residuals(poses)), done, pairs)


def _minimise(
    problem: _Problem, poses: NDArray[np.float64], iterations: int
) -> tuple[NDArray[np.float64], int]:
    """Better poses, and the iterations taken."""
    damping, residual = 1e-4, problem.residuals(poses)
    cost, done = problem.cost(residual), 0
    while done < iterations and damping < 1e6:
        done += 1
        candidate = problem.step(poses, residual, damping)
        new_residual = problem.residuals(candidate)
        new_cost = problem.cost(new_residual)
        if new_cost >= cost:
            damping *= 10
            continue
        converged = cost - new_cost < 1e-4 * cost + 1e-9
        poses, residual, cost, damping = candidate, new_residual, new_cost, max(damping / 10, 1e-9)
        if converged:
            break
    return poses, done


class _Problem:
    """Residuals of the edges of some rows, whitened, and the sparse normal equations."""

    def __init__(self, graph: GraphMemory, rows: NDArray[np.intp]) -> None:
        edges, nodes = graph.edges, len(graph)
        source, target = edges.column("source")[rows], edges.column("target")[rows]
        variance = edges.column("relative_variance")[rows].astype(np.float64)
        self.rows = rows
        self._source, self._target, self._variance, self._nodes = source, target, variance, nodes
        self._measured = edges.column("relative_pose")[rows].astype(np.float64)
        self._whiten = 1.0 / np.sqrt(variance[:, [0, 0, 1]])
        links = coo_array((np.ones(len(source)), (source, target)), shape=(nodes, nodes))
        _, part = connected_components(links, directed=False)
        self._fixed = np.unique(part, return_index=True)[1]
        free = np.ones(3 * nodes, bool)
        free[(3 * self._fixed[:, None] + np.arange(3)).ravel()] = False
        self._free = np.flatnonzero(free)

    def residuals(self, poses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard deviations, shape (E, 3)."""
        error = between(poses[self._source], poses[self._target]) - self._measured
        error[:, 2] = wrap_angles(error[:, 2])
        return error * self._whiten

    def cost(self, residual: NDArray[np.float64]) -> float:
        return float(0.5 * _CAUCHY**2 * np.log1p((residual**2).sum(axis=1) / _CAUCHY**2).sum())

    def weights(self, residual: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cauchy's weight of each edge, shape (E,)."""
        return np.asarray(1.0 / (1.0 + (residual**2).sum(axis=1) / _CAUCHY**2))

    def step(
        self, poses: NDArray[np.float64], residual: NDArray[np.float64], damping: float
    ) -> NDArray[np.float64]:
        """Poses after one damped Gauss-Newton step."""
        root = np.sqrt(self.weights(residual))[:, None]
        jacobian = self._jacobian(poses, self._whiten * root)[:, self._free]
        hessian = csc_array(jacobian.T @ jacobian)
        gradient = jacobian.T @ (residual * root).ravel()
        lhs = csc_array(hessian + damping * diags_array(hessian.diagonal() + 1e-9))
        # The matrix is symmetric and positive definite: no pivoting, minimum degree on A + A'.
        solver = splu(lhs, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        delta = np.zeros(3 * self._nodes)
        delta[self._free] = -solver.solve(gradient)
        moved = poses + delta.reshape(-1, 3)
        moved[:, 2] = wrap_angles(moved[:, 2])
        return moved

    def _jacobian(self, poses: NDArray[np.float64], scale: NDArray[np.float64]) -> csc_array:
        """Of the scaled residuals with respect to (x, y, yaw) of all nodes, shape (3 E, 3 N)."""
        c, s = np.cos(poses[self._source, 2]), np.sin(poses[self._source, 2])
        dx, dy = (poses[self._target, :2] - poses[self._source, :2]).T
        zero, one = np.zeros_like(c), np.ones_like(c)
        to_source = np.stack((-c, -s, c * dy - s * dx, s, -c, -c * dx - s * dy, zero, zero, -one), axis=1)
        to_target = np.stack((c, s, zero, -s, c, zero, zero, zero, one), axis=1)
        blocks = np.stack((to_source, to_target), axis=1).reshape(-1, 2, 3, 3) * scale[:, None, :, None]
        edge = np.arange(len(c))
        row = (3 * edge[:, None] + np.arange(3))[:, None, :, None]
        ends = np.stack((self._source, self._target), axis=1)
        column = (3 * ends[:, :, None] + np.arange(3))[:, :, None, :]
        rows, columns = (np.broadcast_to(a, blocks.shape).ravel() for a in (row, column))
        shape = (3 * len(c), 3 * self._nodes)
        return csc_array((blocks.ravel(), (rows, columns)), shape=shape)

    def drift(self, before: NDArray[np.float32]) -> NDArray[np.float32]:
        """Variances (N, 2) of the least uncertain chain from a fixed node, never above those before."""
        after = before.copy()
        for axis in (0, 1):
            weight = self._variance[:, axis]
            links = coo_array(
                (weight, (self._source, self._target)), shape=(self._nodes, self._nodes)
            ).tocsr()
            links = links.maximum(links.T)
            chain = dijkstra(links, directed=False, indices=self._fixed, min_only=True)
            chain = chain + before[self._fixed, axis].min()
            after[:, axis] = np.minimum(before[:, axis], chain)
        return np.asarray(after)
