"""What one kitchen looks like, whatever is done in it."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.errors import CairnError

Rgb = tuple[float, float, float]
SURROUNDINGS = ("table", "counter", "sink", "stove")


@dataclass(frozen=True)
class Finish:
    """A material: the name of a texture (`textures.TEXTURES`) and its colour, 0..255."""

    texture: str
    colour: Rgb


@dataclass(frozen=True)
class Domain:
    """One kitchen.

    Attributes:
        name: e.g. "stone_counter".
        surroundings: what the arm works on: one of SURROUNDINGS.
        top: of the surface.
        wall: behind it.
        front: of cupboards, drawers and boxes.
        crockery, cloth: colours of plates and pots, of towels and mats, 0..255.
        light: colour of the lamp or window, 1 white.
        towards_light: where it stands, from the middle of the surface.
        ambient: brightness of the shade, 0..1.
        camera: where the camera stands, x, y, z in the arm's base frame [m].
        gaze: the point that it looks at.
        distractors: how many things stand about, at most.
    """

    name: str
    surroundings: str
    top: Finish
    wall: Finish
    front: Finish
    crockery: tuple[Rgb, ...]
    cloth: tuple[Rgb, ...]
    light: Rgb
    towards_light: tuple[float, float, float]
    ambient: float
    camera: tuple[float, float, float]
    gaze: tuple[float, float, float] = (0.32, 0.0, 0.0)
    distractors: int = 3

    def __post_init__(self) -> None:
        if self.surroundings not in SURROUNDINGS:
            raise CairnError(
                f"surroundings {self.surroundings!r} are unknown; valid: {', '.join(SURROUNDINGS)}"
            )
