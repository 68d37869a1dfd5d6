"""When a RealSense frame was exposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cairn.hardware.sensor_clock import SensorClock

if TYPE_CHECKING:
    import pyrealsense2 as rs

_LONGEST_HALF_EXPOSURE = 0.1


class RealSenseClock:
    """Mid-exposure of a frame in system time.

    librealsense stamps in one of three domains (`rs.timestamp_domain`): global time (the sensor's clock,
    already mapped to system time), system time (arrival at the driver) and the bare hardware clock, which
    is mapped here.  A recording is played as if live, so its stamps, too, are those of a foreign clock.
    The stamp is that of the frame's readout; where the sensor tells its own, it is moved to mid-exposure.
    """

    def __init__(self, recording: bool) -> None:
        self._recording = recording
        self._clock = SensorClock()

    def stamp(self, frame: rs.frame, arrival: float) -> float:
        """System time in seconds of mid-exposure; `arrival` is the system time at which the frame was got."""
        import pyrealsense2 as rs

        stamp = float(frame.get_timestamp()) / 1000.0 - self._since_mid_exposure(frame)
        if self._recording or frame.get_frame_timestamp_domain() == rs.timestamp_domain.hardware_clock:
            return self._clock.to_system(stamp, arrival)
        return min(stamp, arrival)

    @staticmethod
    def _since_mid_exposure(frame: rs.frame) -> float:
        import pyrealsense2 as rs

        readout, exposure = rs.frame_metadata_value.frame_timestamp, rs.frame_metadata_value.sensor_timestamp
        if not (frame.supports_frame_metadata(readout) and frame.supports_frame_metadata(exposure)):
            return 0.0
        seconds = (frame.get_frame_metadata(readout) - frame.get_frame_metadata(exposure)) * 1e-6
        # Some firmware reports the two in different clocks; the difference then means nothing.
        return seconds if 0.0 <= seconds <= _LONGEST_HALF_EXPOSURE else 0.0
