"""What recording costs and loses, between real processes under the supervisor."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.performance.launched import node, run_until
from cairn.evaluation.performance.row import PerformanceRow
from cairn.hardware.errors import CairnError

_SECONDS = 8.0
_SMALL_RATE = 1000
_IMAGE_RATES = (30, 60)
_ASKED_RATE = 60
"""Images a second at which nothing may be lost."""
_FLOOD_IMAGES = 1000
_FLOOD_SMALL = 20000
_TIMEOUT = 120.0
_IMAGES, _SMALL = "/load/image", "/load/joint_states"
_IMAGE_MB = 640 * 480 * 3 / 1e6


def rows() -> list[PerformanceRow]:
    """Loss, processor share and time in the callback, with a 640x480 camera and 1 kHz of joint states.

    Then the ceilings: what of a flood that nobody can keep up with reaches the bag.
    """
    steady = [row for rate in _IMAGE_RATES for row in _rows_at(rate)]
    return [*steady, *_ceilings()]


def _rows_at(image_rate: int) -> list[PerformanceRow]:
    with TemporaryDirectory() as folder:
        _record(Path(folder), image_rate, _SMALL_RATE, _SECONDS)
        reader = BagReader(Path(folder) / "run")
        kept = reader.topics[_IMAGES][1] + reader.topics[_SMALL][1]
        times = [message.log_time for message in reader.messages([_SMALL])]
        own = _diagnostics(reader, times[0], times[-1])
        counted = int(reader.metadata["cairn/summary"]["cairn.messages_lost"])
    published = round((image_rate + _SMALL_RATE) * _SECONDS)
    seconds = (times[-1] - times[0]) * 1e-9
    load = f"640x480 at {image_rate} Hz + {_SMALL_RATE / 1000:g} kHz joint states"
    share = float(np.mean([values["processor [% of a core]"] for values in own]))
    callback = [values["callback p99 [ms]"] for values in own]
    received = reader.topics[_IMAGES][1] * _IMAGE_MB / seconds
    asked = image_rate == _ASKED_RATE
    return [
        PerformanceRow("recorder", f"{load}: lost", published - kept, "messages", "<=", 0.0, published),
        # What is lost at the very end is followed by no number that would show it.
        PerformanceRow("recorder", f"{load}: lost and not counted", published - kept - counted, "messages"),
        PerformanceRow("recorder", f"{load}: joint states a second", len(times) / seconds, "Hz"),
        PerformanceRow("recorder", f"{load}: images", received, "MB/s"),
        _row(f"{load}: processor", share, "% of a core", 70.0 if asked else None, len(own)),
        _row(f"{load}: callback, p99", float(np.median(callback)), "ms", 2.0 if asked else None, len(own)),
        _row(f"{load}: callback, worst p99 of a second", float(np.max(callback)), "ms", None, len(own)),
        _row(
            f"{load}: longest flush, in the writer's thread",
            float(np.max([values["longest flush [ms]"] for values in own])),
            "ms",
            None,
            len(own),
        ),
    ]


def _row(name: str, value: float, unit: str, at_most: float | None, samples: int) -> PerformanceRow:
    return PerformanceRow("recorder", name, value, unit, None if at_most is None else "<=", at_most, samples)


def _ceilings() -> list[PerformanceRow]:
    """What reaches the bag of images, and of joint states, sent as fast as one process can."""
    floods = (
        ("640x480 images", _IMAGES, 1000, 1000, _FLOOD_IMAGES, "MB/s", _IMAGE_MB),
        ("joint states", _SMALL, 1, 10000, _FLOOD_SMALL, "messages/s", 1.0),
    )
    found = []
    for what, topic, image_rate, small_rate, count, unit, size in floods:
        with TemporaryDirectory() as folder:
            _record(Path(folder), image_rate, small_rate, count / small_rate)
            reader = BagReader(Path(folder) / "run")
            kept = reader.topics[topic][1]
            times = [message.log_time for message in reader.messages([topic])]
        rate = kept * size / ((times[-1] - times[0]) * 1e-9)
        found += [
            PerformanceRow("recorder", f"ceiling, {what}: recorded", rate, unit, samples=kept),
            PerformanceRow(
                "recorder", f"ceiling, {what}: lost", 100.0 * (1.0 - kept / count), "%", samples=count
            ),
        ]
    return found


def _diagnostics(reader: BagReader, start: int, end: int) -> list[dict[str, float]]:
    """What the recorder said of itself between two log times, once a second."""
    found = []
    for message in reader.messages(["/diagnostics"]):
        if start < message.log_time < end:
            [status] = reader.decode(message).status
            found.append({value.key: _number(value.value) for value in status.values})
    if not found:
        raise CairnError("the recorder published no diagnostics while it was under load")
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _record(folder: Path, image_rate: int, small_rate: int, seconds: float) -> None:
    """Record a load into `folder`/run."""
    recorder = {
        "directory": str(folder),
        "name": "run",
        "topics": [_IMAGES, _SMALL, "/diagnostics"],
        "min_free_mb": 100.0,
    }
    load = {"seconds": seconds, "image_rate": image_rate, "small_rate": small_rate}
    nodes = [node("recorder", recorder), node("recorder_load", load)]
    run_until("recorder_load", nodes, folder, "the recorder benchmark", _TIMEOUT)
