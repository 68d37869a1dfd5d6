"""A camera image as it was stored, decoded when somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from cairn.hardware.errors import CairnError

LARGEST_SIDE = 8192
LARGEST_FILE = 64 * 2**20
COMPRESSED = ("jpeg", "png")
_CHANNELS = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}


class Refusal(Enum):
    """Why an image was refused."""

    ENCODING = "encoding"
    SIZE = "size"
    DATA = "data"


class PictureError(CairnError):
    """An image is not what it says it is, or not what is expected."""

    def __init__(self, message: str, refusal: Refusal = Refusal.DATA) -> None:
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True, eq=False)
class Picture:
    """An image in the bytes in which it was stored.

    Attributes:
        data: a whole JPEG or PNG file, or rows of pixels.
        encoding: "jpeg", "png", or of raw pixels "rgb8", "bgr8", "rgba8", "bgra8", "mono8".
        width, height: of raw pixels; a compressed image says it itself.
        row_bytes: length of a row of raw pixels, padding included.
    """

    data: bytes
    encoding: str
    width: int = 0
    height: int = 0
    row_bytes: int = 0

    @classmethod
    def compressed(cls, data: bytes) -> Picture:
        """JPEG or PNG, told apart by its first bytes.  Raises PictureError for anything else."""
        if data.startswith(b"\xff\xd8\xff"):
            return cls(data, "jpeg")
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return cls(data, "png")
        raise PictureError(
            f"expected JPEG or PNG, got {len(data)} bytes that begin with {data[:8]!r}", Refusal.ENCODING
        )

    @classmethod
    def in_file(cls, path: Path) -> Picture:
        """A JPEG or PNG file.  Raises PictureError for a link, and where it can't be read or is none."""
        try:
            if path.is_symlink() or path.stat().st_size > LARGEST_FILE:
                raise PictureError(f"{path} is a link or too large for an image")
            return cls.compressed(path.read_bytes())
        except OSError as error:
            raise PictureError(f"{path} can't be read: {error.strerror}") from error

    @classmethod
    def of(cls, image: NDArray[np.uint8]) -> Picture:
        """RGB pixels of shape (height, width, 3)."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise PictureError(f"expected an image uint8 (height, width, 3), got {image.dtype} {image.shape}")
        height, width = image.shape[:2]
        return cls(image.tobytes(), "rgb8", width, height, 3 * width)

    @property
    def jpeg(self) -> bytes | None:
        """The JPEG file as it was recorded, None where the image was stored otherwise."""
        return self.data if self.encoding == "jpeg" else None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [pixels], without decoding.

        Raises PictureError when it is larger than 8192 pixels a side, or damaged.
        """
        if self.encoding not in COMPRESSED:
            _check_size(self.width, self.height)
            return self.width, self.height
        with self._opened() as image:
            width, height = image.size
        return width, height

    def pixels(self) -> NDArray[np.uint8]:
        """RGB, shape (height, width, 3), read-only.

        Raises PictureError when the image is cut off, damaged or larger than 8192 pixels a side.
        """
        pixels = self._decompressed() if self.encoding in COMPRESSED else self._unpacked()
        pixels.setflags(write=False)
        return pixels

    def _decompressed(self) -> NDArray[np.uint8]:
        with self._opened() as image:
            try:
                return np.array(image if image.mode == "RGB" else image.convert("RGB"))
            # A damaged file makes Pillow raise whatever its parser stumbles over.
            except (OSError, SyntaxError, ValueError, IndexError) as error:
                raise PictureError(
                    f"the {self.encoding} image of {len(self.data)} bytes is damaged: {error}"
                ) from error

    def _opened(self) -> Image.Image:
        try:
            image = Image.open(BytesIO(self.data), formats=[self.encoding])
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            ValueError,
            IndexError,
            Image.DecompressionBombError,
        ) as error:
            raise PictureError(
                f"{len(self.data)} bytes are no {self.encoding} image that can be read: {error}"
            ) from error
        _check_size(*image.size)
        return image

    def _unpacked(self) -> NDArray[np.uint8]:
        channels = _CHANNELS.get(self.encoding)
        if channels is None:
            valid = ", ".join((*COMPRESSED, *_CHANNELS))
            raise PictureError(
                f"image encoding {self.encoding!r} is unknown; valid: {valid}", Refusal.ENCODING
            )
        _check_size(self.width, self.height)
        least = self.width * channels
        if self.row_bytes < least or len(self.data) != self.row_bytes * self.height:
            raise PictureError(
                f"expected {self.height} rows of at least {least} bytes for {self.width}x{self.height} "
                f"{self.encoding}, got rows of {self.row_bytes} and {len(self.data)} bytes in all"
            )
        rows = np.frombuffer(self.data, np.uint8).reshape(self.height, self.row_bytes)[:, :least]
        image = rows.reshape(self.height, self.width, channels)
        if channels == 1:
            return np.repeat(image, 3, axis=2)
        colours = image[..., 2::-1] if self.encoding.startswith("bgr") else image[..., :3]
        return np.array(colours, order="C")


def _check_size(width: int, height: int) -> None:
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise PictureError(
            f"expected an image of 1 to {LARGEST_SIDE} pixels a side, got {width}x{height}", Refusal.SIZE
        )
