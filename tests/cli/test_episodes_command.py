"""`cairn episodes`, as its user runs it."""

import json
import re
import sys
from pathlib import Path

import pytest

from cairn.cli.main import main
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.mcap_scan import scan_mcap
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

SECOND = 1_000_000_000


def open_writer(bag: Path) -> BagWriter:
    provenance = Provenance("system", "cairn launch explore", attachments=(Attachment("a.yaml", b"1"),))
    writer = BagWriter(bag, StorageOptions(min_free_mb=0.0, chunk_kb=1), provenance)
    writer.add_topic(Topic("/odom", "nav_msgs/msg/Odometry"))
    return writer


def write_bag(bag: Path) -> None:
    writer = open_writer(bag)
    for number in range(101):
        sequence = number if number < 50 else number + 3
        writer.write("/odom", bytes(100), number * SECOND // 10, 0, b"p", sequence)
    writer.close()


def cut(bag: Path) -> int:
    """Cut a bag in the middle of a chunk; returns the number of messages before the cut."""
    file = bag / f"{bag.name}_0.mcap"
    scan = scan_mcap(file)
    file.write_bytes(file.read_bytes()[: scan.chunks[5].index.chunk_start_offset + 30])
    return scan_mcap(file).message_count


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_info:
        main(["episodes", *words])
    output = capsys.readouterr()
    return exit_info.value.code, output.out, output.err


def test_list_tells_the_state_of_each_bag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("whole", "killed", "bare"):
        write_bag(tmp_path / name)
    cut(tmp_path / "killed")
    (tmp_path / "bare" / "metadata.yaml").unlink()
    running = open_writer(tmp_path / "running")
    code, output, _ = run(capsys, "list", str(tmp_path), "--json")
    running.close()
    bags = {Path(bag["bag"]).name: bag for bag in json.loads(output)}
    assert code == 0
    assert {name: bag["state"] for name, bag in bags.items()} == {
        "bare": "no metadata",
        "killed": "cut",
        "running": "recording",
        "whole": "complete",
    }
    assert (bags["whole"]["messages"], bags["whole"]["lost"]) == (101, 3)
    assert bags["whole"]["duration"] == pytest.approx(10.0)
    monkeypatch.setenv("COLUMNS", "140")
    code, output, _ = run(capsys, "list", str(tmp_path))
    assert re.search(r"whole +complete +t = 0\.0 s +10\.0 s +101 +3", output)


def test_show_prints_topics_losses_and_origin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bag(tmp_path / "run")
    monkeypatch.setenv("COLUMNS", "140")
    code, output, _ = run(capsys, "show", str(tmp_path / "run"))
    assert code == 0
    assert re.search(r"/odom +nav_msgs/msg/Odometry +101 +10\.0 +0\.100 s +dropped 0, missing 3", output)
    assert re.search(r"command_line +cairn launch explore", output)
    assert re.search(r"attached +a\.yaml \(1 byte", output)
    code, output, _ = run(capsys, "show", str(tmp_path / "run"), "--json")
    [topic] = json.loads(output)["topics"]
    assert topic == {
        "name": "/odom",
        "type": "nav_msgs/msg/Odometry",
        "messages": 101,
        "rate": 10.0,
        "longest_gap": "0.100 s",
        "lost": "dropped 0, missing 3",
    }


def test_recover_repairs_a_cut_bag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bag(tmp_path / "run")
    kept = cut(tmp_path / "run")
    code, output, _ = run(capsys, "show", str(tmp_path / "run"))
    assert (code, "cairn episodes recover" in output) == (0, True)
    code, output, _ = run(capsys, "recover", str(tmp_path / "run"))
    assert (code, output) == (
        0,
        f"{tmp_path / 'run'}: repaired run_0.mcap; {kept} messages, 30 torn bytes cut off, "
        "0 damaged chunks left out\n",
    )
    code, output, _ = run(capsys, "recover", str(tmp_path / "run"), "--json")
    assert json.loads(output) == {"repaired": [], "messages": kept, "bytes_cut": 0, "damaged_chunks": 0}


@pytest.mark.parametrize("verb", ["list", "show", "recover"])
def test_what_is_no_bag_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, _, errors = run(capsys, verb, str(tmp_path / "nothing"))
    assert code == 2
    assert "expected a directory" in errors
    assert "Traceback" not in errors


def test_it_needs_no_ros(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bag(tmp_path / "run")
    monkeypatch.setitem(sys.modules, "rclpy", None)
    assert run(capsys, "show", str(tmp_path / "run"))[0] == 0
