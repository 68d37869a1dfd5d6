"""One scene, recorded through a fisheye and through a pinhole, becomes the same view."""

from io import BytesIO
from math import pi
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cairn.hardware.camera_calibration import load_camera_model
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.convert_recordings import ConversionSettings, convert_recordings
from cairn.policies.training.recording import Recording

VIEW = CylindricalView(width=128, height=64)
STEPS = 9
# A lens as wide as RECON's, and an ideal one before the same scene.
FISHEYE = """
image_width: 640
image_height: 480
camera_matrix: {rows: 3, cols: 3, data: [272.5, 0, 318.0, 0, 266.4, 232.0, 0, 0, 1]}
distortion_model: equidistant
distortion_coefficients: {rows: 1, cols: 4, data: [-0.038, -0.010, 0.004, -0.001]}
"""
PINHOLE = """
image_width: 640
image_height: 480
camera_matrix: {rows: 3, cols: 3, data: [180.0, 0, 320.0, 0, 180.0, 240.0, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}
"""


def rays(camera: CameraModel) -> NDArray[np.float64]:
    """Right, down and forward of each pixel's centre, shape (height, width, 3), by the lens's own formula."""
    rows, columns = np.mgrid[: camera.height, : camera.width] + 0.5
    x, y = (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy
    radius = np.hypot(x, y)
    if camera.distortion_model == "equidistant":
        # Radius over angle off the axis rises here, so that a table inverts it.
        angle = np.linspace(0, 1.6, 4000)
        bent = angle * (1 + angle[:, None] ** np.arange(2, 10, 2) @ np.array(camera.distortion))
        off_axis = np.interp(radius, bent, angle)
    else:
        off_axis = np.arctan(radius)
    side = np.sin(off_axis) / np.maximum(radius, 1e-9)
    return np.stack([x * side, y * side, np.cos(off_axis)], axis=-1)


def seen_by(camera: CameraModel, heading: float) -> NDArray[np.uint8]:
    """Smooth bands of colour by direction, so that nothing depends on how sharp a lens is."""
    right, down, forward = np.moveaxis(rays(camera), -1, 0)
    azimuth = np.arctan2(-right, forward) + heading
    level = -down / np.hypot(right, forward)
    bands = np.stack([np.sin(6 * azimuth), np.cos(4 * azimuth + 3 * level), np.sin(9 * level)], axis=-1)
    return np.round(127.5 + 110 * bands).astype(np.uint8)


def record(path: Path, camera: CameraModel, scale: int = 1) -> Path:
    """A file as the release has it: it does not say which camera took its pictures."""
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images/rgb_left", (STEPS,), h5py.vlen_dtype(np.uint8))
        for number in range(STEPS):
            stream = BytesIO()
            picture = Image.fromarray(seen_by(camera, 0.1 * number))
            picture = picture.resize((camera.width // scale, camera.height // scale), Image.Resampling.BOX)
            picture.save(stream, "JPEG", quality=97, subsampling=0)
            images[number] = np.frombuffer(stream.getvalue(), np.uint8)
        file["jackal/position"] = np.stack([0.2 * np.arange(STEPS), np.zeros(STEPS), np.zeros(STEPS)], 1)
        file["jackal/yaw"] = np.mod(0.1 * np.arange(STEPS), 2 * pi)
    return path


def frames(path: Path, work: Path, **lens: object) -> NDArray[np.int64]:
    (drive,) = convert_recordings([Recording(path)], work, ConversionSettings(VIEW, **lens))
    assert drive.frames == STEPS
    return drive.load().image.astype(int)


@pytest.fixture
def cameras(tmp_path: Path) -> dict[str, CameraModel]:
    (tmp_path / "fisheye.yaml").write_text(FISHEYE)
    (tmp_path / "pinhole.yaml").write_text(PINHOLE)
    return {name: load_camera_model(tmp_path / f"{name}.yaml") for name in ("fisheye", "pinhole")}


@pytest.mark.parametrize("scale", [1, 4])
def test_the_view_does_not_depend_on_the_lens(
    tmp_path: Path, cameras: dict[str, CameraModel], scale: int
) -> None:
    found = {
        name: frames(record(tmp_path / f"{name}.hdf5", camera, scale), tmp_path / "work", camera=camera)
        for name, camera in cameras.items()
    }
    # The lenses show different shares of the sky; what both show must be the same.
    both = (found["fisheye"].max(-1) > 0) & (found["pinhole"].max(-1) > 0)
    assert both.mean() > 0.95
    off = np.abs(found["fisheye"] - found["pinhole"])[both]
    assert np.percentile(off, 99) <= 4
    assert off.mean() < 1.0

    wrong = frames(tmp_path / "fisheye.hdf5", tmp_path / "work", camera_fov=100.0)
    assert np.abs(wrong - found["pinhole"])[both].mean() > 20


def test_intrinsics_of_other_pictures_are_refused(tmp_path: Path, cameras: dict[str, CameraModel]) -> None:
    square = CameraModel(480, 480, 270.0, 270.0, 240.0, 240.0, "equidistant", (0.0, 0.0, 0.0, 0.0))
    recording = record(tmp_path / "drive.hdf5", square)
    with pytest.raises(
        CairnError,
        match=r"the given intrinsics don't fit drive in .*drive.hdf5: the image is 480x480, but .* 640x480",
    ):
        frames(recording, tmp_path / "work", camera=cameras["fisheye"])
