"""An opened sensor, as the reader thread of a `StreamingCamera` sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel


@dataclass(frozen=True)
class SensorFrame:
    """What a sensor delivers.

    Attributes:
        image: RGB, uint8, shape (height, width, 3), owned by the receiver.
        stamp: system time of mid-exposure in seconds, as well as the sensor tells.
        number: the sensor's own count; may start again from any value.
    """

    image: NDArray[np.uint8]
    stamp: float
    number: int


class FrameSource(ABC):
    """One session with an opened device: from opening to `close`, used by one thread."""

    @property
    @abstractmethod
    def model(self) -> CameraModel:
        """Intrinsics of the images that `grab` returns."""

    @abstractmethod
    def grab(self) -> SensorFrame | None:
        """The next frame, or None when none came within about a quarter of a second.

        Raises CameraLost when the device has gone.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the device.  Called once."""
