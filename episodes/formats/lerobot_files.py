"""What the files of a LeRobot data set hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError

_EPISODE_COLUMNS = ("episode_index", "tasks", "length", "data/chunk_index", "data/file_index")
_LARGEST_NUMBER = 10_000_000


def episode_rows(directory: Path, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What `meta/episodes` says of each episode and its videos of `keys`.  Raises CairnError."""
    video = [
        f"videos/{key}/{name}" for key in keys for name in ("chunk_index", "file_index", "from_timestamp")
    ]
    try:
        for path in sorted((directory / "meta/episodes").glob("chunk-*/file-*.parquet")):
            for batch in pq.ParquetFile(path).iter_batches(columns=[*_EPISODE_COLUMNS, *video]):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise CairnError(f"the episodes of {directory} can't be read: {error}") from error


def rows_of(path: Path, index: int) -> Iterator[dict[str, Any]]:
    """Rows of one episode, block by block."""
    for batch in pq.ParquetFile(path).iter_batches(4096):
        for row in batch.to_pylist():
            if row["episode_index"] == index:
                yield row


def episode_frames(path: Path, begin: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Time in the file [s] and RGB pixels of the frames from `begin` on."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.time_base is not None and begin > 0.0:
            container.seek(int(begin / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            if frame.time is not None and frame.time >= begin:
                yield frame.time, frame.to_ndarray(format="rgb24")


def whole_number(value: Any) -> int:
    """A count or index that can be part of a path.  Raises ValueError."""
    if not isinstance(value, int) or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(f"expected a number from 0 to {_LARGEST_NUMBER}, got {value!r}")
    return value


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file.  Raises CairnError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CairnError(f"{path} can't be read: {error}") from error
    if not isinstance(content, dict):
        raise CairnError(f"{path}: expected a JSON object")
    return content
