"""What the recorder's diagnostics say, and when they warn."""

from dataclasses import replace
from pathlib import Path

import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus

from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.provenance import Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.nodes.recorder_health import RecorderHealth
from cairn.nodes.recorder_load import RecorderLoad
from cairn.nodes.recorder_messages import diagnostics_message

LOAD = RecorderLoad(callback_ms=0.1, processor=30.0)


@pytest.fixture
def summary(tmp_path: Path) -> BagSummary:
    """Of a bag that is being recorded, with one topic."""
    writer = BagWriter(tmp_path / "run", StorageOptions(min_free_mb=0.0), Provenance("system", "test"))
    writer.add_topic(Topic("/odom", "nav_msgs/msg/Odometry"))
    found = writer.summary()
    writer.close()
    return found


def health(summary: BagSummary | None, before: BagSummary | None = None, **further: object) -> RecorderHealth:
    given = {"problems": {}, "load": LOAD, "free_mb": 5000.0, "warn_free_mb": 2000.0, **further}
    return RecorderHealth(summary=summary, before=before, **given)


def said(found: RecorderHealth) -> tuple[bytes, str]:
    [status] = diagnostics_message(found, Time()).status
    return status.level, status.message


def with_topic(summary: BagSummary, **figures: int) -> BagSummary:
    return replace(summary, topics=(replace(summary.topics[0], **figures),))


def test_all_is_well(summary: BagSummary) -> None:
    assert said(health(None)) == (DiagnosticStatus.OK, "waiting for recorder/start")
    assert said(health(summary)) == (DiagnosticStatus.OK, "recording")
    assert said(health(replace(summary, paused=True))) == (DiagnosticStatus.OK, "paused")
    closed = replace(summary, recording=False, reason="recorder/stop")
    assert said(health(closed)) == (DiagnosticStatus.OK, "recorder/stop")


def test_losses_are_errors_while_they_grow(summary: BagSummary) -> None:
    lossy = with_topic(summary, dropped=3, missing=2)
    assert said(health(lossy)) == (DiagnosticStatus.ERROR, "5 messages lost")
    assert said(health(lossy, lossy)) == (DiagnosticStatus.OK, "recording")
    assert health(lossy, lossy).figures()["trouble on /odom"] == "dropped 3, missing 2"
    failed = replace(summary, recording=False, failed=True, reason="the disk failed")
    assert said(health(failed, failed)) == (DiagnosticStatus.ERROR, "not recording: the disk failed")
    cut = "before was cut short: the disk failed"
    assert said(health(summary, snapshot_failure=cut)) == (DiagnosticStatus.ERROR, cut)


def test_what_may_cost_data_is_a_warning(summary: BagSummary) -> None:
    assert said(health(summary, free_mb=1999.0)) == (
        DiagnosticStatus.WARN,
        "the disk is filling up: 1999 MB free",
    )
    late = with_topic(summary, late=7)
    assert said(health(late, summary)) == (
        DiagnosticStatus.WARN,
        "the disk is slow: 7 messages were written late",
    )
    assert said(health(with_topic(summary, gaps=1), summary)) == (
        DiagnosticStatus.WARN,
        "1 silences on regular topics",
    )
    problem = health(summary, problems={"/odom": "not recorded"})
    assert said(problem) == (DiagnosticStatus.WARN, "problems with /odom")
    assert problem.figures()["problem with /odom"] == "not recorded"
