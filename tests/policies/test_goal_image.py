from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cairn.policies.goal_image import read_goal_image
from cairn.policies.image_error import ImageError


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def photo() -> Image.Image:
    ramp = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    return Image.fromarray(ramp)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless(photo, kind):
    image = read_goal_image(encoded(photo, kind, lossless=True))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, np.asarray(photo))


def test_jpeg_from_a_path(photo, tmp_path):
    path = tmp_path / "goal.jpg"
    path.write_bytes(encoded(photo, "JPEG", quality=95))
    np.testing.assert_allclose(read_goal_image(path).astype(int), np.asarray(photo), atol=12)
    np.testing.assert_array_equal(read_goal_image(str(path)), read_goal_image(path.read_bytes()))


def test_exif_orientation_is_applied(photo):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to see it upright
    image = read_goal_image(encoded(photo, "PNG", exif=exif))
    np.testing.assert_array_equal(image, np.rot90(np.asarray(photo), -1))


def test_grey_is_repeated(photo):
    grey = photo.convert("L")
    image = read_goal_image(encoded(grey, "PNG"))
    np.testing.assert_array_equal(image, np.repeat(np.asarray(grey)[..., None], 3, axis=2))


def test_alpha_is_dropped_without_blending(photo):
    transparent = photo.copy()
    transparent.putalpha(0)
    np.testing.assert_array_equal(read_goal_image(encoded(transparent, "PNG")), np.asarray(photo))


def test_palette_is_resolved(photo):
    palette = photo.quantize(16)
    image = read_goal_image(encoded(palette, "PNG"))
    np.testing.assert_array_equal(image, np.asarray(palette.convert("RGB")))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(photo, kind, share):
    content = encoded(photo.resize((640, 480)), kind)
    with pytest.raises(ImageError, match=r"truncated or damaged|no image"):
        read_goal_image(content[: int(len(content) * share)])


def test_damaged_png(photo):
    content = bytearray(encoded(photo, "PNG"))
    content[content.index(b"IDAT") + 20] ^= 0xFF
    with pytest.raises(ImageError, match="truncated or damaged"):
        read_goal_image(bytes(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the goal image is empty; expected a still JPEG, PNG or WEBP"),
        (b"hello, this is text", "the goal image is no image"),
        (b"GIF89a" + b"\0" * 100, "no image"),
        (encoded(Image.new("CMYK", (64, 64)), "JPEG"), "must be RGB or grey, got CMYK"),
        (png(64, 64, 16, 0, b"\0" * (64 * 129)), "must have 8 bits a channel, got 16"),
        (png(64, 64, 16, 2, b"\0" * (64 * 385)), "must have 8 bits a channel, got 16"),
        (encoded(Image.new("RGB", (1, 1)), "PNG"), "must be at least 32 pixels a side, got 1x1"),
        (encoded(Image.new("RGB", (640, 31)), "JPEG"), "must be at least 32 pixels a side, got 640x31"),
        (encoded(Image.new("L", (12000, 40)), "JPEG"), "must be at most 8000 pixels a side, got 12000x40"),
        (png(12000, 12000, 8, 2, b""), "must be at most 8000 pixels a side"),
        (png(60000, 60000, 8, 2, b""), "must be at most 8000 pixels a side"),
        (
            encoded(
                Image.new("RGB", (64, 64)),
                "PNG",
                save_all=True,
                append_images=[Image.new("RGB", (64, 64), "red")],
            ),
            "must be a still, got 2 frames",
        ),
    ],
    ids=[
        "empty",
        "text",
        "gif",
        "cmyk",
        "grey16",
        "rgb16",
        "1x1",
        "low",
        "wide",
        "bomb",
        "larger_bomb",
        "animated",
    ],
)
def test_refused(content, words):
    with pytest.raises(ImageError, match=words):
        read_goal_image(content)


def seeds() -> list[bytes]:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    return [encoded(noise, kind, exif=exif) for kind in ("PNG", "JPEG", "WEBP")]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    content=st.sampled_from(seeds()),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damage_gives_an_image_or_an_image_error(content, changes):
    damaged = bytearray(content)
    for position, value in changes:
        damaged[position % min(len(damaged), 400)] = value
    try:
        image = read_goal_image(bytes(damaged))
    except ImageError:
        return
    assert image.dtype == np.uint8
    assert min(image.shape[:2]) >= 32
    assert image.shape[2] == 3


def test_no_file(tmp_path):
    with pytest.raises(ImageError, match=r"photo\.jpg must be a file, but there is none"):
        read_goal_image(tmp_path / "photo.jpg")
    with pytest.raises(ImageError, match="must be a file, got a directory"):
        read_goal_image(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImageError, match="pipe must be a file"):
        read_goal_image(tmp_path / "pipe")


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as stream:
        stream.truncate(65 << 20)
    with pytest.raises(ImageError, match="must have at most 64 MiB"):
        read_goal_image(path)
