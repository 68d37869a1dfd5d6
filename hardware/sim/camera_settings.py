"""How the simulated camera is mounted and how imperfect it is."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class CameraSettings:
    """A pinhole camera on the mast.

    Attributes:
        width, height: pixels of the delivered image.
        horizontal_fov: degrees; 120 is RECON's kind of wide view, 69 a RealSense D435's colour camera.
        position: optical centre in `base_link` [m].
        pitch: radians, positive looks down.
        latency: seconds between mid-exposure and delivery.
        noise: standard deviation of read noise, grey levels.
        exposure_time: seconds; turns blur the image by what they sweep in that time.
        auto_exposure: whether brightness is drawn towards mid-grey, as real drivers do.
    """

    width: int = 480
    height: int = 360
    horizontal_fov: float = 120.0
    position: tuple[float, float, float] = (0.20, 0.0, 0.60)
    pitch: float = 0.0
    latency: float = 0.05
    noise: float = 2.0
    exposure_time: float = 0.008
    auto_exposure: bool = True

    def __post_init__(self) -> None:
        if not (self.latency >= 0 and self.noise >= 0 and self.exposure_time >= 0):
            raise CairnError(
                f"latency, noise and exposure_time must not be negative, got {self.latency}, {self.noise}, "
                f"{self.exposure_time}"
            )
        if not -1.2 <= self.pitch <= 1.2:
            raise CairnError(f"pitch must lie in [-1.2, 1.2] rad, got {self.pitch}")
        self.model  # noqa: B018  refuses a bad size or field of view here, not at the first frame

    @property
    def model(self) -> CameraModel:
        return CameraModel.pinhole(self.width, self.height, self.horizontal_fov)
