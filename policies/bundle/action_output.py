"""What a policy's numbers mean to the robot."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.policies.bundle.schema import ManifestPart, Name, PositiveFloat, PositiveInt


class Normalisation(ManifestPart):
    """How the graph's numbers become physical ones, by entries of the statistics file.

    z_score: physical = value · scale + offset, scale = standard deviation, offset = mean.
    min_max: value in [-1, 1]; physical = offset + (value + 1) / 2 · (scale - offset), offset = minimum,
    scale = maximum.
    """

    kind: Literal["z_score", "min_max"]
    offset: Name
    scale: Name


class _ActionOutput(ManifestPart):
    """Attributes common to all kinds.

    output: `graph.tensor`; its last axis holds one step's numbers, the axis before it the horizon where
        that is above 1.
    horizon: steps predicted at once.
    execute: steps carried out before the policy is asked again.
    blocking: whether a step ends when the motion has, rather than after 1 / rate seconds.
    """

    output: Annotated[str, Field(pattern=r"^[^.]+\..+$")]
    frame: Name
    horizon: PositiveInt = 1
    execute: PositiveInt = 1
    blocking: bool
    normalisation: Normalisation | None = None

    @model_validator(mode="after")
    def _executes_what_it_predicts(self) -> Self:
        if self.execute > self.horizon:
            raise ValueError(f"execute must be at most the horizon of {self.horizon}, got {self.execute}")
        return self


class TwistOutput(_ActionOutput):
    """Forward [m/s] and turn [rad/s] in `frame`; `limits` are the largest magnitudes seen in training."""

    kind: Literal["twist"]
    units: tuple[Literal["m/s"], Literal["rad/s"]]
    limits: tuple[PositiveFloat, PositiveFloat]

    @property
    def width(self) -> int:
        """Numbers a step."""
        return 2


class WaypointsOutput(_ActionOutput):
    """Poses ahead in `frame`, one a control step.

    Attributes:
        scale: metres per unit of the graph's x and y; GNM, ViNT and NoMaD: max_v / rate.
        increments: whether each waypoint is relative to the one before (NoMaD) rather than to the robot.
        heading: what follows x and y: nothing, an angle [rad], or its cosine and sine.
    """

    kind: Literal["waypoints"]
    units: Literal["m"]
    scale: PositiveFloat
    increments: bool
    heading: Literal["none", "yaw", "cos_sin"]

    @property
    def width(self) -> int:
        """Numbers a step."""
        return {"none": 2, "yaw": 3, "cos_sin": 4}[self.heading]


class EndEffectorDeltaOutput(_ActionOutput):
    """Seven numbers: Δx, Δy, Δz [m], Δroll, Δpitch, Δyaw [rad, axes of `frame`] and the gripper.

    Attributes:
        relative_to: what the delta is added to.
        gripper: what a gripper value of 1 means, 0 being the opposite; absolute.
        limits: largest magnitudes of one step: translation [m], rotation [rad].
    """

    kind: Literal["end_effector_delta"]
    units: tuple[Literal["m"], Literal["rad"], Literal["1"]]
    relative_to: Literal["previous_target", "measured_pose"]
    gripper: Literal["open", "closed"]
    limits: tuple[PositiveFloat, PositiveFloat]

    @property
    def width(self) -> int:
        """Numbers a step."""
        return 7


ActionOutput = Annotated[TwistOutput | WaypointsOutput | EndEffectorDeltaOutput, Field(discriminator="kind")]
