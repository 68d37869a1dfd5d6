"""The ground plan of a world: enclosure, lanes and cells, and the tools with which kinds fill them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import (
    SIDES,
    Array,
    Point,
    Rect,
    disc,
    footprint,
    open_sides,
    partition,
)
from cairn.hardware.sim.worlds.movables import Movables
from cairn.hardware.sim.worlds.objects.barriers import barrier, random_style
from cairn.hardware.sim.worlds.objects.buildings import building
from cairn.hardware.sim.worlds.objects.landmarks import LANDMARKS
from cairn.hardware.sim.worlds.objects.vegetation import tree
from cairn.hardware.sim.worlds.textures.barriers import BarrierStyle


class Site:
    """Lanes, cells and free places of one world, drawn from its layout stream."""

    def __init__(
        self,
        builder: WorldBuilder,
        fences: tuple[str, ...],
        landmarks: tuple[str, ...],
        occupancy: float,
        small: int,
    ) -> None:
        """`fences` and `landmarks` name what is common here; the rest as in `Movables`."""
        self.builder = builder
        self.rng = builder.layout
        self.fences = fences
        self.movables = Movables(builder, occupancy, small)
        self._landmarks = [str(name) for name in self.rng.permutation(landmarks)]
        self._next_landmark = 0
        self.inner = builder.bounds

    def fence_style(self, height: tuple[float, float] = (1.3, 2.3)) -> BarrierStyle:
        return random_style(self.builder, self.fences, height)

    def enclose(self, height: tuple[float, float] = (1.6, 2.8)) -> None:
        """Close the geofence on all sides, with two or three different fences a side."""
        for side in SIDES:
            a, b = (np.array(p) for p in self.builder.bounds.inset(0.35).side(side))
            count = int(self.rng.integers(2, 4))
            cuts = np.sort(self.rng.uniform(0.2, 0.8, count - 1))
            for low, high in zip([0.0, *cuts], [*cuts, 1.0], strict=True):
                start, end = a + (b - a) * low, a + (b - a) * high
                barrier(self.builder, (start[0], start[1]), (end[0], end[1]), self.fence_style(height))

    def backdrop(self, use: str, buildings: int, trees: int) -> None:
        """Houses and trees beyond the fence, to be seen only."""
        bounds, rng = self.builder.bounds, self.builder.stream("backdrop")
        for k in range(buildings + trees):
            side = SIDES[int(rng.integers(4))]
            a, b = (np.array(p) for p in bounds.side(side))
            out = np.array([(b - a)[1], -(b - a)[0]]) / float(np.hypot(*(b - a)))
            if k < buildings:
                spot = a + (b - a) * rng.uniform(0.05, 0.95) + out * rng.uniform(8, 11)
                w, d = rng.uniform(7, 14), rng.uniform(7, 12)
                rect = Rect(spot[0] - w / 2, spot[1] - d / 2, spot[0] + w / 2, spot[1] + d / 2)
                building(self.builder, rect, rng.uniform(5, 13), use, solid=False)
            else:
                spot = a + (b - a) * rng.uniform(0, 1) + out * rng.uniform(2, 4)
                tree(self.builder, (spot[0], spot[1]), rng.uniform(1.0, 1.8), solid=False)

    def cut(
        self, largest: float, smallest: float, gap: tuple[float, float], ring: float = 0.0
    ) -> tuple[list[Rect], list[Rect]]:
        """Cells and the lanes between them; `ring` is the chance of a lane along each outer side."""
        bounds, inner, lanes = self.builder.bounds.inset(0.7), self.builder.bounds.inset(0.7), []
        for side in SIDES:
            if self.rng.random() >= ring:
                continue
            w = float(self.rng.uniform(*gap))
            x0, y0, x1, y1 = inner.x0, inner.y0, inner.x1, inner.y1
            if side == "south":
                lanes.append(Rect(bounds.x0, y0, bounds.x1, y0 + w))
                inner = Rect(x0, y0 + w, x1, y1)
            elif side == "north":
                lanes.append(Rect(bounds.x0, y1 - w, bounds.x1, y1))
                inner = Rect(x0, y0, x1, y1 - w)
            elif side == "west":
                lanes.append(Rect(x0, bounds.y0, x0 + w, bounds.y1))
                inner = Rect(x0 + w, y0, x1, y1)
            else:
                lanes.append(Rect(x1 - w, bounds.y0, x1, bounds.y1))
                inner = Rect(x0, y0, x1 - w, y1)
        self.inner = inner
        cells, strips = partition(self.rng, inner, largest, smallest, gap)
        return cells, strips + lanes

    def open_sides(self, cell: Rect) -> list[str]:
        """Sides on which a cell borders a lane."""
        return open_sides(cell, self.inner.inset(0.01)) if self.inner != self.builder.bounds else list(SIDES)

    def fits(self, polygon: Array) -> bool:
        """Whether an obstacle may stand there: free, not in a gate, and no passage closed."""
        return self.builder.free.is_free(polygon) and self.builder.free.keeps_passages(polygon)

    def fence(
        self,
        rect: Rect,
        gates: dict[str, int],
        style: BarrierStyle | None = None,
        width: tuple[float, float] = (2.0, 3.0),
    ) -> None:
        """A barrier around a rectangle with so many gates on each named side (others are closed)."""
        style = style or self.fence_style()
        for side in SIDES:
            a, b = rect.side(side)
            length = abs(b[0] - a[0]) + abs(b[1] - a[1])
            cuts = []
            for k in range(gates.get(side, 0)):
                gate = min(float(self.rng.uniform(*width)), length - 0.6)
                room = length / gates[side]
                low, high = k * room + gate / 2 + 0.3, (k + 1) * room - gate / 2 - 0.3
                cuts.append((float(self.rng.uniform(low, max(low, high))), gate))
            barrier(self.builder, a, b, style, cuts)

    def some_gates(self, cell: Rect, most: int = 2) -> dict[str, int]:
        """One to `most` gates on sides that border a lane."""
        sides = self.open_sides(cell)
        count = int(self.rng.integers(1, most + 1))
        return {str(side): 1 for side in self.rng.permutation(sides)[:count]}

    def obstruct(
        self, lanes: list[Rect], spacing: tuple[float, float], dead_ends: float, height: tuple[float, float]
    ) -> None:
        """Barriers across lanes: with a gate, or, where a way round remains, closed as a dead end."""
        for lane in lanes:
            along_x = lane.width >= lane.height
            length, width = max(lane.width, lane.height), min(lane.width, lane.height)
            at = float(self.rng.uniform(0.4, 1.0)) * spacing[0]
            while at < length - 3:
                ends = (
                    ((lane.x0 + at, lane.y0), (lane.x0 + at, lane.y1))
                    if along_x
                    else ((lane.x0, lane.y0 + at), (lane.x1, lane.y0 + at))
                )
                self._cross(ends[0], ends[1], width, dead_ends, height)
                at += float(self.rng.uniform(*spacing))

    def _cross(self, a: Point, b: Point, width: float, dead_ends: float, height: tuple[float, float]) -> None:
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        yaw = float(np.arctan2(b[1] - a[1], b[0] - a[0]))
        style = self.fence_style(height)
        if not self.builder.free.is_free(footprint(*middle, width - 0.8, 3.0, yaw)):
            return
        line = footprint(*middle, width, style.thickness, yaw)
        closed = self.rng.random() < dead_ends and self.builder.free.keeps_passages(line)
        gates = []
        if not closed:
            gate = min(float(self.rng.uniform(2.0, 3.0)), width * 0.7)
            if width < 2.6:
                return
            gates = [(float(self.rng.uniform(gate / 2, width - gate / 2)), gate)]
        barrier(self.builder, a, b, style, gates)

    def scatter(self, area: Rect, count: int, radius: float, place: Callable[[Point], None]) -> int:
        """Put up to `count` things of this radius at free places of an area; returns how many stand."""
        placed = 0
        for _ in range(count * 4):
            if placed == count or area.width < 2 * radius or area.height < 2 * radius:
                break
            spot = (
                float(self.rng.uniform(area.x0 + radius, area.x1 - radius)),
                float(self.rng.uniform(area.y0 + radius, area.y1 - radius)),
            )
            if self.fits(disc(*spot, radius)):
                place(spot)
                placed += 1
        return placed

    def landmark(self, area: Rect, center: bool = False) -> bool:
        """The next landmark, in the middle or anywhere in an area where it fits."""
        for _ in range(len(self._landmarks)):
            name = self._landmarks[self._next_landmark % len(self._landmarks)]
            self._next_landmark += 1
            radius, place = LANDMARKS[name]
            if center and self.fits(disc(*area.center, radius)):
                place(self.builder, area.center)
                return True
            if self.scatter(area, 1, radius, lambda spot, place=place: place(self.builder, spot)):  # type: ignore[misc]
                return True
        return False
