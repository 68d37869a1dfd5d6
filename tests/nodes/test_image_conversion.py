from __future__ import annotations

import array
import time
from statistics import median

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

from cairn.episodes.picture import PictureError, Refusal
from cairn.hardware.camera import CameraFrame
from cairn.nodes.image_conversion import ImageReader, image_from_frame

IMAGE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


def message(encoding: str = "rgb8", padding: int = 0, **changes: object) -> Image:
    """IMAGE in an encoding, with so many bytes of rubbish after each row."""
    pixels = {
        "rgb8": IMAGE,
        "bgr8": IMAGE[..., ::-1],
        "mono8": IMAGE[..., :1],
    }.get(encoding, IMAGE)
    rows = pixels.reshape(48, -1)
    padded = np.hstack([rows, np.full((48, padding), 77, np.uint8)])
    made = Image(height=48, width=64, encoding=encoding, step=padded.shape[1])
    made.header.stamp.sec = 12
    made.header.stamp.nanosec = 500_000_000
    made.header.frame_id = "camera_optical"
    made.data = array.array("B", padded.tobytes())
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def compressed(extension: str, image: np.ndarray = IMAGE) -> CompressedImage:
    encoded = cv2.imencode(extension, image[..., ::-1])[1]
    return CompressedImage(format=extension[1:], data=array.array("B", encoded.tobytes()))


def test_a_frame_survives_the_way_there_and_back() -> None:
    frame = CameraFrame(IMAGE.copy(), 1_800_000_000.123456, 5, "camera_optical")
    back = ImageReader().read(image_from_frame(frame))
    assert np.array_equal(back.image, IMAGE)
    assert back.stamp == pytest.approx(frame.stamp, abs=1e-6)
    assert back.frame_id == "camera_optical"


@pytest.mark.parametrize("padding", [0, 1, 64])
@pytest.mark.parametrize("encoding", ["rgb8", "bgr8", "mono8"])
def test_encodings_and_row_padding(encoding: str, padding: int) -> None:
    frame = ImageReader(64, 48).read(message(encoding, padding))
    expected = np.repeat(IMAGE[..., :1], 3, axis=2) if encoding == "mono8" else IMAGE
    assert np.array_equal(frame.image, expected)
    assert frame.stamp == 12.5
    assert frame.image.flags.c_contiguous
    assert not frame.image.flags.writeable


def test_the_frame_does_not_change_with_the_message() -> None:
    received = message()
    frame = ImageReader().read(received)
    received.data[0] = (received.data[0] + 1) % 256
    assert np.array_equal(frame.image, IMAGE)


@pytest.mark.parametrize(
    ("bad", "refusal", "text"),
    [
        (message("16UC1"), Refusal.ENCODING, "encoding '16UC1' is unknown; valid: jpeg, png, rgb8"),
        (message(width=640), Refusal.SIZE, "expected an image of 64x48, got 640x48"),
        (message(height=0), Refusal.SIZE, "1 to 8192 pixels a side, got 64x0"),
        (message(width=4_000_000_000), Refusal.SIZE, "got 4000000000x48"),
        (message(step=191), Refusal.DATA, "48 rows of at least 192 bytes for 64x48 rgb8, got rows of 191"),
        (message(step=200), Refusal.DATA, "expected 48 rows .* got rows of 200 and 9216 bytes in all"),
        (message(data=array.array("B")), Refusal.DATA, "got rows of 192 and 0 bytes in all"),
    ],
)
def test_a_wrong_message_is_refused_and_counted(bad: Image, refusal: Refusal, text: str) -> None:
    reader = ImageReader(64, 48)
    for _ in range(2):
        with pytest.raises(PictureError, match=text) as caught:
            reader.read(bad)
        assert caught.value.refusal is refusal
    assert reader.refused == {refusal: 2}
    assert reader.read(message()).sequence == 0


def test_compressed_images() -> None:
    reader = ImageReader(64, 48)
    assert np.array_equal(reader.read(compressed(".png")).image, IMAGE)
    smooth = cv2.resize(IMAGE[:4, :4], (64, 48), interpolation=cv2.INTER_CUBIC)
    decoded = reader.read(compressed(".jpg", smooth)).image
    assert np.abs(decoded.astype(int) - smooth).mean() < 4


@pytest.mark.parametrize("extension", [".jpg", ".png"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
def test_a_truncated_file_is_refused(extension: str, kept: float) -> None:
    whole = compressed(extension)
    whole.data = whole.data[: int(len(whole.data) * kept)]
    reader = ImageReader()
    kind = extension[1:].replace("jpg", "jpeg")
    with pytest.raises(PictureError, match=f"the {kind} image of {len(whole.data)} bytes is damaged"):
        reader.read(whole)
    assert reader.refused == {Refusal.DATA: 1}


def test_other_formats_and_rubbish_are_refused() -> None:
    reader = ImageReader(64, 48)
    with pytest.raises(PictureError, match=r"expected JPEG or PNG, got \d+ bytes"):
        reader.read(compressed(".bmp"))
    with pytest.raises(PictureError, match="bytes are no jpeg image that can be read"):
        reader.read(CompressedImage(format="jpeg", data=array.array("B", b"\xff\xd8\xff rubbish \xff\xd9")))
    with pytest.raises(PictureError, match="expected an image of 64x48, got 32x48"):
        reader.read(compressed(".jpg", IMAGE[:, :32]))
    assert reader.refused == {Refusal.ENCODING: 1, Refusal.DATA: 1, Refusal.SIZE: 1}


def test_conversion_is_quick() -> None:
    frame = CameraFrame(np.zeros((480, 640, 3), np.uint8), 1.0, 0, "camera_optical")
    reader = ImageReader(640, 480)
    there, back = [], []
    for _ in range(30):
        begun = time.perf_counter()
        made = image_from_frame(frame)
        half = time.perf_counter()
        reader.read(made)
        there.append(half - begun)
        back.append(time.perf_counter() - half)
    print(f"640x480: to message {median(there) * 1e3:.2f} ms, from message {median(back) * 1e3:.2f} ms")
    # Bounds for a loaded machine; assigning a numpy array would take 70 ms.
    assert median(there) < 3e-3
    assert median(back) < 3e-3
