"""Which camera, and how it is set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cairn.hardware.calibration_folder import camera_file
from cairn.hardware.camera import Camera
from cairn.hardware.camera_calibration import load_camera_model
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.setting import check_settings, setting

RECORDINGS = (".bag", ".db3")


@dataclass(frozen=True)
class CameraSettings:
    """The settings of a camera driver.  Raises InvalidSetting when one has the wrong type or range."""

    driver: str = setting("kind of camera", choices=("realsense", "uvc", "file"), fixed=True)
    device: str = setting(
        "realsense: serial number (empty: the only one) or path of a .db3 or .bag recording; "
        "uvc: name in /dev/v4l/by-id or by-path, or a path; file: a video or a folder of images",
        "",
        fixed=True,
    )
    width: int = setting("image width [pixels]", 640, minimum=16, maximum=8192, fixed=True)
    height: int = setting("image height [pixels]", 480, minimum=16, maximum=8192, fixed=True)
    rate: float = setting("frames per second", 30.0, minimum=0.1, maximum=240.0, fixed=True)
    calibration: str = setting(
        "uvc and file: path of a calibration file of ROS's camera_calibration (empty: the one that `cairn "
        "calibrate` keeps for the device)",
        "",
        fixed=True,
    )
    horizontal_fov: float = setting(
        "uvc and file without calibration: horizontal field of view [degrees]; 0 where there is one",
        0.0,
        minimum=0.0,
        maximum=169.0,
        fixed=True,
    )
    loop: bool = setting("file: begin again at the end", False, fixed=True)
    frame_id: str = setting("optical frame of the images (REP-103)", "camera_optical", fixed=True)

    def __post_init__(self) -> None:
        check_settings(self)

    def make_camera(self) -> Camera:
        """The camera, not started.  Raises CairnError when the settings don't go together."""
        if self.driver == "realsense":
            return self._make_realsense()
        if not self.device:
            raise CairnError(f"driver {self.driver!r} needs the setting device: {_DEVICES[self.driver]}")
        if self.driver == "uvc":
            from cairn.hardware.uvc_camera import UvcCamera

            return UvcCamera(self.device, self._model(), rate=self.rate, frame_id=self.frame_id)
        from cairn.hardware.file_camera import FileCamera

        return FileCamera(
            Path(self.device), self._model(), rate=self.rate, loop=self.loop, frame_id=self.frame_id
        )

    def _make_realsense(self) -> Camera:
        from cairn.hardware.realsense_camera import RealSenseCamera

        if self.calibration or self.horizontal_fov:
            raise CairnError(
                "a RealSense brings its own calibration: leave calibration and horizontal_fov unset"
            )
        if not self.rate.is_integer():
            raise CairnError(f"a RealSense's rate is a whole number, got {self.rate}")
        is_recording = Path(self.device).suffix in RECORDINGS
        return RealSenseCamera(
            "" if is_recording else self.device,
            recording=Path(self.device) if is_recording else None,
            width=self.width,
            height=self.height,
            rate=int(self.rate),
            frame_id=self.frame_id,
        )

    def _model(self) -> CameraModel:
        known = self.calibration or self._kept()
        if bool(known) == bool(self.horizontal_fov):
            raise CairnError(
                f"driver {self.driver!r} needs either calibration (a file) or horizontal_fov (degrees), "
                f"got calibration={self.calibration!r} and horizontal_fov={self.horizontal_fov:g}"
            )
        if not known:
            return CameraModel.pinhole(self.width, self.height, self.horizontal_fov)
        model = load_camera_model(Path(known))
        if (model.width, model.height) != (self.width, self.height):
            raise CairnError(
                f"{known} is of a {model.width}x{model.height} camera, but width and height ask "
                f"for {self.width}x{self.height}"
            )
        return model

    def _kept(self) -> str:
        """The calibration that is kept under the device's name, unless a field of view was asked for."""
        if self.horizontal_fov:
            return ""
        try:
            kept = camera_file(self.device)
        except CairnError:  # a device may have a name that no calibration can have
            return ""
        return str(kept) if kept.is_file() else ""


_DEVICES = {
    "uvc": "a name in /dev/v4l/by-id or by-path, or a path",
    "file": "path of a video or of a folder of images",
}
