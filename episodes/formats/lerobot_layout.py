"""Files, features and tables of a LeRobot data set, version 3.0."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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


def data_schema(state: int, action: int) -> pa.Schema:
    """Columns of the rows, with so many numbers in a state and an action."""
    return pa.schema(
        {
            STATE_KEY: pa.list_(pa.float32(), state),
            ACTION_KEY: pa.list_(pa.float32(), action),
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


def features(
    videos: Mapping[str, Mapping[str, Any]], state: Sequence[str], action: Sequence[str], rate: int
) -> dict[str, Any]:
    """What `info.json` says of each column and of each video.

    Args:
        videos: width, height, codec and pixel_format of each, by key.
        state, action: names of the numbers.
        rate: steps a second.
    """
    numbers: dict[str, Any] = {
        STATE_KEY: _feature("float32", [len(state)], list(state)),
        ACTION_KEY: _feature("float32", [len(action)], list(action)),
        STAMP_KEY: _feature("float64", [1], None),
        "timestamp": _feature("float32", [1], None),
        **{
            name: _feature("int64", [1], None)
            for name in ("frame_index", "episode_index", "index", "task_index")
        },
    }
    return {**{key: _video(video, rate) for key, video in videos.items()}, **numbers}


def _video(video: Mapping[str, Any], rate: int) -> dict[str, Any]:
    feature = _feature("video", [video["height"], video["width"], 3], ["height", "width", "channels"])
    feature["info"] = {
        "video.height": video["height"],
        "video.width": video["width"],
        "video.codec": video["codec"],
        "video.pix_fmt": video["pixel_format"],
        "video.is_depth_map": False,
        "video.fps": rate,
        "video.channels": 3,
        "has_audio": False,
    }
    return feature


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
