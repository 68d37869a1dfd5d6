from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer
from cairn.policies.bundle.image_input import CameraSpec, ImageInput, Resize
from cairn.policies.camera_remap import CameraRemap
from cairn.policies.image_error import ImageError
from cairn.policies.image_transform import ImageTransform

TRAINED = CameraModel(160, 120, 90.0, 90.0, 79.5, 59.5, "plumb_bob", (-0.05, 0.01, 0.0, 0.0, 0.0))
REAL = CameraModel(640, 480, 250.0, 251.0, 325.0, 236.0, "equidistant", (0.02, -0.01, 0.003, -0.001))
OPTICAL = np.array([[0.0, 0.0, 1.0, 0.0], [-1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def rendered(camera: CameraModel, turn: Rotation | None = None):
    board = Board()
    scene = BoardScene(board.draw(2000, 0.02), board.size, 0.02, seed=3)
    pose = np.eye(4)
    pose[:3, 3] = 0.35, 0.12, 0.08
    pose[:3, :3] = OPTICAL[:3, :3]
    scene.place(pose)
    eye = OPTICAL.copy()
    if turn is not None:
        eye[:3, :3] = eye[:3, :3] @ turn.as_matrix()
    renderer = LensRenderer(scene.model, camera)
    image = renderer(scene.data, eye)
    renderer.close()
    return image


@pytest.mark.parametrize("turn", [None, Rotation.from_euler("x", -8, degrees=True)], ids=["level", "pitched"])
def test_a_remapped_image_is_what_the_trained_camera_would_have_seen(turn) -> None:
    remap = CameraRemap(REAL, TRAINED, turn)
    ours, truth = remap(rendered(REAL)).astype(float), rendered(TRAINED, turn).astype(float)
    assert remap.seen > 0.99
    # The light hangs on the camera, so a turned one sees the floor a little brighter.
    assert np.median(np.abs(ours - truth)) < (2 if turn is None else 6)
    # By what a plain resize would have given.
    import cv2

    plain = cv2.resize(rendered(REAL), (160, 120), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(ours - truth).mean() < 0.3 * np.abs(plain - truth).mean()


def test_what_the_real_camera_does_not_see_is_black_and_counted() -> None:
    narrow = CameraModel.pinhole(640, 480, 40)
    remap = CameraRemap(narrow, TRAINED)
    view = remap(np.full((480, 640, 3), 200, np.uint8))
    assert (view[0] == 0).all()
    assert (view[60, 80] == 200).all()
    assert remap.seen == pytest.approx((view[..., 0] > 100).mean(), abs=0.02)


def test_it_takes_less_than_a_millisecond() -> None:
    remap, image = CameraRemap(REAL, TRAINED), rendered(REAL)
    took = []
    for _ in range(200):
        started = time.perf_counter()
        remap(image)
        took.append(time.perf_counter() - started)
    # The quickest of many: other processes share the machine.
    assert np.quantile(took, 0.1) < 0.001


def test_an_image_of_another_camera_is_refused() -> None:
    with pytest.raises(
        ImageError, match=r"expected an image uint8 \(480, 640, 3\), got uint8 \(120, 160, 3\)"
    ):
        CameraRemap(REAL, TRAINED)(np.zeros((120, 160, 3), np.uint8))


def _spec(**camera) -> ImageInput:
    return ImageInput(
        camera=CameraSpec(name="trained", horizontal_fov=80, **camera),
        resize=Resize(width=64, height=48, kernel="area"),
        colour="rgb",
        mean=(0, 0, 0),
        std=(1, 1, 1),
        layout="hwc",
    )


LENS = {name: getattr(TRAINED, name) for name in ("width", "height", "fx", "fy", "cx", "cy", "distortion")}


def test_a_policy_that_names_its_lens_sees_any_camera_through_it() -> None:
    trained, real = rendered(TRAINED), rendered(REAL)
    spec = _spec(lens=LENS)
    seen_in_training = ImageTransform(spec, TRAINED)(trained)
    remapped = ImageTransform(spec, REAL)(real)
    plain = ImageTransform(_spec())(real)
    off, off_plain = (np.abs(one - seen_in_training).mean() for one in (remapped, plain))
    assert off < 0.02
    assert off < 0.3 * off_plain
    # Its own camera's images are left as they are.
    assert (seen_in_training == ImageTransform(_spec())(trained)).all()


def test_a_lens_without_a_camera_and_an_impossible_lens_are_refused() -> None:
    with pytest.raises(
        ImageError, match="a policy that names its lens needs the camera's intrinsics, got none"
    ):
        ImageTransform(_spec(lens=LENS))
    with pytest.raises(ValueError, match="plumb_bob takes 5 distortion coefficients, got 4"):
        _spec(lens=LENS | {"distortion": (0.0,) * 4})
