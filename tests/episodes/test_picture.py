"""Images as they are stored."""

from io import BytesIO

import numpy as np
import pytest
from drive_bags import jpeg, scene
from PIL import Image

from cairn.episodes.picture import Picture, PictureError


def encoded(kind: str) -> bytes:
    stream = BytesIO()
    Image.fromarray(scene(3)).save(stream, kind)
    return stream.getvalue()


def test_compressed_images_keep_their_bytes() -> None:
    picture = Picture.compressed(jpeg(3))
    assert picture.jpeg == jpeg(3)
    assert picture.size == (64, 48)
    np.testing.assert_array_equal(picture.pixels(), np.array(Image.open(BytesIO(jpeg(3)))))
    assert not picture.pixels().flags.writeable
    png = Picture.compressed(encoded("PNG"))
    assert png.jpeg is None
    np.testing.assert_array_equal(png.pixels(), scene(3))


def test_raw_rows_may_be_padded_and_ordered_otherwise() -> None:
    pixels = scene(3)
    padded = np.zeros((48, 200), np.uint8)
    padded[:, :192] = pixels[..., ::-1].reshape(48, 192)
    np.testing.assert_array_equal(Picture(padded.tobytes(), "bgr8", 64, 48, 200).pixels(), pixels)
    rgba = np.concatenate([pixels, np.full((48, 64, 1), 255, np.uint8)], 2)
    np.testing.assert_array_equal(Picture(rgba.tobytes(), "rgba8", 64, 48, 256).pixels(), pixels)
    grey = Picture(pixels[..., 0].tobytes(), "mono8", 64, 48, 64).pixels()
    assert grey.shape == (48, 64, 3)
    np.testing.assert_array_equal(grey[..., 2], pixels[..., 0])


def bomb() -> bytes:
    """A PNG that says that it is 60000 pixels wide and high."""
    data = bytearray(encoded("PNG"))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (Picture(jpeg(1)[:-200], "jpeg"), "jpeg image of .* bytes is damaged"),
        (Picture(jpeg(1)[:20], "jpeg"), "no jpeg image that can be read"),
        (Picture(encoded("PNG")[:-90], "png"), "png image of .* bytes is damaged"),
        (Picture(bomb(), "png"), "no png image that can be read|8192 pixels a side"),
        (Picture(encoded("PNG"), "jpeg"), "no jpeg image"),
        (Picture(bytes(100), "rgb8", 64, 48, 192), "48 rows of at least 192 bytes"),
        (Picture(bytes(48 * 100), "rgb8", 64, 48, 100), "got rows of 100 and 4800 bytes"),
        (Picture(b"", "rgb8", 0, 48, 0), "1 to 8192 pixels a side, got 0x48"),
        (Picture(b"", "yuv422", 2, 2, 4), "encoding 'yuv422' is unknown; valid: jpeg, png, rgb8"),
    ],
)
def test_what_is_no_image_is_refused(picture: Picture, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        picture.pixels()


def test_other_bytes_are_refused() -> None:
    with pytest.raises(PictureError, match="expected JPEG or PNG, got 6 bytes"):
        Picture.compressed(b"GIF89a")
    with pytest.raises(PictureError, match=r"uint8 \(height, width, 3\)"):
        Picture.of(np.zeros((2, 2), np.uint8))
