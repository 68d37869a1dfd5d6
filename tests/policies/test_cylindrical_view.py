"""The virtual camera: where a direction lands, whatever lens took the picture."""

from math import radians, sqrt, tan

import cv2
import numpy as np
import pytest

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.cylindrical_view import CylindricalView

PINHOLE = CameraModel.pinhole(320, 240, 120.0)
FISHEYE = CameraModel(320, 320, 110.0, 110.0, 160.0, 160.0, "equidistant", (0.02, -0.01, 0.0, 0.0))
BARREL = CameraModel(320, 240, 250.0, 250.0, 160.0, 120.0, "plumb_bob", (-0.3, 0.0, 0.001, 0.001, 0.0))


def picture_of(camera: CameraModel, azimuth: float, tangent: float) -> np.ndarray:
    """A bright blob where `camera` sees a direction; azimuth [deg] left positive, tangent up positive."""
    ray = np.array([[[-np.sin(radians(azimuth)), -tangent, np.cos(radians(azimuth))]]])
    matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1.0]])
    project = cv2.fisheye.projectPoints if camera.distortion_model == "equidistant" else cv2.projectPoints
    pixel, _ = project(ray, np.zeros(3), np.zeros(3), matrix, np.array(camera.distortion))
    # Its pixel's centre is at +0.5 in this convention.
    x, y = pixel.ravel() - 0.5
    rows, columns = np.mgrid[: camera.height, : camera.width]
    blob = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.0**2))
    return np.repeat(blob[..., None].astype(np.uint8), 3, axis=2)


def centroid(view: np.ndarray) -> tuple[float, float]:
    """Column and row, in pixels from the upper left corner."""
    weights = view[..., 0].astype(float)
    rows, columns = np.indices(weights.shape) + 0.5
    return (columns * weights).sum() / weights.sum(), (rows * weights).sum() / weights.sum()


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE, BARREL], ids=["pinhole", "fisheye", "barrel"])
@pytest.mark.parametrize(("azimuth", "tangent"), [(0, 0), (20, 0.1), (-25, -0.2), (10, 0.3)])
def test_a_direction_lands_where_the_view_says(camera, azimuth, tangent):
    view = CylindricalView(width=240, height=120, horizontal_fov=120.0, top=0.5, bottom=-0.5)
    column, row = centroid(view(picture_of(camera, azimuth, tangent), camera))
    assert column == pytest.approx(120 - azimuth / 120 * 240, abs=0.6)
    assert row == pytest.approx((0.5 - tangent) * 120, abs=0.6)


def test_a_turn_shifts_columns_and_changes_nothing_else():
    view = CylindricalView(width=240, height=120)
    ahead = view(picture_of(PINHOLE, 0, -0.1), PINHOLE).astype(int)
    turned = view(picture_of(PINHOLE, 30, -0.1), PINHOLE).astype(int)
    assert centroid(ahead)[1] == pytest.approx(centroid(turned)[1], abs=0.3)
    # A blob of a fixed pixel size looks narrower off the axis: compare where it is, not how wide.
    assert centroid(ahead)[0] - centroid(turned)[0] == pytest.approx(60, abs=0.6)


def test_beyond_the_real_camera_is_black():
    narrow = CameraModel.pinhole(320, 240, 69.0)
    view = CylindricalView()(np.full((240, 320, 3), 200, np.uint8), narrow)
    edge = 64 - 69 / 120 * 64
    assert (view[:, : int(edge) - 1] == 0).all()
    assert (view[:, -int(edge) + 1 :] == 0).all()
    assert (view[20:40, 64 - 30 : 64 + 30] == 200).all()


def test_a_folding_lens_model_does_not_repeat_the_middle_at_the_sides():
    # r (1 - 0.3 r^2) turns back at r = 1.05, which is 46.5 degrees off the axis.
    fold = np.degrees(np.arctan(1 / sqrt(0.9)))
    view = CylindricalView(width=240, height=120, horizontal_fov=170.0, top=0.1, bottom=-0.1)
    seen = view(np.full((240, 320, 3), 200, np.uint8), BARREL)
    beyond = int(120 - (fold + 2) / 170 * 240)
    assert (seen[:, :beyond] == 0).all()
    assert (seen[:, -beyond:] == 0).all()
    half = np.degrees(np.arctan(0.5))
    inside = int(half / 170 * 240)
    assert (seen[55:65, 120 - inside : 120 + inside] == 200).all()


def test_a_scaled_image_scales_the_camera():
    view = CylindricalView()
    big = picture_of(PINHOLE, 20, -0.1)
    small = cv2.resize(big, (160, 120), interpolation=cv2.INTER_AREA)
    assert centroid(view(small, PINHOLE)) == pytest.approx(centroid(view(big, PINHOLE)), abs=0.3)
    with pytest.raises(CairnError, match=r"the image is 160x160, but .* proportions of 320x240"):
        view(np.zeros((160, 160, 3), np.uint8), PINHOLE)


def test_the_view_is_the_size_it_says_and_rgb():
    image = np.zeros((240, 320, 3), np.uint8)
    image[..., 0] = 180
    view = CylindricalView(96, 48)(image, PINHOLE)
    assert view.shape == (48, 96, 3)
    assert view.dtype == np.uint8
    assert view[24, 48].tolist() == [180, 0, 0]
    # 120 degrees across: the upper edge is in the pinhole's picture only while its tangent is.
    assert tan(radians(PINHOLE.vertical_fov) / 2) > 0.63


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 7}, "at least 8x8 pixels, got 7x64"),
        ({"horizontal_fov": 181.0}, r"\[10, 180\] degrees, got 181"),
        ({"top": -0.7}, "bottom must lie below top, got -0.63 and -0.7"),
    ],
)
def test_views_that_cannot_be_are_refused(options, message):
    with pytest.raises(CairnError, match=message):
        CylindricalView(**options)
