"""What may differ between two visits to one place: light, weather, and where the movable things stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from cairn.hardware.errors import CairnError

SKIES = ("clear", "overcast", "twilight")
VALID = (
    "a comma-separated list of clear | overcast | twilight, fog=0..1, azimuth=DEGREES, "
    "elevation=0..90, moved, moved=SEED"
)


@dataclass(frozen=True)
class Conditions:
    """Light and weather; none of it changes the static geometry.

    Azimuth and elevation of the sun in degrees (azimuth counter-clockwise from the world's x axis);
    `fog` from 0 (none) to 1 (about 15 m of sight).  With `moved_obstacles`, cars, cones and bins stand
    elsewhere and a few are added, as drawn by `obstacle_seed`.
    """

    sun_azimuth: float = 140.0
    sun_elevation: float = 45.0
    sky: str = "clear"
    fog: float = 0.0
    moved_obstacles: bool = False
    obstacle_seed: int = 0

    def __post_init__(self) -> None:
        if self.sky not in SKIES:
            raise CairnError(f"sky must be one of {', '.join(SKIES)}, got {self.sky!r}")
        if not 0 <= self.fog <= 1:
            raise CairnError(f"fog must lie in 0..1, got {self.fog}")
        if not isfinite(self.sun_azimuth):
            raise CairnError(f"azimuth of the sun must be finite degrees, got {self.sun_azimuth}")
        if not 0 <= self.sun_elevation <= 90:
            raise CairnError(f"elevation of the sun must lie in 0..90 degrees, got {self.sun_elevation}")
        if self.obstacle_seed < 0:
            raise CairnError(f"obstacle seed must be 0 or more, got {self.obstacle_seed}")

    @classmethod
    def parse(cls, text: str) -> Conditions:
        """Read `"overcast,fog=.3,moved"`; what is not named keeps its default.

        Raises CairnError on unknown names, repeated ones and values out of range.
        """
        result = cls()
        seen: set[str] = set()
        for token in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = (part.strip() for part in token.partition("="))
            field = "sky" if name in SKIES and not equals else name
            if field in seen:
                raise CairnError(f"conditions {text!r}: {field} is given twice; valid: {VALID}")
            seen.add(field)
            if field == "sky":
                result = replace(result, sky=name)
            elif name == "moved":
                number = _number(text, token, value) if equals else 0.0
                if number != int(number):
                    raise CairnError(f"conditions {text!r}: {token!r} needs a whole number; valid: {VALID}")
                result = replace(result, moved_obstacles=True, obstacle_seed=int(number))
            elif name == "fog":
                result = replace(result, fog=_number(text, token, value))
            elif name == "azimuth":
                result = replace(result, sun_azimuth=_number(text, token, value))
            elif name == "elevation":
                result = replace(result, sun_elevation=_number(text, token, value))
            else:
                raise CairnError(f"conditions {text!r}: unknown {token!r}; valid: {VALID}")
        return result

    @classmethod
    def sample(cls, seed: int) -> Conditions:
        """Varied conditions, drawn independently of any world's geometry."""
        rng = np.random.default_rng([0xC0D, seed])
        sky = str(rng.choice(SKIES, p=[0.5, 0.32, 0.18]))
        elevation = rng.uniform(3, 10) if sky == "twilight" else rng.uniform(14, 68)
        return cls(
            sun_azimuth=round(float(rng.uniform(0, 360)), 1),
            sun_elevation=round(float(elevation), 1),
            sky=sky,
            fog=round(float(rng.uniform(0.1, 0.6)), 2) if rng.random() < 0.35 else 0.0,
            moved_obstacles=bool(rng.random() < 0.5),
            obstacle_seed=int(rng.integers(2**31)),
        )

    def __str__(self) -> str:
        """Text that `parse` reads back."""
        parts = [self.sky, f"azimuth={self.sun_azimuth:g}", f"elevation={self.sun_elevation:g}"]
        parts += [f"fog={self.fog:g}"] if self.fog else []
        parts += [f"moved={self.obstacle_seed}"] if self.moved_obstacles else []
        return ",".join(parts)


def _number(text: str, token: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise CairnError(f"conditions {text!r}: {token!r} needs a finite number; valid: {VALID}")
    return number
