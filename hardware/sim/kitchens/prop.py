"""A thing in a kitchen, as a hand sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grasp:
    """Where fingers take a thing: between them lies `point`, and they close along an axis of its frame.

    Attributes:
        point: [m] in the thing's frame.
        axis: angle of the closing fingers from the thing's x axis, about its z axis [rad]; None for any.
    """

    point: tuple[float, float, float] = (0.0, 0.0, 0.0)
    axis: float | None = None


@dataclass(frozen=True)
class Prop:
    """One body of a scene.

    Attributes:
        name: of its body.
        kind: e.g. "carrot".
        radius: of a circle around it, seen from above [m].
        rest: height of its frame above what it stands on [m].
        floor: height of what lies in or on it above its frame [m].
        rim: height of its highest point above its frame [m].
        opening: radius in which the frame of what is in or on it lies [m]; 0: nothing fits.
        grasps: where it can be taken, easiest first.
    """

    name: str
    kind: str
    radius: float
    rest: float
    floor: float = 0.0
    rim: float = 0.0
    opening: float = 0.0
    grasps: tuple[Grasp, ...] = ()
