"""What recording costs and loses, between real processes under the supervisor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

from cairn.episodes.bag_reader import BagReader
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
    launch_file = folder / "recorder_bench.launch.yaml"
    launch_file.write_text(yaml.safe_dump(_launch(folder, image_rate)), encoding="utf-8")
    command = [sys.executable, "-c", "from cairn.cli.main import main; main()", "launch", str(launch_file)]
    command += ["--exit-when", "recorder_load"]
    environment = {**os.environ, "ROS_DOMAIN_ID": str(1 + os.getpid() % 100)}
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise CairnError(f"the recorder benchmark took more than {_TIMEOUT:.0f} s") from None
    if result.returncode != 0:
        said = (result.stdout + result.stderr)[-2000:]
        raise CairnError(f"the recorder benchmark ended with {result.returncode}: {said}")


def _launch(folder: Path, image_rate: int) -> dict[str, Any]:
    recorder = {
        "directory": str(folder),
        "name": "run",
        "topics": [_IMAGES, _SMALL, "/diagnostics"],
        "min_free_mb": 100.0,
    }
    load = {"seconds": _SECONDS, "image_rate": image_rate, "small_rate": _SMALL_RATE}
    return {"launch": [_node("recorder", recorder), _node("recorder_load", load)]}


def _node(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    listed = [{"name": key, "value": value} for key, value in parameters.items()]
    return {"node": {"pkg": "cairn", "exec": name, "name": name, "param": listed}}
