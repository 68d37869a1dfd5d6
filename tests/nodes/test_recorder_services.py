"""The recorder under the hand of somebody in another process."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cairn_interfaces.msg import EpisodeEvent
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.qos import DurabilityPolicy, QoSProfile
from recorder_client import RecorderClient
from recorder_rig import RecorderRig
from rosbags.highlevel import AnyReader
from std_msgs.msg import String

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import Outcome, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.recovery import recover

CHATTER, LATCHED, EVENT = "/robot/chatter", "/robot/latched", "/robot/episode/event"


@pytest.fixture
def rig() -> Iterator[RecorderRig]:
    rig = RecorderRig()
    yield rig
    rig.close()


@pytest.fixture
def client(rig: RecorderRig) -> RecorderClient:
    return RecorderClient(rig)


def custom_data(bag: Path) -> dict:
    return yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]["custom_data"]


def numbers(bag: Path) -> list[int]:
    """The talker's numbers as rosbags reads them."""
    with AnyReader([bag]) as reader:
        found = [connection for connection in reader.connections if connection.topic == CHATTER]
        texts = [reader.deserialize(data, found[0].msgtype).data for _, _, data in reader.messages(found)]
    return [int(text) for text in texts if text != "last words"]


def test_bags_follow_each_other_on_demand(rig: RecorderRig, client: RecorderClient, tmp_path: Path) -> None:
    recorder = rig.start_recorder(directory=str(tmp_path), autostart="false", operator="Ada")
    rig.start_talker()
    client.wait()
    refused = client.ask("stop")
    assert (refused.success, refused.message) == (False, "nothing is being recorded")
    assert not client.ask("pause", data=True).success
    assert client.label(EpisodeEvent.START).message == "nothing is being recorded"
    assert list(tmp_path.iterdir()) == []

    started = client.ask("start", name="first")
    assert (started.success, started.bag) == (True, str(tmp_path / "first"))
    refused = client.ask("start", name="second")
    assert not refused.success
    assert (
        refused.message == f"recording to {tmp_path / 'first'} already: stop it before starting another bag"
    )
    rig.wait_for(lambda: rig.received(CHATTER) > 20)
    stopped = client.ask("stop")
    assert stopped.success, stopped.message
    assert BagReader(tmp_path / "first").complete  # by the time of the answer
    rig.wait_for(lambda: rig.status is not None and not rig.status.recording)

    assert client.ask("start", name="first").message.endswith(
        "exists already; a bag is never overwritten: choose another name"
    )
    assert client.ask("start", name="../up").message.endswith("the name of a directory, got '../up'")
    second = client.ask("start")
    assert second.success, second.message
    rig.wait_for(lambda: rig.status.bag == second.bag and rig.received(CHATTER) > 20)
    rig.stop(recorder)
    later = BagReader(Path(second.bag))
    assert [later.decode(message).data for message in later.messages([LATCHED])] == ["once"]
    assert any(name.startswith("parameters") for name in (found.name for found in later.attachments))
    assert later.metadata["cairn/provenance"]["cairn.operator"] == "Ada"
    first, last = numbers(tmp_path / "first"), numbers(Path(second.bag))
    assert first == list(range(first[0], first[-1] + 1))
    assert last == list(range(last[0], last[-1] + 1))
    assert first[-1] < last[0]


def test_what_is_paused_is_not_lost(rig: RecorderRig, client: RecorderClient, tmp_path: Path) -> None:
    recorder = rig.start_recorder(directory=str(tmp_path), name="run")
    client.wait()
    rig.start_talker()
    rig.wait_for(lambda: rig.received(CHATTER) > 20)
    assert client.ask("pause", data=True).success
    rig.wait_for(lambda: rig.status.paused)
    latch = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    other = rig.node.create_publisher(String, "/robot/other", latch)
    other.publish(String(data="said while paused"))
    received = rig.received(CHATTER)
    rig.wait_for(lambda: rig.received(CHATTER) > received + 50 and rig.received("/robot/other") == 1)
    assert client.label(EpisodeEvent.START, episode="a").success  # labels are recorded all the same
    assert client.ask("pause", data=False).success
    received = rig.received(CHATTER)
    rig.wait_for(lambda: not rig.status.paused and rig.received(CHATTER) > received + 20)
    rig.stop(recorder)

    reader = BagReader(tmp_path / "run")
    summary = reader.metadata["cairn/summary"]
    assert int(summary["cairn.messages_paused"]) > 50
    assert f"cairn.lost.{CHATTER}" not in summary
    [pause] = summary["cairn.pauses"].split()
    begin, end = map(int, pause.split("-"))
    assert not [message for message in reader.messages([CHATTER]) if begin < message.log_time < end]
    found = numbers(tmp_path / "run")
    assert found[-1] - found[0] + 1 - len(found) > 50
    assert [reader.decode(message).data for message in reader.messages(["/robot/other"])] == [
        "said while paused"
    ]
    assert next(reader.messages([EVENT])).log_time < end


