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
_TIMEOUT = 90.0
_IMAGES, _SMALL = "/load/image", "/load/imu"


def rows() -> list[PerformanceRow]:
    """Loss, processor share and time in the callback, with a 640x480 camera and 1 kHz of small messages."""
    return [row for rate in _IMAGE_RATES for row in _rows_at(rate)]


def _rows_at(image_rate: int) -> list[PerformanceRow]:
    with TemporaryDirectory() as folder:
        _record(Path(folder), image_rate)
        reader = BagReader(Path(folder) / "run")
        kept = reader.topics[_IMAGES][1] + reader.topics[_SMALL][1]
        times = [message.log_time for message in reader.messages([_SMALL])]
        own = _diagnostics(reader, times[0], times[-1])
    published = round((image_rate + _SMALL_RATE) * _SECONDS)
    seconds = (times[-1] - times[0]) * 1e-9
    load = f"640x480 at {image_rate} Hz + {_SMALL_RATE / 1000:g} kHz small"
    share = np.mean([values["processor [% of a core]"] for values in own])
    callback = np.max([values["callback p99 [ms]"] for values in own])
    received = reader.topics[_IMAGES][1] * 640 * 480 * 3 / seconds / 1e6
    return [
        PerformanceRow("recorder", f"{load}: lost", published - kept, "messages", "<=", 0.0, published),
        PerformanceRow("recorder", f"{load}: small messages a second", len(times) / seconds, "Hz"),
        PerformanceRow("recorder", f"{load}: images", received, "MB/s"),
        PerformanceRow("recorder", f"{load}: processor", float(share), "% of a core", samples=len(own)),
        PerformanceRow(
            "recorder", f"{load}: callback, worst p99 of a second", float(callback), "ms", samples=len(own)
        ),
    ]


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


def _record(folder: Path, image_rate: int) -> None:
    """Record a load into `folder`/run."""
    recorder = {
        "directory": str(folder),
        "name": "run",
        "topics": [_IMAGES, _SMALL, "/diagnostics"],
        "min_free_mb": 100.0,
    }
    load = {"seconds": _SECONDS, "image_rate": image_rate, "small_rate": _SMALL_RATE}
    nodes = [node("recorder", recorder), node("recorder_load", load)]
    run_until("recorder_load", nodes, folder, "the recorder benchmark", _TIMEOUT)
