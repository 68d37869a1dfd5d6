"""The recorder as a process among processes: signals, kill -9, a full disk."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticStatus
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from recorder_rig import RecorderRig
from rosbags.highlevel import AnyReader

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.recovery import recover

CHATTER, IMAGE, LATCHED, LATE = "/robot/chatter", "/robot/camera/image", "/robot/latched", "/robot/late"


@pytest.fixture
def rig() -> Iterator[RecorderRig]:
    rig = RecorderRig()
    yield rig
    rig.close()


def texts_by_rosbags(bag: Path, topic: str) -> list[str]:
    with AnyReader([bag]) as reader:
        found = [connection for connection in reader.connections if connection.topic == topic]
        return [reader.deserialize(data, found[0].msgtype).data for _, _, data in reader.messages(found)]


def texts_by_mcap(bag: Path, topic: str) -> list[str]:
    with (bag / f"{bag.name}_0.mcap").open("rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        return [decoded.data for _, _, _, decoded in reader.iter_decoded_messages([topic])]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_complete_bag(rig: RecorderRig, tmp_path: Path, stop: signal.Signals) -> None:
    bag = tmp_path / "run"
    calibration = tmp_path / "calibration.yaml"
    calibration.write_text("fx: 320.0\n")
    recorder = rig.start_recorder(
        directory=str(tmp_path), name="run", linger="8.0", attachments=f"['{calibration}']"
    )
    talker = rig.start_talker()
    rig.wait_for(lambda: rig.received(CHATTER) > 50 and rig.received(LATE) > 10)
    recorder.send_signal(stop)
    assert rig.stop(talker)[0] == 0  # its last words come while the recorder lingers
    _, errors = recorder.communicate(timeout=60.0)
    assert recorder.returncode == 0, errors

    texts = texts_by_rosbags(bag, CHATTER)
    numbers = [int(text) for text in texts[:-1]]
    assert texts[-1] == "last words"
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert texts == texts_by_mcap(bag, CHATTER)
    assert texts_by_rosbags(bag, LATCHED) == ["once"]
    assert texts_by_mcap(bag, LATE)

    reader = BagReader(bag)
    assert reader.complete
    assert reader.topics[IMAGE][0].offered_qos[0].reliability == 2
    assert reader.topics[LATCHED][0].offered_qos[0].durability == 1
    assert reader.topics[CHATTER][0].type_hash.startswith("RIHS01_")
    message = next(reader.messages([IMAGE]))
    stamp = reader.decode(message).header.stamp
    stamped = stamp.sec * 1_000_000_000 + stamp.nanosec
    assert stamped <= message.publish_time <= message.log_time
    attachments = {attachment.name: attachment.data for attachment in reader.attachments}
    assert attachments["calibration.yaml"] == b"fx: 320.0\n"
    parameters = yaml.safe_load(attachments["parameters/robot/talker.yaml"])
    assert parameters["/robot/talker"]["ros__parameters"]["speed"] == 1.5
    provenance = reader.metadata["cairn/provenance"]
    assert provenance["cairn.clock_source"] == "system"
    assert "cairn.nodes.recorder_node" in provenance["cairn.command_line"]
    assert reader.metadata["cairn/summary"]["cairn.reason"] == "stopped"


def test_kill_9_loses_nothing_that_was_flushed(rig: RecorderRig, tmp_path: Path) -> None:
    bag = tmp_path / "run"
    recorder = rig.start_recorder(directory=str(tmp_path), name="run")
    rig.start_talker()
    rig.wait_for(lambda: rig.received(CHATTER) > 100)
    written = rig.status.messages_written
    rig.stop(recorder, signal.SIGKILL)

    assert (bag / "metadata.yaml").exists()
    cut = BagReader(bag)
    assert not cut.complete
    kept = sum(count for _, count in cut.topics.values())
    assert kept >= written - 50  # two topics at 50 Hz, for the flush period and a late writer
    result = recover(bag)
    assert result.messages == kept
    numbers = list(map(int, texts_by_rosbags(bag, CHATTER)))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert texts_by_mcap(bag, CHATTER) == list(map(str, numbers))


def test_a_full_disk_is_an_error_and_harms_nobody(rig: RecorderRig, tmp_path: Path) -> None:
    bag = tmp_path / "run"
    recorder = rig.start_recorder(file_limit=2 << 20, directory=str(tmp_path), name="run")
    talker = rig.start_talker()
    rig.wait_for(lambda: rig.status is not None and not rig.status.recording)
    rig.wait_for(lambda: bool(rig.diagnostics) and rig.diagnostics[-1].level == DiagnosticStatus.ERROR)
    assert rig.diagnostics[-1].message == "not recording: the disk failed: File too large"
    written, lost = rig.status.messages_written, rig.status.messages_lost
    rig.wait_for(lambda: rig.status.messages_lost > lost + 100)  # it goes on counting what is lost
    assert rig.status.messages_written == written
    assert recorder.poll() is None

    reader = BagReader(bag)  # complete while the recorder still runs
    assert reader.complete
    assert sum(count for _, count in reader.topics.values()) == written
    assert len(texts_by_rosbags(bag, CHATTER)) == len(texts_by_mcap(bag, CHATTER)) > 20
    code, output, _ = rig.stop(talker)
    assert code == 0
    assert json.loads(output)["ticks"] > 100  # the talker never waited for the recorder
    code, _, errors = rig.stop(recorder)
    assert code == 1
    assert "not recording: the disk failed: File too large" in errors


def test_lost_messages_are_counted(rig: RecorderRig, tmp_path: Path) -> None:
    recorder = rig.start_recorder(directory=str(tmp_path), name="run", depth="5")
    rig.start_talker()
    rig.wait_for(lambda: rig.received(CHATTER) > 20)
    recorder.send_signal(signal.SIGSTOP)
    before = len(rig.diagnostics)
    heard = rig.chatter
    rig.wait_for(lambda: rig.chatter >= heard + 150)
    recorder.send_signal(signal.SIGCONT)
    rig.wait_for(lambda: rig.status.messages_lost > 100)
    rig.wait_for(lambda: DiagnosticStatus.ERROR in [status.level for status in rig.diagnostics[before:]])
    rig.stop(recorder)
    assert "missing" in BagReader(tmp_path / "run").metadata["cairn/summary"][f"cairn.lost.{CHATTER}"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"name": "taken"}, "taken exists already; a bag is never overwritten: choose another name"),
        ({"name": "new", "min_free_mb": "1000000.0"}, "MB free, expected at least 1000000 MB (min_free_mb)"),
        ({"name": "../new"}, "parameter name: expected the name of a directory, got '../new'"),
        ({"name": "new", "compression": "gzip"}, "one of zstd, lz4, none, got 'gzip'"),
        ({"name": "new", "attachments": "['/nowhere/a.yaml']"}, "/nowhere/a.yaml can't be attached"),
        ({"name": "new", "speed": "1.0"}, "unknown parameter speed; valid are max_queue_mb,"),
        ({"name": "new", "directory": "/dev/null/bags"}, "can't be created"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    rig: RecorderRig, tmp_path: Path, parameters: dict[str, str], message: str
) -> None:
    (tmp_path / "taken").mkdir()
    recorder = rig.start_recorder(**{"directory": str(tmp_path), **parameters})
    _, errors = recorder.communicate(timeout=60.0)
    assert recorder.returncode == 2
    assert message in errors
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.rglob("*")] == ["taken"]
