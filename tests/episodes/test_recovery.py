"""Bags that were cut: read as they are, and repaired."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mcap.exceptions import McapError
from mcap.reader import make_reader
from sample_bags import CHATTER, open_writer, text_message, texts_by_mcap, texts_by_rosbags

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_scan import scan_mcap
from cairn.episodes.recovery import recover

HERE = Path(__file__).parent


def texts(bag: Path) -> list[str]:
    reader = BagReader(bag)
    return [
        reader.decode(message).data for message in reader.messages() if message.topic.name == CHATTER.name
    ]


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """A complete bag of 200 texts in many chunks."""
    writer = open_writer(tmp_path / "run", chunk_kb=1)
    for number in range(200):
        writer.write(CHATTER.name, text_message(f"{number} {'x' * 100}"), number, number)
    writer.close()
    return tmp_path / "run"


def test_every_flushed_message_survives_kill_9(tmp_path: Path) -> None:
    bag = tmp_path / "run"
    command = [sys.executable, str(HERE / "writing_process.py"), str(bag), "zstd", "0.05", "1000000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["written"] >= 2000:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(10.0)
    process.stdout.close()

    information = yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]
    assert information["custom_data"]["cairn.state"] == "recording"
    with pytest.raises(McapError), (bag / "run_0.mcap").open("rb") as stream:
        list(make_reader(stream).iter_messages())
    cut = BagReader(bag)
    assert not cut.complete
    before = texts(bag)
    assert len(before) >= 900  # of 1,000 texts at least, all but those of the last 50 ms
    assert before == [str(number) for number in range(len(before))]

    result = recover(bag)

    assert result.repaired == ("run_0.mcap",)
    assert texts_by_rosbags(bag) == before
    assert texts_by_mcap(bag / "run_0.mcap") == before
    assert texts(bag) == before
    recovered = BagReader(bag)
    assert recovered.complete
    assert recovered.topics == cut.topics
    assert recovered.metadata["cairn/provenance"]["cairn.git_revision"] == "0123abc"
    assert recovered.attachments[0].data == b"fx: 320.0\n"
    information = yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]
    assert information["custom_data"]["cairn.state"] == "recovered"
    assert information["message_count"] == result.messages


@pytest.mark.parametrize("share", [0.02, 0.1, 0.33, 0.5, 0.77, 0.95, 0.999])
def test_a_cut_anywhere_loses_only_what_follows(bag: Path, share: float) -> None:
    file = bag / "run_0.mcap"
    content, whole = file.read_bytes(), texts(bag)
    file.write_bytes(content[: int(len(content) * share)])
    before = texts(bag)
    assert before == whole[: len(before)]
    assert len(before) >= min(200, int(200 * share) - 40)
    recover(bag)
    assert texts(bag) == texts_by_rosbags(bag) == texts_by_mcap(file) == before
    assert recover(bag).repaired == ()


def test_cuts_all_over_the_last_chunk_are_survived(bag: Path) -> None:
    file = bag / "run_0.mcap"
    content, scan = file.read_bytes(), scan_mcap(file)
    last = scan.chunks[-1]
    for end in range(last.index.chunk_start_offset, last.end + 60, 7):
        file.write_bytes(content[:end])
        recover(bag)
        whole = end >= last.index.chunk_start_offset + last.index.chunk_length
        expected = 200 if whole else 200 - len(last.messages[1])
        assert len(texts_by_mcap(file)) == expected
    file.write_bytes(content[: last.end])
    recover(bag)
    assert len(texts_by_rosbags(bag)) == len(texts_by_mcap(file)) == 200


def test_a_damaged_chunk_is_left_out_and_named(bag: Path) -> None:
    file = bag / "run_0.mcap"
    content, scan = bytearray(file.read_bytes()), scan_mcap(file)
    chunk = scan.chunks[5]
    content[chunk.index.chunk_start_offset + chunk.index.chunk_length - 20] ^= 0xFF
    file.write_bytes(content[: scan.end])
    result = recover(bag)
    assert result.damaged_chunks == 1
    kept = texts_by_mcap(file)
    assert len(kept) == 200 - len(chunk.messages[1])
    assert kept == texts(bag)
    assert BagReader(bag).time_range == (0, 199)


def test_zeros_after_a_power_loss_are_cut(bag: Path) -> None:
    file = bag / "run_0.mcap"
    end = scan_mcap(file).end
    file.write_bytes(file.read_bytes()[:end] + bytes(5000))
    assert recover(bag).bytes_cut == 5000
    assert len(texts_by_mcap(file)) == 200


def test_missing_metadata_is_written_anew(bag: Path) -> None:
    (bag / "metadata.yaml").unlink()
    result = recover(bag)
    assert (result.repaired, result.messages) == ((), 200)
    assert len(texts_by_rosbags(bag)) == 200


def test_a_bag_that_is_being_written_is_refused(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    with pytest.raises(BagError, match="still being written: stop its recorder first"):
        recover(tmp_path / "run")
    writer.write(CHATTER.name, text_message("unharmed"), 1, 1)
    writer.close()
    assert texts(tmp_path / "run") == ["unharmed"]


def test_what_is_no_bag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match="expected a directory"):
        recover(tmp_path / "nothing")
    with pytest.raises(BagError, match=r"expected \.mcap files in it, got none"):
        recover(tmp_path)
    (tmp_path / "a_0.mcap").write_bytes(b"text, not a bag")
    with pytest.raises(BagError, match="expected an MCAP file"):
        recover(tmp_path)
    (tmp_path / "a_0.mcap").write_bytes(b"\x89MCAP0\r\n\x01\x00")
    with pytest.raises(BagError, match="cut before its first whole record"):
        recover(tmp_path)
