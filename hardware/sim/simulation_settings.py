"""How a simulated Jackal runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.twist import TwistLimits


@dataclass(frozen=True)
class SimulationSettings:
    """Rates and imperfections.

    Attributes:
        control_rate: commands and frames a second of simulated time.
        limits: what the gate lets through to the base; accelerations are applied as a slew.
        odometry_noise: scales drift; 1 is about 1 % of distance and a degree a minute of heading.
    """

    camera: CameraSettings = field(default_factory=CameraSettings)
    control_rate: float = 4.0
    limits: TwistLimits = field(default_factory=lambda: TwistLimits(1.2, 1.2, 2.0, 4.0))
    odometry_noise: float = 1.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.control_rate <= 50:
            raise CairnError(f"control_rate must lie in [0.5, 50] Hz, got {self.control_rate}")
        if not 0 <= self.odometry_noise <= 10:
            raise CairnError(f"odometry_noise must lie in [0, 10], got {self.odometry_noise}")
        if self.camera.latency >= 1 / self.control_rate:
            raise CairnError(
                f"the camera's latency must be below one control period ({1 / self.control_rate:.3f} s), "
                f"got {self.camera.latency}"
            )
