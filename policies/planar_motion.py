"""Whether two images show one scene, seen by a camera that moved over level ground in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cairn.policies.local_features import LocalFeatures

_RATIO = 0.8  # a match must be so much nearer than the second best
_TOLERANCE = 0.03  # [rad] off the plane that both views and the spot span
_LEVEL = 0.08  # a spot above the horizon of one view is not below that of the other
_ASIDE = 0.25  # least sine of the angle off the travel at which a spot tells how far it went
_PARALLAX = 0.01  # least sine of an angle from which its sign is trusted


class _Hypotheses(NamedTuple):
    """H motions: turns and travels [rad], shape (H,), and their essential matrices, shape (H, 3, 3)."""

    turns: NDArray[np.float64]
    travels: NDArray[np.float64]
    essential: NDArray[np.float64]


@dataclass(frozen=True)
class PlanarMotion:
    """The motion over level ground from one view to another that most matches agree with.

    Attributes:
        support: matches that agree, each weighted by how well.
        turn: heading of the second view relative to the first [rad], left positive.
        travel: direction from the first view's place to the second's, relative to the first's heading [rad].
        azimuth: shape (M,), of the agreeing spots in the second view [rad] but those in line with the travel.
        share: shape (M,), distance travelled over the distance from the second view to each of these spots.
    """

    support: float = 0.0
    turn: float = 0.0
    travel: float = 0.0
    azimuth: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    share: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def find_planar_motion(first: LocalFeatures, second: LocalFeatures) -> PlanarMotion:
    """Match spots and let them vote for turn and direction of travel; how far it went stays unknown.

    Level motion leaves the epipolar geometry (Hartley and Zisserman, 2004) two unknowns, so that all of
    them are tried on a grid, and a handful of matches is worth more than in the general case.
    """
    rows, columns = _matches(first, second)
    if len(rows) < 3:
        return PlanarMotion()
    first, second = first.take(rows), second.take(columns)
    support = _support(_COARSE, first, second, _TOLERANCE, 0.15)
    likely = np.argsort(-support, kind="stable")[:_REFINED]
    # A turn and a sideways motion look much alike: only a strict measure tells them apart.
    turns = _COARSE.turns[likely, None] + _FINE_TURNS
    travels = _COARSE.travels[likely, None] + _FINE_TRAVELS
    fine = _hypotheses(turns.ravel(), travels.ravel())
    best = int(np.argmax(_support(fine, first, second, 0.5 * _TOLERANCE, 0.03)))
    turn, travel = float(fine.turns[best]), float(fine.travels[best])
    found = _Hypotheses(*(part[best : best + 1] for part in fine))
    agreeing = np.flatnonzero(_weights(found, first, second, _TOLERANCE, 0.03)[0])
    first, second = first.take(agreeing), second.take(agreeing)
    # The law of sines in the triangle of both places and a spot.
    across = np.abs(np.sin(first.azimuth - travel))
    aside = across > _ASIDE
    share = np.abs(np.sin(turn + second.azimuth - first.azimuth))[aside] / across[aside]
    return PlanarMotion(float(support[likely[0]]), turn, travel, second.azimuth[aside], share)


def _matches(first: LocalFeatures, second: LocalFeatures) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of both that are each other's nearest, and clearly so."""
    if len(first) == 0 or len(second) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    similarity = first.descriptor @ second.descriptor.T
    rows = np.arange(len(first))
    columns = similarity.argmax(1)
    best = similarity[rows, columns]
    mutual = similarity.argmax(0)[columns] == rows
    similarity[rows, columns] = -1.0
    runner_up = similarity.max(1)
    clear = 1.0 - best < _RATIO**2 * (1.0 - runner_up)
    up, down = first.elevation, second.elevation[columns]
    level = (np.sign(up) == np.sign(down)) | (np.abs(up - down) < _LEVEL)
    keep = np.flatnonzero(mutual & clear & level)
    return keep, columns[keep]


def _support(
    hypotheses: _Hypotheses, first: LocalFeatures, second: LocalFeatures, tolerance: float, lenience: float
) -> NDArray[np.float64]:
    """Weighted number of matches (rows of both) that agree with each hypothesis, shape (H,)."""
    support: NDArray[np.float64] = _weights(hypotheses, first, second, tolerance, lenience).sum(1)
    return support


def _weights(
    hypotheses: _Hypotheses, first: LocalFeatures, second: LocalFeatures, tolerance: float, lenience: float
) -> NDArray[np.float64]:
    """How well each match (rows of both) agrees with each hypothesis, in [0, 1], shape (H, N).

    `tolerance` is the angle [rad] at which a match counts no more; `lenience` widens it near the direction
    of travel, where the planes turn quickly with it.
    """
    planes = np.einsum("hij,nj->hni", hypotheses.essential, first.ray)
    off = np.abs(np.einsum("hni,ni->hn", planes, second.ray)) / (np.linalg.norm(planes, axis=2) + lenience)
    weight = np.maximum(0.0, 1.0 - (off / tolerance) ** 2)
    weight[~_in_front(hypotheses, first.azimuth, second.azimuth)] = 0.0
    return np.asarray(weight)


def _in_front(
    hypotheses: _Hypotheses, first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether the rays at these azimuths meet before both cameras, shape (H, N)."""
    turned = hypotheses.turns[:, None] + second[None]
    parallax = np.sin(turned - first[None])
    from_first = np.sin(turned - hypotheses.travels[:, None]) * parallax
    from_second = np.sin(first[None] - hypotheses.travels[:, None]) * parallax
    met: NDArray[np.bool_] = (from_first > -_PARALLAX) & (from_second > -_PARALLAX)
    return met


def _hypotheses(turns: NDArray[np.float64], travels: NDArray[np.float64]) -> _Hypotheses:
    """Of turns and travels, shape (H,); r2' E r1 = 0 for the rays to one spot."""
    rotation = np.zeros((len(turns), 3, 3))
    rotation[:, 0, 0] = rotation[:, 1, 1] = np.cos(turns)
    rotation[:, 1, 0] = np.sin(turns)
    rotation[:, 0, 1] = -np.sin(turns)
    rotation[:, 2, 2] = 1.0
    cross = np.zeros_like(rotation)
    cross[:, 0, 2] = np.sin(travels)
    cross[:, 1, 2] = -np.cos(travels)
    cross[:, 2, 0] = -np.sin(travels)
    cross[:, 2, 1] = np.cos(travels)
    return _Hypotheses(turns, travels, np.einsum("hji,hjk->hik", rotation, cross))


def _grid(turns: NDArray[np.float64], travels: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Every turn with every travel, in degrees; two arrays of radians."""
    return [np.radians(grid.ravel()) for grid in np.meshgrid(turns, travels, indexing="ij")]


_COARSE = _hypotheses(*_grid(np.arange(-80, 81, 4.0), np.arange(0, 360, 10.0)))
_FINE_TURNS, _FINE_TRAVELS = _grid(np.arange(-2, 2.1, 1.0), np.arange(-5, 5.1, 2.5))
_REFINED = 40
