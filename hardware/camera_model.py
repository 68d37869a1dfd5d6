"""Intrinsics of a camera, as in `sensor_msgs/CameraInfo`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan, degrees, isfinite, radians, tan

from cairn.hardware.errors import CairnError

DISTORTION_MODELS = {"plumb_bob": 5, "rational_polynomial": 8, "equidistant": 4}
_PROPORTIONS = 0.02  # by which rounding may change them


@dataclass(frozen=True)
class CameraModel:
    """Focal lengths and principal point in pixels; distortion in the order of its ROS model name."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion_model: str = "plumb_bob"
    distortion: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise CairnError(f"a camera's size must be positive, got {self.width}x{self.height}")
        numbers = (self.fx, self.fy, self.cx, self.cy, *self.distortion)
        if not all(map(isfinite, numbers)):
            raise CairnError(f"a camera's intrinsics must be finite, got {numbers}")
        if not (self.fx > 0 and self.fy > 0):
            raise CairnError(f"focal lengths must be positive, got fx={self.fx}, fy={self.fy}")
        if self.distortion_model not in DISTORTION_MODELS:
            raise CairnError(
                f"distortion model {self.distortion_model!r} is unknown; valid: {sorted(DISTORTION_MODELS)}"
            )
        expected = DISTORTION_MODELS[self.distortion_model]
        if len(self.distortion) != expected:
            raise CairnError(
                f"{self.distortion_model} takes {expected} distortion coefficients, "
                f"got {len(self.distortion)}"
            )

    @classmethod
    def pinhole(cls, width: int, height: int, horizontal_fov: float) -> CameraModel:
        """An ideal pinhole with square pixels; `horizontal_fov` in degrees."""
        if not 1 <= horizontal_fov < 170:
            raise CairnError(f"a pinhole's field of view must lie in [1, 170) degrees, got {horizontal_fov}")
        focal = width / 2 / tan(radians(horizontal_fov) / 2)
        return cls(width, height, focal, focal, width / 2, height / 2)

    def scaled(self, width: int, height: int) -> CameraModel:
        """The same lens before pictures of another size.  Raises CairnError for other proportions."""
        along, down = width / self.width, height / self.height
        if abs(along / down - 1) > _PROPORTIONS:
            raise CairnError(
                f"the image is {width}x{height}, but the camera's pictures have the proportions of "
                f"{self.width}x{self.height}"
            )
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * along,
            fy=self.fy * down,
            cx=self.cx * along,
            cy=self.cy * down,
        )

    @property
    def horizontal_fov(self) -> float:
        """Degrees, of the undistorted pinhole."""
        return degrees(2 * atan(self.width / 2 / self.fx))

    @property
    def vertical_fov(self) -> float:
        """Degrees, of the undistorted pinhole."""
        return degrees(2 * atan(self.height / 2 / self.fy))
