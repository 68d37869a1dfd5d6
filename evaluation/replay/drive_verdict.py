"""Does the simulated robot do what the recorded one did, and if not, what is different?"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.replay.velocity_response import VelocityResponse
from cairn.hardware.errors import CairnError

_LEAST_DISTANCE = 0.05  # [m] off that says nothing, however short the drive
_SHORT = 2.5  # [m] of which they are 2 %

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tolerances:
    """How far a replay may be off.

    Attributes:
        distance: of position, as a share of the distance travelled until then; 5 cm are always allowed.
        heading: degrees.
        lag: of the recorded answer to a command against the simulated one [ms].
        gain: the same, as a share.
    """

    distance: float = 0.02
    heading: float = 3.0
    lag: float = 100.0
    gain: float = 0.1

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value > 0):
                raise CairnError(f"tolerance {name} must be positive and finite, got {value}")


@dataclass(frozen=True)
class AxisVerdict:
    """One axis: how the recorded and the simulated robot answered to the same commands."""

    recorded: VelocityResponse
    simulated: VelocityResponse

    @property
    def is_known(self) -> bool:
        """Whether there is something to compare."""
        return self.recorded.is_known and self.simulated.is_known

    @property
    def is_reversed(self) -> bool:
        """Whether they went opposite ways."""
        return self.is_known and self.recorded.is_reversed != self.simulated.is_reversed

    @property
    def lag_ms(self) -> float | None:
        """By how much the recorded answer came later than it should [ms]."""
        if self.recorded.lag is None or self.simulated.lag is None:
            return None
        return 1e3 * (self.recorded.lag - self.simulated.lag)

    @property
    def gain(self) -> float | None:
        """Recorded answer as a multiple of the simulated one, regardless of the sign."""
        if self.recorded.gain is None or not self.simulated.gain:
            return None
        return self.recorded.gain / self.simulated.gain


@dataclass(frozen=True)
class DriveVerdict:
    """The judgement.

    Attributes:
        time, distance: of each row of the errors: since the start [s], travelled [m], shape (N,).
        position_error, heading_error: shape (N,) [m], [degrees].
        axes: by name, linear and angular.
        findings: in words, what is wrong; empty when it passes.
        notes: in words, what one should know besides.
    """

    tolerances: Tolerances
    time: Array
    distance: Array
    position_error: Array
    heading_error: Array
    axes: dict[str, AxisVerdict]
    findings: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether all is within tolerance."""
        return not self.findings

    @property
    def worst_share(self) -> float:
        """The largest position error as a share of the distance travelled until then, from 2.5 m on."""
        return float(np.max(self.position_error / np.maximum(self.distance, _SHORT)))


def judge(
    time: Array,
    distance: Array,
    position_error: Array,
    heading_error: Array,
    axes: dict[str, AxisVerdict],
    tolerances: Tolerances,
    notes: tuple[str, ...] = (),
) -> DriveVerdict:
    """What the errors and the answers to commands add up to.

    Args:
        heading_error: in radians.
    """
    turned = np.degrees(np.abs(heading_error))
    findings = [*_named(axes, tolerances)]
    allowed = np.maximum(tolerances.distance * distance, _LEAST_DISTANCE)
    far, askew = position_error > allowed, turned > tolerances.heading
    if far.any():
        first, worst = int(np.argmax(far)), int(np.argmax(position_error / allowed))
        findings.append(
            f"position: {position_error[worst]:.2f} m off after {distance[worst]:.1f} m "
            f"({100 * position_error[worst] / max(distance[worst], 1e-3):.1f} %), expected at most "
            f"{100 * tolerances.distance:g} %; beyond that from {time[first]:.1f} s on"
        )
    if askew.any():
        findings.append(
            f"heading: {turned.max():.1f} degrees off, expected at most {tolerances.heading:g}; beyond that "
            f"from {time[int(np.argmax(askew))]:.1f} s on"
        )
    return DriveVerdict(
        tolerances, time, distance, position_error, turned, axes, tuple(findings), notes
    )  # fmt: skip


def _named(axes: dict[str, AxisVerdict], tolerances: Tolerances) -> list[str]:
    """Sign, gain and lag, where they are not as they should be."""
    found = []
    for name, axis in axes.items():
        if axis.is_reversed:
            found.append(f"sign: the {name} motion is opposite to the {name} commands")
        gain, lag = axis.gain, axis.lag_ms
        if gain is not None and abs(gain - 1) > tolerances.gain:
            found.append(
                f"gain: the {name} commands are {1 / max(gain, 1e-6):.2f} times those that fit the motion"
            )
        if lag is not None and abs(lag) > tolerances.lag:
            order = "later" if lag < 0 else "earlier"
            found.append(
                f"lag: the {name} commands come {abs(lag):.0f} ms {order} than those that fit the motion"
            )
    return found
