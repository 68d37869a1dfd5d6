"""Join the parts that `LerobotWriter` left into one LeRobot data set."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.lerobot_writer import PARTS
from cairn.episodes.formats.running_statistics import RunningStatistics
from cairn.hardware.errors import CairnError

UNKNOWN_TASK = "unspecified"
"""What a data set calls the task of a drive that nobody named; LeRobot needs a word."""
_SHAPES = {layout.IMAGE_KEY: (3, 1, 1)}


def complete_lerobot(directory: Path, robot: str | None = None) -> None:
    """Write `meta/`, number episodes, frames and tasks through, and put files in their places.

    Raises CairnError when the parts differ in rate or size of image.
    """
    paths = sorted((directory / PARTS).glob("*.json"))
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    first = parts[0]
    for part in parts:
        for key in ("rate", "width", "height"):
            if part[key] != first[key]:
                raise CairnError(
                    f"all of a LeRobot data set has one rate and size: {key} is {first[key]} in "
                    f"{first['episodes'][0]['name']} and {part[key]} in {part['episodes'][0]['name']}"
                )
    tasks = list(
        dict.fromkeys(episode["task"] or UNKNOWN_TASK for part in parts for episode in part["episodes"])
    )
    for folder in ("meta/episodes/chunk-000", "data/chunk-000"):
        (directory / folder).mkdir(parents=True)
    episodes = list(_episodes(parts))
    _write_data(directory, paths, episodes, tasks)
    for number, path in enumerate(paths):
        target = directory / layout.VIDEO_PATH.format(video_key=layout.IMAGE_KEY, **layout.place(number))
        target.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".mp4").rename(target)
    pq.write_table(layout.tasks_table(tasks), directory / layout.TASKS_PATH)
    pq.write_table(pa.Table.from_pylist(episodes), directory / layout.EPISODES_PATH.format(**layout.place(0)))
    frames = sum(episode["length"] for episode in episodes)
    _write_json(directory / layout.STATS_PATH, _all_statistics(parts))
    _write_json(
        directory / layout.INFO_PATH,
        {
            "codebase_version": layout.VERSION,
            "robot_type": robot,
            "total_episodes": len(episodes),
            "total_frames": frames,
            "total_tasks": len(tasks),
            "chunks_size": layout.CHUNK_SIZE,
            "data_files_size_in_mb": layout.DATA_FILE_MB,
            "video_files_size_in_mb": layout.VIDEO_FILE_MB,
            "fps": first["rate"],
            "splits": {"train": f"0:{len(episodes)}"},
            "data_path": layout.DATA_PATH,
            "video_path": layout.VIDEO_PATH,
            "features": layout.features(
                first["width"], first["height"], first["rate"], first["codec"], first["pixel_format"]
            ),
        },
    )
    shutil.rmtree(directory / PARTS)


def _episodes(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row of `meta/episodes` for each."""
    number = frames = 0
    for file, part in enumerate(parts):
        for episode in part["episodes"]:
            video = f"videos/{layout.IMAGE_KEY}"
            length = episode["length"]
            row = {
                "episode_index": number,
                "tasks": [episode["task"] or UNKNOWN_TASK],
                "length": length,
                "data/chunk_index": 0,
                "data/file_index": 0,
                "dataset_from_index": frames,
                "dataset_to_index": frames + length,
                **{f"{video}/{key}": value for key, value in layout.place(file).items()},
                f"{video}/from_timestamp": episode["first"] / part["rate"],
                f"{video}/to_timestamp": (episode["first"] + length) / part["rate"],
                "meta/episodes/chunk_index": 0,
                "meta/episodes/file_index": 0,
            }
            for key, state in episode["statistics"].items():
                entries = RunningStatistics.from_state(state).as_entries(_shape(key, state))
                row |= {f"stats/{key}/{name}": value for name, value in entries.items()}
            yield row
            number += 1
            frames += length


def _write_data(directory: Path, paths: list[Path], episodes: list[dict[str, Any]], tasks: list[str]) -> None:
    """All rows in one file, block by block; numbers alone stay small."""
    target = directory / layout.DATA_PATH.format(**layout.place(0))
    index = before = 0
    with pq.ParquetWriter(target, layout.DATA_SCHEMA, compression="snappy") as writer:
        for path in paths:
            source = pq.ParquetFile(path.with_suffix(".parquet"))
            highest = -1
            for batch in source.iter_batches():
                table = pa.Table.from_batches([batch])
                local = table["episode_index"].to_numpy()
                numbers = local + before
                highest = max(highest, int(local.max()))
                task = np.array([tasks.index(episodes[number]["tasks"][0]) for number in numbers], np.int64)
                columns = {
                    "episode_index": numbers,
                    "index": np.arange(index, index + len(numbers)),
                    "task_index": task,
                }
                for name, values in columns.items():
                    place = table.schema.get_field_index(name)
                    table = table.set_column(
                        place, layout.DATA_SCHEMA.field(name), pa.array(values, pa.int64())
                    )
                writer.write_table(table)
                index += len(numbers)
            before += highest + 1


def _all_statistics(parts: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, RunningStatistics] = {}
    shapes = {}
    for part in parts:
        for episode in part["episodes"]:
            for key, state in episode["statistics"].items():
                shapes[key] = _shape(key, state)
                merged.setdefault(key, RunningStatistics(len(state[2]))).merge(
                    RunningStatistics.from_state(state)
                )
    return {key: found.as_entries(shapes[key]) for key, found in merged.items()}


def _shape(key: str, state: list[Any]) -> tuple[int, ...]:
    return _SHAPES.get(key, (len(state[2]),))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=4), encoding="utf-8")
