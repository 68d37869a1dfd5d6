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
from cairn.episodes.formats.lerobot_part import PARTS, part_video
from cairn.episodes.formats.running_statistics import RunningStatistics
from cairn.hardware.errors import CairnError

UNKNOWN_TASK = "unspecified"
"""What a data set calls the task of a drive that nobody named; LeRobot needs a word."""


def complete_lerobot(directory: Path) -> None:
    """Write `meta/`, number episodes, frames and tasks through, and put files in their places.

    Raises CairnError when the parts differ in rate, cameras or size of image.
    """
    paths = sorted((directory / PARTS).glob("*.json"))
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    first = parts[0]
    for part in parts:
        _check_alike(first, part)
    tasks = list(
        dict.fromkeys(episode["task"] or UNKNOWN_TASK for part in parts for episode in part["episodes"])
    )
    for folder in ("meta/episodes/chunk-000", "data/chunk-000"):
        (directory / folder).mkdir(parents=True)
    episodes = list(_episodes(parts))
    schema = layout.data_schema(len(first["state_names"]), len(first["action_names"]))
    _write_data(directory, paths, schema, episodes, tasks)
    for number, path in enumerate(paths):
        for key in first["videos"]:
            target = directory / layout.VIDEO_PATH.format(video_key=key, **layout.place(number))
            target.parent.mkdir(parents=True, exist_ok=True)
            part_video(path.with_suffix(""), key).rename(target)
    pq.write_table(layout.tasks_table(tasks), directory / layout.TASKS_PATH)
    pq.write_table(pa.Table.from_pylist(episodes), directory / layout.EPISODES_PATH.format(**layout.place(0)))
    frames = sum(episode["length"] for episode in episodes)
    _write_json(directory / layout.STATS_PATH, _all_statistics(parts))
    _write_json(
        directory / layout.INFO_PATH,
        {
            "codebase_version": layout.VERSION,
            "robot_type": first["robot"] or None,
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
                first["videos"], first["state_names"], first["action_names"], first["rate"]
            ),
        },
    )
    shutil.rmtree(directory / PARTS)


def _episodes(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row of `meta/episodes` for each."""
    number = frames = 0
    for file, part in enumerate(parts):
        for episode in part["episodes"]:
            length = episode["length"]
            row = {
                "episode_index": number,
                "tasks": [episode["task"] or UNKNOWN_TASK],
                "length": length,
                "data/chunk_index": 0,
                "data/file_index": 0,
                "dataset_from_index": frames,
                "dataset_to_index": frames + length,
                "meta/episodes/chunk_index": 0,
                "meta/episodes/file_index": 0,
            }
            for video in part["videos"]:
                row |= {f"videos/{video}/{key}": value for key, value in layout.place(file).items()}
                row[f"videos/{video}/from_timestamp"] = episode["first"] / part["rate"]
                row[f"videos/{video}/to_timestamp"] = (episode["first"] + length) / part["rate"]
            for key, state in episode["statistics"].items():
                entries = RunningStatistics.from_state(state).as_entries(_shape(part, key, state))
                row |= {f"stats/{key}/{name}": value for name, value in entries.items()}
            yield row
            number += 1
            frames += length


def _write_data(
    directory: Path, paths: list[Path], schema: pa.Schema, episodes: list[dict[str, Any]], tasks: list[str]
) -> None:
    """All rows in one file, block by block; numbers alone stay small."""
    target = directory / layout.DATA_PATH.format(**layout.place(0))
    index = before = 0
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
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
                    table = table.set_column(place, schema.field(name), pa.array(values, pa.int64()))
                writer.write_table(table)
                index += len(numbers)
            before += highest + 1


def _all_statistics(parts: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, RunningStatistics] = {}
    shapes = {}
    for part in parts:
        for episode in part["episodes"]:
            for key, state in episode["statistics"].items():
                shapes[key] = _shape(part, key, state)
                merged.setdefault(key, RunningStatistics(len(state[2]))).merge(
                    RunningStatistics.from_state(state)
                )
    return {key: found.as_entries(shapes[key]) for key, found in merged.items()}


def _shape(part: dict[str, Any], key: str, state: list[Any]) -> tuple[int, ...]:
    return (3, 1, 1) if key in part["videos"] else (len(state[2]),)


def _check_alike(first: dict[str, Any], part: dict[str, Any]) -> None:
    """Raises CairnError where two parts can't be of one data set."""
    whose = [one["episodes"][0]["name"] for one in (first, part)]
    if part["videos"].keys() != first["videos"].keys():
        raise CairnError(
            f"all of a LeRobot data set has the same cameras: {', '.join(first['videos'])} in {whose[0]} and "
            f"{', '.join(part['videos'])} in {whose[1]}"
        )
    known = [
        {"rate": one["rate"]}
        | {side: video[side] for video in one["videos"].values() for side in ("width", "height")}
        for one in (first, part)
    ]
    for key, value in known[0].items():
        if known[1][key] != value:
            raise CairnError(
                f"all of a LeRobot data set has one rate and size: {key} is {value} in {whose[0]} and "
                f"{known[1][key]} in {whose[1]}"
            )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=4), encoding="utf-8")
