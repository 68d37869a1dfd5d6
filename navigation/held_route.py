"""A route that is kept while it leads on."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.segment import distances_to_segment

_Point = tuple[float, float]

_STRAYED = 2.5  # [m] from the route at which it is no longer the one that is driven
_MOVED = 0.5  # [m] of its end
_WINDOW = 8  # way points looked ahead: a route may come back to where it has been


class HeldRoute:
    """Way points that are not planned anew at each step.

    Two ways round a block may cost the same, and which is the cheaper changes with every turn of the robot:
    who plans at each step then turns to and fro for ever.
    """

    def __init__(self) -> None:
        self._points = np.zeros((0, 2))
        self._nodes: tuple[int, ...] = ()
        self._next = 0

    def drop(self) -> None:
        """Plan anew next time."""
        self._points = np.zeros((0, 2))

    def hold(self, points: list[_Point], nodes: tuple[int, ...] = ()) -> None:
        """From now on this one, its end last; `nodes` are those that the first points stand for."""
        self._points = np.array(points, float).reshape(-1, 2)
        self._nodes = nodes
        self._next = 0

    @property
    def edge(self) -> tuple[int, int] | None:
        """The nodes between which the robot drives; None before the first and after the last."""
        if len(self._points) and 0 < self._next < len(self._nodes):
            return self._nodes[self._next - 1], self._nodes[self._next]
        return None

    def ahead(self, here: _Point, end: _Point) -> list[_Point] | None:
        """What is left of the route from `here`; None where none is held, it ends elsewhere or was left."""
        if len(self._points) == 0 or hypot(*(self._points[-1] - end)) > _MOVED:
            return None
        window = self._points[self._next : self._next + _WINDOW]
        away = np.hypot(*(window - here).T)
        nearest = self._next + int(away.argmin())
        before = self._points[max(0, nearest - 1) : nearest + 2]
        if _distance_to_line(before, here) > _STRAYED:
            return None
        if nearest + 1 < len(self._points):
            leg = self._points[nearest + 1] - self._points[nearest]
            nearest += bool(np.dot(leg, np.array(here) - self._points[nearest]) > 0)
        self._next = nearest
        return [(float(x), float(y)) for x, y in self._points[nearest:]]


def _distance_to_line(points: NDArray[np.float64], here: _Point) -> float:
    """Metres from a point to a polyline, shape (N, 2); one point is a polyline too."""
    legs = pairwise(points) if len(points) > 1 else [(points[0], points[0])]
    return min(float(distances_to_segment(np.array([here]), a, b)[0]) for a, b in legs)
