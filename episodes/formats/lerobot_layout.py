"""Files, features and tables of a LeRobot data set, version 3.0."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

VERSION = "v3.0"
CHUNK_SIZE = 1000  # files a folder
DATA_FILE_MB, VIDEO_FILE_MB = 100, 200
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
INFO_PATH, STATS_PATH, TASKS_PATH = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"

IMAGE_KEY = "observation.images.front"
STATE_KEY, ACTION_KEY, STAMP_KEY = "observation.state", "action", "observation.stamp"
STATE_NAMES = ("x", "y", "yaw", "linear_velocity", "angular_velocity")
ACTION_NAMES = ("linear_velocity", "angular_velocity")

DATA_SCHEMA = pa.schema(
    {
        STATE_KEY: pa.list_(pa.float32(), len(STATE_NAMES)),
        ACTION_KEY: pa.list_(pa.float32(), len(ACTION_NAMES)),
        STAMP_KEY: pa.float64(),
        "timestamp": pa.float32(),
        "frame_index": pa.int64(),
        "episode_index": pa.int64(),
        "index": pa.int64(),
        "task_index": pa.int64(),
    }
)


def place(number: int) -> dict[str, int]:
    """Chunk and file of the `number`-th file."""
    return {"chunk_index": number // CHUNK_SIZE, "file_index": number % CHUNK_SIZE}


def features(width: int, height: int, rate: int, codec: str, pixel_format: str) -> dict[str, Any]:
    """What `info.json` says of each column and of the video."""
    numbers: dict[str, Any] = {
        STATE_KEY: _feature("float32", [len(STATE_NAMES)], list(STATE_NAMES)),
        ACTION_KEY: _feature("float32", [len(ACTION_NAMES)], list(ACTION_NAMES)),
        STAMP_KEY: _feature("float64", [1], None),
        "timestamp": _feature("float32", [1], None),
        **{
            name: _feature("int64", [1], None)
            for name in ("frame_index", "episode_index", "index", "task_index")
        },
    }
    video = _feature("video", [height, width, 3], ["height", "width", "channels"])
    video["info"] = {
        "video.height": height,
        "video.width": width,
        "video.codec": codec,
        "video.pix_fmt": pixel_format,
        "video.is_depth_map": False,
        "video.fps": rate,
        "video.channels": 3,
        "has_audio": False,
    }
    return {IMAGE_KEY: video, **numbers}


def tasks_table(tasks: list[str]) -> pa.Table:
    """Task texts as the index of a pandas frame with the column `task_index`, as LeRobot reads them."""
    index = "__index_level_0__"
    table = pa.table(
        {"task_index": pa.array(range(len(tasks)), pa.int64()), index: pa.array(tasks, pa.string())}
    )
    pandas = {
        "index_columns": [index],
        "column_indexes": [
            {
                "name": None,
                "field_name": None,
                "pandas_type": "unicode",
                "numpy_type": "object",
                "metadata": None,
            }
        ],
        "columns": [
            _column("task_index", "task_index", "int64", "int64"),
            _column(None, index, "unicode", "object"),
        ],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.0",
    }
    return table.replace_schema_metadata({"pandas": json.dumps(pandas)})


def _feature(dtype: str, shape: list[int], names: list[str] | None) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "names": names}


def _column(name: str | None, field: str, pandas_type: str, numpy_type: str) -> dict[str, Any]:
    return {
        "name": name,
        "field_name": field,
        "pandas_type": pandas_type,
        "numpy_type": numpy_type,
        "metadata": None,
    }
