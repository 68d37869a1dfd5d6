from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_contract import PATIENCE, CameraContract, CameraRig

from cairn.hardware.camera import CameraLost
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.file_camera import FileCamera

MODEL = CameraModel.pinhole(64, 48, 90)


def write_images(folder: Path, count: int) -> Path:
    folder.mkdir()
    for index in range(count):
        image = np.full((48, 64, 3), (0, 0, 40 + index), np.uint8)  # BGR: red
        assert cv2.imwrite(str(folder / f"{index:03}.png"), image)
    return folder


def write_video(path: Path, count: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for index in range(count):
        writer.write(np.full((48, 64, 3), (0, 0, 40 + index), np.uint8))
    writer.release()
    return path


class TestFolderContract(CameraContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> CameraRig:
        return CameraRig(FileCamera(write_images(tmp_path / "images", 5), MODEL, rate=30, loop=True))


class TestVideoContract(CameraContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> CameraRig:
        return CameraRig(FileCamera(write_video(tmp_path / "video.avi", 20), MODEL, rate=30, loop=True))


@pytest.mark.parametrize("make", [lambda p: write_images(p / "i", 3), lambda p: write_video(p / "v.avi", 3)])
def test_plays_in_order_as_rgb_and_ends(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    camera = FileCamera(make(tmp_path), MODEL, rate=5)
    camera.start()
    frames = [camera.read(PATIENCE) for _ in range(3)]
    reds = [int(frame.image[..., 0].mean()) for frame in frames]
    assert reds == pytest.approx([40, 41, 42], abs=2)
    assert frames[0].image[..., 2].max() < 10
    with pytest.raises(CameraLost, match="has ended"):
        camera.read(PATIENCE)
    camera.stop()


def test_keeps_its_rate(tmp_path: Path) -> None:
    camera = FileCamera(write_images(tmp_path / "images", 3), MODEL, rate=10, loop=True)
    camera.start()
    stamps = [camera.read(PATIENCE).stamp for _ in range(6)]
    camera.stop()
    assert stamps[-1] - stamps[0] > 0.3  # .5 less what the first may be late


def test_a_wrong_size_is_told_at_start(tmp_path: Path) -> None:
    camera = FileCamera(write_images(tmp_path / "images", 1), CameraModel.pinhole(640, 480, 90), rate=10)
    with pytest.raises(CairnError, match="expected images of 640x480 pixels, got 64x48"):
        camera.start()


def test_a_broken_image_in_the_middle_loses_the_camera(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", 3)
    (folder / "001.png").write_bytes(b"no picture")
    camera = FileCamera(folder, MODEL, rate=10)
    camera.start()
    camera.read(PATIENCE)
    with pytest.raises(CameraLost, match=r"001\.png, which can't be decoded"):
        camera.read(PATIENCE)
    camera.stop()


def test_what_is_not_there_or_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraLost, match="which is neither"):
        FileCamera(tmp_path / "absent.mp4", MODEL, rate=10).start()
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(CairnError, match="expected a video that OpenCV can read"):
        FileCamera(tmp_path / "text.mp4", MODEL, rate=10).start()
    (tmp_path / "empty").mkdir()
    with pytest.raises(CairnError, match=r"expected images .* found none"):
        FileCamera(tmp_path / "empty", MODEL, rate=10).start()
    with pytest.raises(CairnError, match=r"\[0\.1, 240\] Hz, got 0"):
        FileCamera(tmp_path, MODEL, rate=0)