def test_episodes_are_labelled_published_and_kept(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    bag = tmp_path / "run"
    recorder = rig.start_recorder(
        directory=str(tmp_path), name="run", task="to the shed", operator="Ada", linger="0.0"
    )
    client.wait()
    refused = client.label(EpisodeEvent.KEEP)
    assert (refused.success, "no episode '' to keep" in refused.message) == (False, True)
    assert "expected a kind of event, got 99; valid: 0 (start)," in client.label(99).message
    started = client.label(EpisodeEvent.START)
    assert (started.success, started.episode) == (True, "000")
    rig.wait_for(lambda: rig.status.episode == "000" and rig.status.task == "to the shed")
    assert client.label(EpisodeEvent.INTERVENTION, note="curb").episode == "000"
    assert client.label(EpisodeEvent.MARK, note="rain").episode == "000"
    assert client.label(EpisodeEvent.SUCCESS).episode == "000"
    assert client.label(EpisodeEvent.KEEP).episode == "000"
    assert client.label(EpisodeEvent.START, episode="again", task="back", operator_name="Bo").success
    assert not client.label(EpisodeEvent.START, episode="again").success
    assert client.label(EpisodeEvent.DISCARD).episode == "again"
    rig.wait_for(lambda: (rig.status.episodes_kept, rig.status.episodes_discarded) == (1, 1))
    assert rig.status.episode == ""
    rig.wait_for(lambda: '"discarded"' in custom_data(bag).get("cairn.episode.again", ""))
    early = json.loads(custom_data(bag)["cairn.episode.000"])  # while the recording goes on
    rig.wait_for(lambda: len(client.events) == 7)
    rig.stop(recorder)

    first, second = read_episodes(BagReader(bag))
    assert (first.verdict, first.outcome, first.note) == (Verdict.KEPT, Outcome.SUCCESS, "curb\nrain")
    assert (first.task, first.operator, len(first.interventions)) == ("to the shed", "Ada", 1)
    assert (second.name, second.verdict, second.task, second.operator) == (
        "again", Verdict.DISCARDED, "back", "Bo",
    )  # fmt: skip
    assert early == first.as_metadata()
    with AnyReader([bag]) as reader:
        found = [connection for connection in reader.connections if connection.topic == EVENT]
        recorded = [
            (time, reader.deserialize(data, found[0].msgtype)) for _, time, data in reader.messages(found)
        ]
    assert [(event.kind, event.episode) for _, event in recorded] == [
        (event.kind, event.episode) for event in client.events
    ]
    assert recorded[0][0] == first.start
    stamp = recorded[0][1].header.stamp
    assert stamp.sec * 1_000_000_000 + stamp.nanosec == first.start


def test_a_split_bag_that_is_killed_still_has_its_episodes(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    bag = tmp_path / "run"
    recorder = rig.start_recorder(
        directory=str(tmp_path), name="run", split_at_episodes="true", split_seconds="2.0"
    )
    rig.start_talker()
    client.wait()
    rig.wait_for(lambda: rig.received(CHATTER) > 20)
    assert client.label(EpisodeEvent.START, task="one").success
    received = rig.received(CHATTER)
    rig.wait_for(lambda: rig.received(CHATTER) > received + 20)
    assert client.label(EpisodeEvent.KEEP).success
    assert client.label(EpisodeEvent.START, task="two").success
    received = rig.received(CHATTER)
    rig.wait_for(lambda: rig.received(CHATTER) > received + 150)  # beyond a split by duration
    written = rig.status.messages_written
    rig.stop(recorder, signal.SIGKILL)

    result = recover(bag)
    assert result.repaired == (sorted(path.name for path in bag.glob("*.mcap"))[-1],)
    reader = BagReader(bag)
    assert reader.complete
    assert result.messages >= written - 50
    one, two = read_episodes(reader)
    assert (one.name, one.task, one.verdict) == ("000", "one", Verdict.KEPT)
    assert (two.name, two.task, two.verdict) == ("001", "two", Verdict.UNDECIDED)
    assert two.end == reader.time_range[1] > two.start >= one.end
    found = numbers(bag)
    assert found == list(range(found[0], found[0] + len(found)))
    assert len(list(bag.glob("*.mcap"))) >= 4
    for path in bag.glob("*.mcap"):
        part = BagReader(path)
        if part.time_range[0] < one.start:
            continue  # perhaps from before the talker was heard
        assert [part.decode(message).data for message in part.messages([LATCHED])] == ["once"]


def test_a_snapshot_holds_the_seconds_before_it(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    recorder = rig.start_recorder(
        directory=str(tmp_path), autostart="false", snapshot_seconds="2.0", snapshot_on_mark="true"
    )
    rig.start_talker()
    client.wait()
    heard = rig.chatter
    rig.wait_for(lambda: rig.chatter > heard + 250)
    answer = client.ask("snapshot", name="before")
    assert (answer.success, answer.bag) == (True, str(tmp_path / "before"))
    rig.wait_for(lambda: custom_data(tmp_path / "before")["cairn.state"] == "closed")
    found = numbers(tmp_path / "before")
    assert found == list(range(found[0], found[0] + len(found)))
    reader = BagReader(tmp_path / "before")
    start, end = reader.time_range
    assert 1.0 < (end - start) * 1e-9 < 2.5
    assert [reader.decode(message).data for message in reader.messages([LATCHED])] == ["once"]
    refused = client.ask("snapshot", name="before")
    assert (refused.success, "exists already" in refused.message) == (False, True)

    client.ask("start", name="run")
    client.label(EpisodeEvent.START)
    marked = client.label(EpisodeEvent.MARK)
    assert marked.success
    assert "_snapshot" in marked.message
    [taken] = tmp_path.glob("*_snapshot")
    rig.wait_for(lambda: custom_data(taken)["cairn.state"] == "closed")
    rig.stop(recorder)
    assert BagReader(taken).topics[CHATTER][1] > 20
    assert BagReader(taken).topics[EVENT][1] == 2
    events = BagReader(tmp_path / "run").topics[EVENT][1]
    assert events == 2


def test_a_disk_that_fills_up_is_told_before_it_ends(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    rig.start_recorder(directory=str(tmp_path), name="run", warn_free_mb="1000000.0")
    rig.wait_for(lambda: bool(rig.diagnostics) and rig.diagnostics[-1].level == DiagnosticStatus.WARN)
    assert rig.diagnostics[-1].message.startswith("the disk is filling up: ")
    client.wait()
    assert client.ask("snapshot").message == "no last seconds are kept: set snapshot_seconds above 0"


def test_the_description_of_the_robot_is_always_recorded(rig: RecorderRig, tmp_path: Path) -> None:
    urdf = tmp_path / "jackal.urdf"
    urdf.write_text("<robot name='jackal'/>")
    latch = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    publisher = rig.node.create_publisher(String, "/robot/robot_description", latch)
    publisher.publish(String(data=urdf.read_text()))
    recorder = rig.start_recorder(directory=str(tmp_path), name="run", topics="['chatter']", urdf=str(urdf))
    rig.wait_for(lambda: rig.received("/robot/robot_description") == 1)
    rig.stop(recorder)
    reader = BagReader(tmp_path / "run")
    [message] = reader.messages(["/robot/robot_description"])
    assert reader.decode(message).data == urdf.read_text()
    attachments = {attachment.name: attachment.data for attachment in reader.attachments}
    assert attachments["robot_description.urdf"] == urdf.read_bytes()


def test_a_second_recorder_ends_with_what_it_has(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    rig.start_recorder(directory=str(tmp_path), autostart="false")
    client.wait()
    second = rig.start_recorder(directory=str(tmp_path), name="second", linger="0.0")
    rig.wait_for(lambda: second.poll() is not None)
    assert second.returncode == 2
    assert "expected to be the only recorder, but /robot/recorder/status belongs to" in second.stderr.read()
    assert BagReader(tmp_path / "second").complete


def test_others_are_answered_while_a_bag_is_completed(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    rig.start_recorder(slow_disk=True, directory=str(tmp_path), name="run", flush_period="0.1")
    rig.start_talker()
    client.wait()
    rig.wait_for(lambda: rig.status is not None and rig.status.messages_written > 0)
    stopped = client.begin("stop")
    rig.wait_for(lambda: not rig.status.recording)
    assert client.ask("pause", data=True).message == "nothing is being recorded"
    assert client.ask("start", name="next").success
    assert not stopped.done()
    rig.wait_for(stopped.done)
    assert stopped.result().success
    assert BagReader(tmp_path / "run").complete


def test_a_snapshot_that_the_disk_refuses_is_an_error_and_keeps_what_fits(
    rig: RecorderRig, client: RecorderClient, tmp_path: Path
) -> None:
    """The recording beside it, in files that are small enough, goes on."""
    recorder = rig.start_recorder(
        file_limit=2 << 20,
        directory=str(tmp_path),
        name="run",
        split_mb="0.5",
        snapshot_seconds="60.0",
    )
    rig.start_talker()
    client.wait()
    rig.wait_for(lambda: rig.status is not None and rig.status.bytes_written > 3 << 20)
    assert client.ask("snapshot", name="moment").success
    moment = tmp_path / "moment"
    refused = f"{moment} was cut short: the disk failed: File too large"
    rig.wait_for(lambda: any(refused in status.message for status in rig.diagnostics))
    assert all(
        status.level == DiagnosticStatus.ERROR for status in rig.diagnostics if refused in status.message
    )
    assert BagReader(moment).complete
    assert custom_data(moment)["cairn.failed"] == "true"
    kept = numbers(moment)
    assert len(kept) > 20
    assert kept == list(range(kept[0], kept[0] + len(kept)))
    lost = int(custom_data(moment)["cairn.messages_lost"])
    assert lost > 20

    before = rig.status.messages_written
    rig.wait_for(lambda: rig.status.messages_written > before + 50)
    assert rig.status.recording
    assert recorder.poll() is None
