"""A goal photo from outside."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from cairn.policies.image_error import ImageError

MIN_SIDE = 32
MAX_SIDE = 8000
MAX_FILE_SIZE = 64 << 20
FORMATS = ("JPEG", "PNG", "WEBP")

_COLOUR_MODES = ("RGB", "RGBA", "P", "PA", "L", "LA", "1")
_PNG_BIT_DEPTH = 24  # offset into the file: signature 8, chunk head 8, width 4, height 4


def read_goal_image(source: str | Path | bytes) -> NDArray[np.uint8]:
    """A photo as it is meant to be seen.

    The EXIF orientation is applied, grey values are repeated on three channels, palettes are resolved, alpha
    is dropped without blending.  Size, depth and colour are judged by the header, before pixels are decoded.

    Args:
        source: a file, or a file's content.

    Returns:
        RGB, uint8, shape (height, width, 3), both sides within [32, 8000].

    Raises:
        ImageError: missing, empty, no image, truncated, animated, CMYK, more than 8 bits a channel, too small
            or too large.
    """
    name = "the goal image" if isinstance(source, bytes) else f"goal image {source}"
    content = source if isinstance(source, bytes) else _read(Path(source), name)
    if not content:
        raise ImageError(f"{name} is empty; expected {_valid()}")
    with warnings.catch_warnings():
        # Pillow warns of decompression bombs at about 90 megapixels, above the 64 that are valid here.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # damaged metadata
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                _check_header(image, content, name)
                upright = ImageOps.exif_transpose(image)
                return np.asarray(upright.convert("RGB"))
        except UnidentifiedImageError as error:
            raise ImageError(f"{name} is no image; expected {_valid()}") from error
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise ImageError(f"{name} must be at most {MAX_SIDE} pixels a side: {error}") from error
        except ImageError:
            raise
        except Exception as error:  # Pillow's parsers raise whatever they trip over
            raise ImageError(f"{name} is truncated or damaged: {error}; expected {_valid()}") from error


def _valid() -> str:
    return f"a still {', '.join(FORMATS[:-1])} or {FORMATS[-1]} of 8-bit colour or grey values"


def _read(path: Path, name: str) -> bytes:
    if path.is_dir():
        raise ImageError(f"{name} must be a file, got a directory")
    if not path.is_file():
        raise ImageError(f"{name} must be a file, but there is none")
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise ImageError(f"{name} can't be read: {error.strerror}") from error
    if len(content) > MAX_FILE_SIZE:
        raise ImageError(f"{name} must have at most {MAX_FILE_SIZE >> 20} MiB, got more")
    return content


def _check_header(image: Image.Image, content: bytes, name: str) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"{name} must be at most {MAX_SIDE} pixels a side, got {width}x{height}")
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"{name} must be at least {MIN_SIDE} pixels a side, got {width}x{height}")
    depth = content[_PNG_BIT_DEPTH] if image.format == "PNG" else 8
    if depth > 8:
        raise ImageError(f"{name} must have 8 bits a channel, got {depth}; valid: {_valid()}")
    if image.mode not in _COLOUR_MODES:
        raise ImageError(f"{name} must be RGB or grey, got {image.mode}; valid: {_valid()}")
    frames = getattr(image, "n_frames", 1)
    if frames != 1:
        raise ImageError(f"{name} must be a still, got {frames} frames; valid: {_valid()}")
