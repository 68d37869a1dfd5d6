"""Images to calibrate with, from a folder or a bag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.calibration_error import CalibrationError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.message_values import header_stamp, picture
from cairn.episodes.picture import PictureError

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_TYPES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")


@dataclass(frozen=True, eq=False)
class NamedImage:
    """An image RGB uint8 (height, width, 3), its file's name or time in the bag, and its stamp [s]."""

    name: str
    pixels: NDArray[np.uint8]
    stamp: float | None = None


def images_in(path: Path, topic: str = "") -> Iterator[NamedImage]:
    """The images of a folder in the order of their names, or of a topic in a bag in the order of time.

    Args:
        path: a folder of images, a bag's directory or an .mcap file.
        topic: of images; may be left out where the bag has only one.

    Raises CalibrationError when there are no images or one can't be used, BagError for a bad bag.
    """
    if not path.exists():
        raise CalibrationError(f"expected a folder of images or a bag, but there is nothing at {path}")
    if path.is_dir() and not any(path.glob("*.mcap")):
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        if not files:
            raise CalibrationError(
                f"expected images ({', '.join(SUFFIXES)}) or a bag (.mcap files) in {path}, found neither"
            )
        return _of_files(files)
    return _of_bag(BagReader(path), topic)


def image_topic(reader: BagReader, topic: str) -> str:
    """`topic` if it has images, or the only one that has.  Raises CalibrationError otherwise."""
    named = sorted(name for name, (found, _) in reader.topics.items() if found.type in _TYPES)
    if topic in named:
        return topic
    if topic or len(named) != 1:
        asked = f"{topic!r} is none of them" if topic else "say which with --topic"
        raise CalibrationError(f"the bag has images on {', '.join(named) or 'no topic'}; {asked}")
    return named[0]


def _of_files(files: list[Path]) -> Iterator[NamedImage]:
    for file in files:
        image = cv2.imread(str(file), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is None:
            raise CalibrationError(f"{file} can't be read as an image")
        yield NamedImage(file.name, np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8))


def _of_bag(reader: BagReader, topic: str) -> Iterator[NamedImage]:
    name = image_topic(reader, topic)
    start, _ = reader.time_range
    for message in reader.messages([name]):
        content = reader.decode(message)
        try:
            pixels = picture(content).pixels()
        except PictureError as error:
            raise CalibrationError(f"images on {name} can't be used: {error}") from error
        stamp = header_stamp(content)
        shown = f"{(message.log_time - start) * 1e-9:.3f} s"
        yield NamedImage(shown, pixels, message.log_time * 1e-9 if stamp is None else stamp)
