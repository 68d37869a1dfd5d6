"""LeRobot data sets, read back as the published format says, by pyarrow and av."""

import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow.parquet as pq
import pytest
from conversions import convert
from drive_bags import (
    SECOND,
    START,
    DriveBag,
    arc,
    image,
    odometry,
    scene,
    twist_stamped,
    write_drive,
    write_full_drive,
)

from cairn.episodes.alignment import Alignment
from cairn.episodes.open_trajectories import ReadingOptions, open_trajectories
from cairn.episodes.step import Step
from cairn.episodes.step_tally import DropReason
from cairn.hardware.errors import CairnError

VIDEO = "observation.images.front"


def frames_of(path: Path) -> dict[float, Any]:
    """Decoded frames by their time in the file [s]."""
    with av.open(str(path)) as container:
        return {
            float(frame.pts * frame.time_base): frame.to_ndarray(format="rgb24")
            for frame in container.decode(video=0)
        }


def expected_steps(source: Path, options: ReadingOptions | None = None) -> list[Step]:
    (trajectory,) = open_trajectories(source, options)
    return list(trajectory.steps())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("lerobot")
    write_full_drive(directory / "bags/a")
    write_full_drive(directory / "bags/b", steps=12, with_jpeg=False)
    write_drive(directory / "bags/c", seconds=4.0, camera_rate=4.0)
    convert(directory / "bags", directory / "data", "lerobot")
    return directory


def test_info_describes_the_files(dataset: Path) -> None:
    info = json.loads((dataset / "data/meta/info.json").read_text())
    counts = {key: info[key] for key in ("total_episodes", "total_frames", "total_tasks", "fps")}
    assert counts == {"total_episodes": 3, "total_frames": 45, "total_tasks": 2, "fps": 4}
    assert (info["codebase_version"], info["splits"]) == ("v3.0", {"train": "0:3"})
    features = info["features"]
    assert features[VIDEO]["shape"] == [48, 64, 3]
    assert features[VIDEO]["info"]["video.fps"] == 4
    assert features["action"] == {
        "dtype": "float32", "shape": [2], "names": ["linear_velocity", "angular_velocity"],
    }  # fmt: skip
    data = pq.read_table(dataset / "data" / info["data_path"].format(chunk_index=0, file_index=0))
    assert set(data.column_names) == features.keys() - {VIDEO}
    assert sorted(path.name for path in (dataset / "data").iterdir()) == ["data", "meta", "videos"]


def test_every_step_is_found_by_its_episode(dataset: Path) -> None:
    info = json.loads((dataset / "data/meta/info.json").read_text())
    rows = pq.read_table(dataset / "data/data/chunk-000/file-000.parquet").to_pylist()
    episodes = pq.read_table(dataset / "data/meta/episodes").to_pylist()
    tasks = pq.read_table(dataset / "data/meta/tasks.parquet").to_pydict()
    texts = dict(zip(tasks["task_index"], tasks["__index_level_0__"], strict=True))
    assert [row["index"] for row in rows] == list(range(45))
    assert [episode["episode_index"] for episode in episodes] == [0, 1, 2]
    for episode, name in zip(episodes, "abc", strict=True):
        steps = expected_steps(dataset / "bags" / name)
        assert episode["length"] == len(steps)
        mine = rows[episode["dataset_from_index"] : episode["dataset_to_index"]]
        place = {
            "chunk_index": episode[f"videos/{VIDEO}/chunk_index"],
            "file_index": episode[f"videos/{VIDEO}/file_index"],
        }
        frames = frames_of(dataset / "data" / info["video_path"].format(video_key=VIDEO, **place))
        task = "unspecified" if name == "c" else "to the shed"
        assert episode["tasks"] == [task]
        for number, (row, step) in enumerate(zip(mine, steps, strict=True)):
            assert (row["frame_index"], row["episode_index"]) == (number, episode["episode_index"])
            assert row["timestamp"] == number / 4
            assert row["observation.stamp"] == step.stamp
            assert texts[row["task_index"]] == task
            assert step.velocity is not None
            assert step.command is not None
            state = (*step.pose, step.velocity.linear, step.velocity.angular)
            assert row["observation.state"] == pytest.approx(state, abs=1e-6)
            assert row["action"] == pytest.approx((step.command.linear, step.command.angular), abs=1e-6)
            frame = frames[episode[f"videos/{VIDEO}/from_timestamp"] + row["timestamp"]]
            difference = np.abs(frame.astype(int) - step.image)
            # Colour is stored at half the resolution, which blurs the edges of the stripes.
            assert difference.mean() < 16.0
            others = [abs(frame.astype(int) - other.image).mean() for other in steps if other is not step]
            assert difference.mean() < min(others)


def test_statistics_are_those_of_the_rows(dataset: Path) -> None:
    rows = pq.read_table(dataset / "data/data/chunk-000/file-000.parquet").to_pylist()
    stats = json.loads((dataset / "data/meta/stats.json").read_text())
    for key in ("observation.state", "action"):
        values = np.array([row[key] for row in rows])
        assert stats[key]["count"] == [45]
        for name, wanted in (("mean", values.mean(0)), ("std", values.std(0)), ("min", values.min(0))):
            np.testing.assert_allclose(stats[key][name], wanted, atol=1e-6)
    image = stats[VIDEO]
    assert np.shape(image["mean"]) == (3, 1, 1)
    assert 0.0 <= image["min"][0][0][0] < image["mean"][0][0][0] < image["max"][0][0][0] <= 1.0
    episodes = pq.read_table(dataset / "data/meta/episodes").to_pylist()
    values = np.array([row["action"] for row in rows if row["episode_index"] == 1])
    np.testing.assert_allclose(episodes[1]["stats/action/max"], values.max(0), atol=1e-6)


