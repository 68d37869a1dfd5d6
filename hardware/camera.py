"""What every camera is, real or simulated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


class CameraTimeout(CairnError):
    """No new frame arrived within the time asked for."""


class CameraLost(CairnError):
    """The device is gone; `Camera.start` may be called again once it is back."""


@dataclass(frozen=True)
class CameraFrame:
    """One picture.

    Attributes:
        image: RGB, uint8, shape (height, width, 3), C-contiguous, read-only.
        stamp: time of mid-exposure in seconds on the driver's clock (simulation or system time).
        sequence: counts frames of the sensor; a gap is a lost frame.
        frame_id: optical frame (REP-103: z forward, x right, y down).
    """

    image: NDArray[np.uint8]
    stamp: float
    sequence: int
    frame_id: str

    def __post_init__(self) -> None:
        image = self.image
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise CairnError(f"a frame must be uint8 (height, width, 3), got {image.dtype} {image.shape}")
        if not isfinite(self.stamp):
            raise CairnError(f"a frame's stamp must be finite, got {self.stamp}")
        if not image.flags.c_contiguous:
            image = np.ascontiguousarray(image)
            object.__setattr__(self, "image", image)
        image.setflags(write=False)


class Camera(ABC):
    """A source of frames.  Drivers keep only the newest frame: a slow reader never sees an old one."""

    @property
    @abstractmethod
    def model(self) -> CameraModel:
        """Intrinsics of the images that `read` returns; valid after `start`."""

    @abstractmethod
    def start(self) -> None:
        """Open the device.  Raises CameraLost when it is not there."""

    @abstractmethod
    def read(self, timeout: float) -> CameraFrame:
        """The newest frame not yet returned, waiting at most `timeout` seconds of wall time.

        Raises CameraTimeout when none came and CameraLost when the device has gone.
        """

    @abstractmethod
    def stop(self) -> None:
        """Release the device.  Safe to call twice, or before `start`."""
