"""From images to views of a board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.board.diagnosis import diagnose
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.image_source import NamedImage
from cairn.calibration.intrinsics.view import View
from cairn.calibration.intrinsics.view_collector import ViewCollector

_LOOKED_AT = 4  # images, to say what is wrong with them
_POOR = 0.5  # share of images with a board below which the reason is looked for


@dataclass(frozen=True, eq=False)
class ViewSet:
    """Views, their images (RGB) by name, and by image why it was not used."""

    views: tuple[View, ...]
    pictures: dict[str, NDArray[np.uint8]]
    unused: dict[str, str]


def read_views(images: Iterable[NamedImage], detector: BoardDetector, *, keep_all: bool) -> ViewSet:
    """Look for the board in each image.

    Args:
        images: of one camera.
        detector: of the board.
        keep_all: whether views that look alike are kept, as of a folder that somebody chose.

    Raises CalibrationError where the images contradict the board's description, and where it is in none.
    """
    collector = ViewCollector(keep_all=keep_all)
    pictures: dict[str, NDArray[np.uint8]] = {}
    unused: dict[str, str] = {}
    found: list[NDArray[np.uint8]] = []
    empty: list[NDArray[np.uint8]] = []
    for image in images:
        detection = detector.detect(image.pixels)
        fault = "no board found" if detection is None else collector.offer(image.name, detection)
        if fault:
            unused[image.name] = fault
        else:
            pictures[image.name] = image.pixels
        chosen = empty if detection is None else found
        if len(chosen) < _LOOKED_AT:
            chosen.append(image.pixels)
    if not found and not empty:
        raise CalibrationError("there are no images")
    lost = sum(fault == "no board found" for fault in unused.values())
    total = len(unused) + len(pictures)
    diagnosis = diagnose(detector.board, found)
    if not diagnosis and lost > _POOR * total:
        diagnosis = diagnose(detector.board, empty)
    if diagnosis:
        raise CalibrationError(diagnosis)
    if not found:
        raise CalibrationError(
            f"the board {detector.board} is in none of {total} images: is it whole, lit, sharp and in view, "
            "and is this the board?"
        )
    return ViewSet(collector.views, pictures, unused)