def test_the_tasks_are_the_index_of_a_pandas_frame(dataset: Path) -> None:
    schema = pq.read_schema(dataset / "data/meta/tasks.parquet")
    assert schema.pandas_metadata["index_columns"] == ["__index_level_0__"]


def test_odd_sizes_keep_all_their_pixels(tmp_path: Path) -> None:
    from cairn.episodes.formats.video_file import VideoFile

    video = VideoFile(tmp_path / "x.mp4", 85, 63, 5)
    images = [np.full((63, 85, 3), 20 * number, np.uint8) for number in range(12)]
    for pixels in images:
        video.add(pixels)
    video.close()
    frames = frames_of(tmp_path / "x.mp4")
    assert list(frames) == pytest.approx([number / 5 for number in range(12)])
    for frame, pixels in zip(frames.values(), images, strict=True):
        assert frame.shape == (63, 85, 3)
        assert np.abs(frame.astype(int) - pixels).max() <= 6


def test_steps_without_a_command_are_refused(tmp_path: Path) -> None:
    convert(write_full_drive(tmp_path / "run"), tmp_path / "gnm", "gnm")
    with pytest.raises(CairnError, match="nothing is left of 16 steps: 16 no command or velocity"):
        convert(tmp_path / "gnm", tmp_path / "data", "lerobot")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gnm", "run"]
    assert DropReason.NO_COMMAND.value == "no command or velocity"


def test_a_broken_rate_is_refused(tmp_path: Path) -> None:
    reading = ReadingOptions(Alignment(rate=2.5))
    with pytest.raises(CairnError, match=r"LeRobot needs a whole number of steps a second, got 2\.5 Hz"):
        convert(write_drive(tmp_path / "run"), tmp_path / "data", "lerobot", reading=reading)


def test_it_is_read_again(dataset: Path, tmp_path: Path) -> None:
    found = list(open_trajectories(dataset / "data"))
    assert [trajectory.info.name for trajectory in found] == ["data_000000", "data_000001", "data_000002"]
    assert [trajectory.info.task for trajectory in found] == ["to the shed", "to the shed", "unspecified"]
    for trajectory, name in zip(found, "abc", strict=True):
        steps, expected = list(trajectory.steps()), expected_steps(dataset / "bags" / name)
        assert len(steps) == len(expected) == trajectory.info.expected_steps
        assert trajectory.tally.worst_error["image"] < 1e-6
        for step, other in zip(steps, expected, strict=True):
            assert step.stamp == other.stamp
            np.testing.assert_allclose(step.pose, other.pose, atol=1e-6)
            assert step.command is not None
            assert other.command is not None
            assert step.command.angular == pytest.approx(other.command.angular, abs=1e-6)
            assert np.abs(step.image.astype(int) - other.image).mean() < 16.0
    report = convert(dataset / "data", tmp_path / "gnm", "gnm")
    assert (report.kept, report.read) == (45, 45)


def test_episodes_of_one_video_are_told_apart(tmp_path: Path) -> None:
    """Two pieces of one bag share a file; the second begins in its middle."""
    writer = DriveBag(tmp_path / "run")
    for number in range(30):
        stamp = START + number * SECOND // 4
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        linear = -1.0 if number == 14 else 1.0
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4), linear))
        writer.write("cmd_vel", "twist_stamped", stamp, twist_stamped(stamp, 1.0, 0.0))
    writer.close()
    convert(tmp_path / "run", tmp_path / "data", "lerobot")
    first, second = open_trajectories(tmp_path / "data")
    assert [path.name for path in (tmp_path / "data/videos").rglob("*.mp4")] == ["file-000.mp4"]
    assert (len(list(first.steps())), first.tally.dropped.total()) == (14, 0)
    steps = list(second.steps())
    assert [round((step.stamp - START / SECOND) * 4) for step in steps] == list(range(15, 30))
    for number, step in enumerate(steps, 15):
        errors = [np.abs(step.image.astype(int) - scene(other)).mean() for other in range(30)]
        assert np.argmin(errors) == number


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda info: info.update(codebase_version="v2.1"), "LeRobot data set v2.1; v3.0 is read"),
        (lambda info: info["features"].pop("observation.state"), "names x, y, yaw"),
        (lambda info: info["features"].pop(VIDEO), "expected one video"),
        (
            lambda info: info["features"].update({"../../etc": info["features"].pop(VIDEO)}),
            r"expected one video, or .*, got \['../../etc'\]",
        ),
        (lambda info: info.update(fps="often"), "could not convert string to float"),
    ],
)
def test_other_data_sets_are_refused(tmp_path: Path, dataset: Path, edit: Any, words: str) -> None:
    shutil.copytree(dataset / "data", tmp_path / "data")
    path = tmp_path / "data/meta/info.json"
    info = json.loads(path.read_text())
    edit(info)
    path.write_text(json.dumps(info))
    with pytest.raises(CairnError, match=words):
        [list(trajectory.steps()) for trajectory in open_trajectories(tmp_path / "data")]


@pytest.mark.parametrize("victim", ["data", "videos", "meta/episodes"])
def test_damaged_files_are_refused(tmp_path: Path, dataset: Path, victim: str) -> None:
    shutil.copytree(dataset / "data", tmp_path / "data")
    for path in (tmp_path / "data" / victim).rglob("file-*"):
        path.write_bytes(b"damaged" * 30)
    with pytest.raises(CairnError, match=r"is damaged|can't be read"):
        [list(trajectory.steps()) for trajectory in open_trajectories(tmp_path / "data")]
