"""The five well-known solutions of A X = X B.

They are OpenCV's `calibrateHandEye`, whose version 5 offers them in C++ alone, and give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]
_Motions = list[tuple[Array, Array]]


def motions(arm: Sequence[Array], board: Sequence[Array]) -> _Motions:
    """Pairs A, B (4, 4) with A X = X B, of all pairs of poses.

    Args:
        arm: T_i such that T_i · X · board_i is the same for all i.
        board: poses of the board in the optical frame.
    """
    return [
        (np.linalg.inv(arm[j]) @ arm[i], board[j] @ np.linalg.inv(board[i]))
        for i, j in combinations(range(len(arm)), 2)
    ]


def tsai_lenz(pairs: _Motions) -> Array:
    """Tsai and Lenz 1989: modified Rodrigues vectors, then translation."""
    rows, wanted = [], []
    for a, b in pairs:
        one, other = _half_sine(a), _half_sine(b)
        rows.append(_skew(one + other))
        wanted.append(other - one)
    found = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)[0]
    p = 2 * found / np.sqrt(1 + found @ found)
    square = p @ p
    rotation = (1 - square / 2) * np.eye(3) + 0.5 * (np.outer(p, p) + np.sqrt(4 - square) * _skew(p))
    return _with_translation(rotation, pairs)


def park_martin(pairs: _Motions) -> Array:
    """Park and Martin 1994: logarithms of the rotations, then translation."""
    m = np.sum([np.outer(_log(b), _log(a)) for a, b in pairs], axis=0)
    values, vectors = np.linalg.eigh(m.T @ m)
    return _with_translation(vectors @ np.diag(values**-0.5) @ vectors.T @ m.T, pairs)


def horaud_dornaika(pairs: _Motions) -> Array:
    """Horaud and Dornaika 1995: unit quaternions, then translation."""
    total = np.zeros((4, 4))
    for a, b in pairs:
        difference = _left_product(_quaternion(a)) - _right_product(_quaternion(b))
        total += difference.T @ difference
    w, x, y, z = np.linalg.eigh(total)[1][:, 0]
    return _with_translation(Rotation.from_quat([x, y, z, w]).as_matrix(), pairs)


def andreff(pairs: _Motions) -> Array:
    """Andreff et al. 1999: rotation and translation at once, linear, by Kronecker products."""
    rows, wanted = [], []
    for a, b in pairs:
        rows.append(np.hstack([np.eye(9) - np.kron(a[:3, :3], b[:3, :3]), np.zeros((9, 3))]))
        rows.append(np.hstack([np.kron(np.eye(3), b[:3, 3]), np.eye(3) - a[:3, :3]]))
        wanted += [np.zeros(9), a[:3, 3]]
    found = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)[0]
    matrix = found[:9].reshape(3, 3)
    left, _, right = np.linalg.svd(matrix)
    rotation = left @ np.diag([1, 1, np.sign(np.linalg.det(left @ right))]) @ right
    return _pose(rotation, found[9:])


def daniilidis(pairs: _Motions) -> Array:
    """Daniilidis 1999: dual quaternions, rotation and translation at once."""
    rows = []
    for a, b in pairs:
        one, other = _dual_quaternion(a), _dual_quaternion(b)
        if one[0][0] * other[0][0] < 0:
            other = (-other[0], -other[1])
        (p, dual_p), (q, dual_q) = one, other
        top = np.hstack([(p - q)[1:, None], _skew((p + q)[1:]), np.zeros((3, 4))])
        low = np.hstack(
            [
                (dual_p - dual_q)[1:, None],
                _skew((dual_p + dual_q)[1:]),
                (p - q)[1:, None],
                _skew((p + q)[1:]),
            ]
        )
        rows += [top, low]
    right = np.linalg.svd(np.concatenate(rows))[2]
    (u1, v1), (u2, v2) = ((row[:4], row[4:]) for row in right[-2:])
    ratios = np.roots([u1 @ v1, u1 @ v2 + u2 @ v1, u2 @ v2])
    weigh = [float((s * s * u1 @ u1 + 2 * s * u1 @ u2 + u2 @ u2).real) for s in ratios.real]
    s, weight = ratios.real[int(np.argmax(weigh))], max(weigh)
    second = 1 / np.sqrt(weight)
    turn, dual = second * (s * u1 + u2), second * (s * v1 + v2)
    w, x, y, z = turn
    moved = _right_product(turn * (1, -1, -1, -1)) @ dual
    return _pose(Rotation.from_quat([x, y, z, w]).as_matrix(), 2 * moved[1:])


SOLVERS: dict[str, Callable[[_Motions], Array]] = {
    "Tsai-Lenz": tsai_lenz,
    "Park-Martin": park_martin,
    "Horaud-Dornaika": horaud_dornaika,
    "Andreff": andreff,
    "Daniilidis": daniilidis,
}


def _with_translation(rotation: Array, pairs: _Motions) -> Array:
    rows = np.concatenate([a[:3, :3] - np.eye(3) for a, _ in pairs])
    wanted = np.concatenate([rotation @ b[:3, 3] - a[:3, 3] for a, b in pairs])
    return _pose(rotation, np.linalg.lstsq(rows, wanted, rcond=None)[0])


def _pose(rotation: Array, translation: Array) -> Array:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, translation
    return pose


def _log(pose: Array) -> Array:
    return np.asarray(Rotation.from_matrix(pose[:3, :3]).as_rotvec())


def _half_sine(pose: Array) -> Array:
    """Axis times 2 sin(angle / 2)."""
    turn = _log(pose)
    angle = np.linalg.norm(turn)
    return turn * (2 * np.sin(angle / 2) / angle) if angle > 1e-12 else turn


def _quaternion(pose: Array) -> Array:
    """w, x, y, z with w >= 0."""
    x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
    return np.array([w, x, y, z]) * (1 if w >= 0 else -1)


def _dual_quaternion(pose: Array) -> tuple[Array, Array]:
    real = _quaternion(pose)
    return real, 0.5 * _left_product(np.array([0.0, *pose[:3, 3]])) @ real


def _skew(v: Array) -> Array:
    x, y, z = v
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def _left_product(q: Array) -> Array:
    w, v = q[0], q[1:]
    return np.block([[np.array([[w]]), -v[None]], [v[:, None], w * np.eye(3) + _skew(v)]])


def _right_product(q: Array) -> Array:
    w, v = q[0], q[1:]
    return np.block([[np.array([[w]]), -v[None]], [v[:, None], w * np.eye(3) - _skew(v)]])
