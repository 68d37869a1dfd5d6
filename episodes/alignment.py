"""How streams of different rates become steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from types import MappingProxyType

from cairn.hardware.errors import CairnError


class Method(Enum):
    """Which sample of a stream belongs to a step."""

    HOLD = "hold"
    """The latest one not after it."""
    NEAREST = "nearest"
    INTERPOLATE = "interpolate"
    """Between the one before and the one after it, as far as numbers can be (poses and velocities)."""
    DROP = "drop"
    """The nearest; a step without one is left out, where the other methods leave the value unknown."""


@dataclass(frozen=True)
class StreamAlignment:
    """A method and how far from the step a sample may be, `tolerance` [s]."""

    method: Method
    tolerance: float

    def __post_init__(self) -> None:
        if not (isfinite(self.tolerance) and 0.0 <= self.tolerance <= 3600.0):
            raise CairnError(f"a tolerance must lie in [0, 3600] s, got {self.tolerance}")


DEFAULTS: Mapping[str, StreamAlignment] = MappingProxyType(
    {
        "image": StreamAlignment(Method.NEAREST, 0.5),
        "odometry": StreamAlignment(Method.INTERPOLATE, 0.1),
        "command": StreamAlignment(Method.HOLD, 0.5),
        "collision": StreamAlignment(Method.HOLD, 0.5),
        "imu": StreamAlignment(Method.NEAREST, 0.1),
        "magnetic_field": StreamAlignment(Method.NEAREST, 0.1),
        "compass": StreamAlignment(Method.NEAREST, 0.5),
        "gps": StreamAlignment(Method.HOLD, 1.5),
        "lidar": StreamAlignment(Method.NEAREST, 0.1),
    }
)
"""Of every stream; a command holds as long as a Jackal's controller obeys it, 0.5 s."""


@dataclass(frozen=True)
class Alignment:
    """How a bag becomes steps.

    Time is cut into ticks of `1 / rate`.  Of each tick the image nearest to it (or the latest before it)
    makes a step, and the step's stamp is that of the image.  The other streams are taken at that stamp, by
    the stamps in their headers.  Steps without image or odometry are left out.  A collision flag is set, too,
    where it was at any moment since the step before.

    Attributes:
        rate: steps a second [Hz].
        streams: by name of stream; those not named are as in DEFAULTS.

    Raises CairnError for a stream that does not exist, or a method that can't be.
    """

    rate: float = 4.0
    streams: Mapping[str, StreamAlignment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (isfinite(self.rate) and 0.0 < self.rate <= 1000.0):
            raise CairnError(f"a rate must lie in (0, 1000] Hz, got {self.rate}")
        if unknown := sorted(self.streams.keys() - DEFAULTS.keys()):
            raise CairnError(f"no stream {', '.join(unknown)}; there are {', '.join(DEFAULTS)}")
        for name, alignment in self.streams.items():
            if alignment.method is Method.INTERPOLATE and name not in ("odometry", "command"):
                raise CairnError(f"{name} can't be interpolated; valid: hold, nearest, drop")
        # No read-only view, for that can't be sent to another process.
        object.__setattr__(self, "streams", {**DEFAULTS, **self.streams})


def parse_alignment(texts: list[str], rate: float) -> Alignment:
    """From "stream=method" or "stream=method:tolerance", as given on a command line.

    Raises CairnError for what is none.
    """
    streams = {}
    for text in texts:
        stream, _, rest = text.partition("=")
        word, _, tolerance = rest.partition(":")
        try:
            seconds = float(tolerance) if tolerance else DEFAULTS[stream].tolerance
            streams[stream] = StreamAlignment(Method(word), seconds)
        except (KeyError, ValueError) as error:
            raise CairnError(
                f"expected STREAM=METHOD or STREAM=METHOD:SECONDS, got {text!r}; streams are "
                f"{', '.join(DEFAULTS)}, methods {', '.join(method.value for method in Method)}"
            ) from error
    return Alignment(rate, streams)
