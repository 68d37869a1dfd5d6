"""Find the images of a contact sheet without reading the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.message_values import picture
from cairn.episodes.picture import PictureError
from cairn.evaluation.recording.recording import DrivenPath, Event, Frame

FRAMES = 12
_SHORTEST = 1.0  # [m] below it the robot stood, and even times say more than even distances
_WIDTH = 480  # [pixels] of an image on the sheet


def frames_to_show(
    images: NDArray[np.float64], path: DrivenPath | None, count: int = FRAMES
) -> NDArray[np.int64]:
    """Which images to show: at even distances along the path, or at even times where the robot stood.

    Args:
        images: when images came, shape (n,) [s].
        path: None without odometry.
        count: how many are wanted at most.

    Returns places in `images`, each once, in order, shape (at most count,).
    """
    if not len(images):
        return np.zeros(0, np.int64)
    if path is None or path.length < _SHORTEST:
        wanted = np.linspace(images[0], images[-1], count)
    else:
        # np.interp wants distances that grow; where the robot stood, the moment it arrived counts.
        distances, places = np.unique(path.distances, return_index=True)
        wanted = np.interp(np.linspace(0.0, path.length, count), distances, path.times[places])
    after = np.clip(np.searchsorted(images, wanted), 1, max(1, len(images) - 1))
    before = after - 1
    after = np.minimum(after, len(images) - 1)
    nearer = np.where(wanted - images[before] <= images[after] - wanted, before, after)
    return np.unique(nearer).astype(np.int64)


def read_frames(
    reader: BagReader, topic: str, moments: Sequence[int], problems: list[str]
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Images by log time [ns], scaled down; why one can't be shown goes to `problems`, once."""
    for moment in moments:
        for message in reader.messages([topic], moment, moment + 1):
            try:
                pixels = picture(reader.decode(message)).pixels()
            except (BagError, PictureError) as error:
                if (problem := f"images on {topic} can't be shown: {error}") not in problems:
                    problems.append(problem)
                break
            yield moment, _scaled(pixels)
            break


def with_circumstances(
    frames: Sequence[Frame], path: DrivenPath | None, events: Sequence[Event]
) -> tuple[Frame, ...]:
    """Frames with distance and speed, each with the events since the frame before, the last with the rest."""
    told = []
    for place, frame in enumerate(frames):
        since = frames[place - 1].time if place else -np.inf
        until = frame.time if place + 1 < len(frames) else np.inf
        told.append(
            replace(
                frame,
                distance=path.at(frame.time, path.distances) if path else None,
                speed=path.at(frame.time, path.speeds) if path else None,
                events=tuple(event for event in events if since < event.time <= until),
            )
        )
    return tuple(told)


def _scaled(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if width <= _WIDTH:
        return pixels
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
