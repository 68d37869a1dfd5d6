"""What a conversion leaves out, why, and what remains of one that fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drive_bags import (
    SECOND,
    START,
    TYPES,
    DriveBag,
    arc,
    compressed,
    image,
    jpeg,
    make,
    odometry,
    scene,
    twist_stamped,
    write_drive,
)
from PIL import Image, ImageFilter

from cairn.episodes import conversion
from cairn.episodes.conversion import Conversion, ConversionOptions, convert_source
from cairn.episodes.conversion_report import ConversionReport
from cairn.episodes.mcap_scan import scan_mcap
from cairn.episodes.open_trajectories import find_sources, open_trajectories
from cairn.episodes.quality_limits import QualityLimits
from cairn.episodes.step_tally import DropReason
from cairn.evaluation.worker_pool import run_jobs
from cairn.hardware.errors import CairnError


def convert(source: Path, target: Path, kind: str = "gnm", **options: Any) -> ConversionReport:
    with Conversion(find_sources(source), target, ConversionOptions(kind, **options)) as converting:
        report = ConversionReport.of(convert_source(job) for job in converting.jobs)
        converting.complete(report)
    return report


def drive(bag: Path, edit: Callable[[int, dict[str, Any]], None], steps: int = 40) -> Path:
    """A bag at 4 Hz; `edit` may change or remove what is published at each step."""
    writer = DriveBag(bag)
    for number in range(steps):
        now, stamp = number / 4, START + number * SECOND // 4
        values: dict[str, Any] = {
            "stamp": stamp,
            "jpeg": jpeg(number),
            "pose": arc(now),
            "linear": 1.0,
            "command": True,
        }
        edit(number, values)
        at = values["stamp"]
        if values["jpeg"] is not None:
            writer.write(
                "sensors/camera/image/compressed", "compressed", stamp, compressed(at, values["jpeg"])
            )
        if values["pose"] is not None:
            message = odometry(at, values["pose"], values["linear"])
            writer.write("platform/odom/filtered", "odometry", stamp, message)
        if values["command"]:
            writer.write("cmd_vel", "twist_stamped", stamp, twist_stamped(at, 1.0, 0.0))
    writer.close()
    return bag


def at(*numbers: int, **changes: Any) -> Callable[[int, dict[str, Any]], None]:
    def edit(number: int, values: dict[str, Any]) -> None:
        if number in numbers:
            values.update(changes)

    return edit


def blur(number: int, values: dict[str, Any]) -> None:
    if number == 20:
        from io import BytesIO

        stream = BytesIO()
        soft = Image.fromarray(scene(number)).filter(ImageFilter.GaussianBlur(6))
        soft.save(stream, "JPEG")
        values["jpeg"] = stream.getvalue()


@pytest.mark.parametrize(
    ("edit", "reason", "dropped", "pieces"),
    [
        (at(20, linear=-0.5), DropReason.REVERSED, 1, [20, 19]),
        (at(20, pose=(9.0, 9.0, 0.0)), DropReason.ODOMETRY_JUMP, 2, [20, 18]),
        (at(20, pose=(float("nan"), 0.0, 0.0)), DropReason.INVALID_ODOMETRY, 1, [20, 19]),
        (at(20, jpeg=jpeg(19)), DropReason.STALE_IMAGE, 1, [20, 19]),
        (at(20, jpeg=jpeg(20)[:700]), DropReason.CORRUPT_IMAGE, 1, [20, 19]),
        (at(20, jpeg=b"\xff\xd8\xff" + bytes(400)), DropReason.CORRUPT_IMAGE, 1, [20, 19]),
        (at(20, jpeg=b"no image at all"), DropReason.CORRUPT_IMAGE, 1, [20, 19]),
        (at(20, 21, jpeg=None), DropReason.UNSYNCHRONISED, 2, [20, 18]),
        (at(20, 21, pose=None), DropReason.UNSYNCHRONISED, 2, [20, 18]),
        (at(3, linear=-0.5), DropReason.TOO_SHORT, 3, [36]),
        (blur, DropReason.BLURRED, 1, [20, 19]),
    ],
    ids=[
        "reversed", "jump", "nan", "stale", "cut jpeg", "broken jpeg", "no jpeg", "no image", "no odometry",
        "short", "blurred",
    ],
)  # fmt: skip
def test_each_fault_is_cut_out_and_named(
    tmp_path: Path,
    edit: Callable[[int, dict[str, Any]], None],
    reason: DropReason,
    dropped: int,
    pieces: list[int],
) -> None:
    drive(tmp_path / "run", edit)
    report = convert(tmp_path / "run", tmp_path / "out", limits=QualityLimits(min_sharpness=100.0))
    assert report.dropped[reason] == dropped
    assert [trajectory.steps for trajectory in report.written] == pieces
    assert {trajectory.drive for trajectory in report.written} == {"run"}
    names = ["run", "run-01"][: len(pieces)]
    assert [found.info.name for found in open_trajectories(tmp_path / "out")] == names
    assert (tmp_path / "out/train/traj_names.txt").read_text().split() == names


def test_a_clean_drive_stays_whole(tmp_path: Path) -> None:
    report = convert(drive(tmp_path / "run", at()), tmp_path / "out")
    assert (report.read, report.kept, report.dropped.total()) == (40, 40, 0)


def test_an_image_may_repeat_while_the_robot_stands(tmp_path: Path) -> None:
    def stand(_: int, values: dict[str, Any]) -> None:
        values.update(jpeg=jpeg(0), pose=(1.0, 2.0, 0.5), linear=0.0)

    report = convert(drive(tmp_path / "run", stand), tmp_path / "out")
    assert report.kept == 40


def test_stamps_that_go_back_are_left_out(tmp_path: Path) -> None:
    drive(tmp_path / "run", at(20, stamp=START))
    report = convert(tmp_path / "run", tmp_path / "out")
    assert report.dropped[DropReason.BACKWARD_STAMP] == 3
    (trajectory, second) = open_trajectories(tmp_path / "out")
    assert trajectory.info.expected_steps == 20
    assert second.info.expected_steps == 19


def test_a_stamp_twice_is_told_from_one_that_goes_back(tmp_path: Path) -> None:
    drive(tmp_path / "run", at(20, stamp=START + 19 * SECOND // 4))
    report = convert(tmp_path / "run", tmp_path / "out")
    assert report.dropped[DropReason.REPEATED_STAMP] == 3
    assert report.dropped[DropReason.BACKWARD_STAMP] == 0


def test_one_stamp_from_the_future_costs_one_step(tmp_path: Path) -> None:
    drive(tmp_path / "run", at(20, stamp=START + 10**8 * SECOND))
    report = convert(tmp_path / "run", tmp_path / "out")
    assert report.dropped[DropReason.FORWARD_STAMP] == 3
    assert report.kept == 39


def test_unreadable_messages_are_counted(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    for number in range(12):
        stamp = START + number * SECOND // 4
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4)))
        writer.write_bytes("cmd_vel", "twist_stamped", stamp, b"\x00\x01\x00\x00junk")
    writer.close()
    report = convert(tmp_path / "run", tmp_path / "out")
    assert (report.kept, report.dropped) == (12, {DropReason.UNREADABLE_MESSAGE: 12})


def test_a_cut_bag_is_converted_up_to_the_cut(tmp_path: Path) -> None:
    bag = write_drive(tmp_path / "run", seconds=60.0, camera_rate=4.0)
    file = bag / "run_0.mcap"
    scan = scan_mcap(file)
    file.write_bytes(file.read_bytes()[: scan.chunks[-1].index.chunk_start_offset + 100])
    report = convert(bag, tmp_path / "out")
    assert report.problems == []
    assert 40 < report.kept < 241


def test_of_a_damaged_bag_what_came_before_is_kept(tmp_path: Path) -> None:
    bag = write_drive(tmp_path / "run", seconds=60.0, camera_rate=4.0)
    file = bag / "run_0.mcap"
    data, scan = bytearray(file.read_bytes()), scan_mcap(file)
    start = scan.chunks[-1].index.chunk_start_offset
    data[start + 60 : start + 400] = bytes(340)
    file.write_bytes(data)
    write_drive(tmp_path / "other")
    report = convert(tmp_path, tmp_path / "out")
    (problem,) = report.problems
    assert "run_0.mcap is damaged" in problem
    kept = {trajectory.name: trajectory.steps for trajectory in report.written}
    assert kept["other"] == 17
    assert 40 < kept["run"] < 241


def test_nothing_appears_when_nothing_is_left(tmp_path: Path) -> None:
    drive(tmp_path / "run", lambda _, values: values.update(linear=-1.0))
    with pytest.raises(CairnError, match="nothing is left of 40 steps: 40 reversed driving"):
        convert(tmp_path / "run", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


@pytest.mark.parametrize("kind", ["gnm", "recon", "lerobot", "bag"])
def test_nothing_appears_when_it_is_interrupted(tmp_path: Path, kind: str) -> None:
    drive(tmp_path / "run", at())

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    sources = find_sources(tmp_path / "run")
    with (
        pytest.raises(KeyboardInterrupt),
        Conversion(sources, tmp_path / "out", ConversionOptions(kind)) as converting,
    ):
        convert_source(converting.jobs[0], interrupt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


@pytest.mark.parametrize("kind", ["gnm", "recon", "lerobot", "bag"])
def test_it_ends_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    drive(tmp_path / "run", at())
    monkeypatch.setattr(conversion, "LEAST_FREE", 2**60)
    with pytest.raises(CairnError, match=r"can't be written: less than 1099511627776 MiB are free"):
        convert(tmp_path / "run", tmp_path / "out", kind)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_what_exists_is_never_overwritten(tmp_path: Path) -> None:
    drive(tmp_path / "run", at())
    (tmp_path / "out").mkdir()
    with pytest.raises(CairnError, match="out exists already; a data set is never overwritten"):
        convert(tmp_path / "run", tmp_path / "out")


@pytest.mark.parametrize("kind", ["gnm", "recon", "lerobot", "bag"])
def test_processes_make_what_one_makes(tmp_path: Path, kind: str) -> None:
    for folder in ("monday", "tuesday"):
        drive(tmp_path / folder / "run", at())
    drive(tmp_path / "wednesday/other", at(20, linear=-0.5))
    convert(tmp_path, tmp_path / "one", kind)
    sources = [source for source in find_sources(tmp_path) if "one" not in source.path.parts]
    with Conversion(sources, tmp_path / "two", ConversionOptions(kind)) as converting:
        jobs = [(job,) for job in converting.jobs]
        report = ConversionReport.of(run_jobs(convert_source, jobs, 2))
        converting.complete(report)
    names = [trajectory.name for trajectory in report.written]
    assert names == ["000_run", "001_run", "other", "other-01"]
    trees = [
        sorted(str(path.relative_to(tmp_path / name)) for path in (tmp_path / name).rglob("*"))
        for name in ("one", "two")
    ]
    assert trees[0] == trees[1]


def test_memory_does_not_grow_with_the_drive(tmp_path: Path) -> None:
    """Two minutes of raw images are 120 times what may be held at once."""
    import tracemalloc

    writer = DriveBag(tmp_path / "run")
    pixels = np.zeros((120, 160, 3), np.uint8)
    for number in range(480):
        stamp = START + number * SECOND // 4
        pixels[:, :, 0] = number % 256
        message = make(
            TYPES["image"], header=image(stamp, 0).header, height=120, width=160, encoding="rgb8", step=480,
            data=pixels.reshape(-1),
        )  # fmt: skip
        writer.write("sensors/camera/image", "image", stamp, message)
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4)))
    writer.close()
    (trajectory,) = open_trajectories(tmp_path / "run")
    steps = trajectory.steps()
    next(steps)
    tracemalloc.start()
    count = 1 + sum(1 for _ in steps)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 480
    assert peak < 480 * pixels.nbytes / 3
