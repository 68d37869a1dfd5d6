"""The disk fills up for real: a file size limit of the kernel, and a small file system."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sample_bags import CHATTER, open_writer, text_message, texts_by_mcap, texts_by_rosbags

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.received_message import ReceivedMessage

HERE = Path(__file__).parent


def record(arguments: list[str], prefix: tuple[str, ...] = ()) -> dict:
    command = [*prefix, sys.executable, str(HERE / "writing_process.py"), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True, cwd=HERE)
    return json.loads(result.stdout.splitlines()[-1])


def assert_readable_to_the_end(bag: Path, summary: dict) -> None:
    received, written, dropped = summary["topics"]["/chatter"]
    assert summary["failed"]
    assert (received, dropped) == (3000, 3000 - written)
    assert 0 < written < 3000
    expected = [str(number) for number in range(written)]
    assert texts_by_rosbags(bag) == expected
    assert texts_by_mcap(bag / f"{bag.name}_0.mcap") == expected
    reader = BagReader(bag)
    assert reader.complete
    assert reader.metadata["cairn/summary"]["cairn.failed"] == "true"
    information = yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]
    assert information["message_count"] == sum(counts[1] for counts in summary["topics"].values())


def test_a_file_that_may_not_grow_is_completed(tmp_path: Path) -> None:
    summary = record([str(tmp_path / "run"), "lz4", "0.1", "3000", str(8 << 20)])
    assert_readable_to_the_end(tmp_path / "run", summary)
    assert summary["reason"] == "the disk failed: File too large"
    assert (tmp_path / "run" / "run_0.mcap").stat().st_size <= 8 << 20


def test_a_full_file_system_is_survived(tmp_path: Path) -> None:
    unshare = ("unshare", "--user", "--map-root-user", "--mount")
    mount = f"mount -t tmpfs -o size=8m none {tmp_path}/disk"
    (tmp_path / "disk").mkdir()
    if not shutil.which("unshare") or subprocess.run([*unshare, "sh", "-c", mount], check=False).returncode:
        pytest.skip("mounting a small file system needs user namespaces")
    script = f'{mount} && "$@" && cp -r {tmp_path}/disk/run {tmp_path}/kept'
    summary = record(
        [str(tmp_path / "disk" / "run"), "lz4", "0.1", "3000"], (*unshare, "sh", "-c", script, "sh")
    )
    shutil.copytree(tmp_path / "kept", tmp_path / "copy" / "run")
    assert summary["reason"] == "the disk failed: No space left on device"
    assert_readable_to_the_end(tmp_path / "copy" / "run", summary)


def test_recording_ends_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [2e9]
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free[0]))
    writer: BagWriter = open_writer(tmp_path / "run", min_free_mb=500.0, flush_period=0.01)
    assert writer.write(CHATTER.name, text_message("before"), 1, 1)
    free[0] = 4e8
    writer._thread.join(30.0)
    assert not writer.write(CHATTER.name, text_message("after"), 2, 2)
    summary = writer.close()
    assert summary.failed
    assert summary.reason == "the disk is nearly full: 400 MB free, 500 MB wanted"
    assert texts_by_rosbags(tmp_path / "run") == ["before"]
    assert summary.topics[0].dropped == 1


def test_a_batch_ends_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    writers: list[BagWriter] = []

    def disk_usage(_: Path) -> object:
        is_begun = any(writer.summary().messages_written for writer in writers)
        return usage._replace(free=4e8 if is_begun else 2e9)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    writer = open_writer(tmp_path / "run", min_free_mb=500.0, flush_period=0.01)
    writers.append(writer)
    count = 20000
    writer.add_all(
        tuple(ReceivedMessage(CHATTER.name, text_message(str(n)), n, n) for n in range(1, count + 1))
    )
    summary = writer.close("snapshot")
    assert summary.reason == "the disk is nearly full: 400 MB free, 500 MB wanted"
    [chatter, *_] = summary.topics
    assert 0 < chatter.written < count
    assert (chatter.received, chatter.dropped) == (count, count - chatter.written)
    assert texts_by_rosbags(tmp_path / "run") == [str(n) for n in range(1, chatter.written + 1)]
