"""The HTML page of a run."""

import base64
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from cairn.evaluation.report import render_report, write_report
from cairn.evaluation.run_record import GraphPicture, MapPicture, RunRecord, VisitRecord
from cairn.evaluation.trace import Trace
from cairn.evaluation.whole_file import write_whole
from cairn.hardware.errors import CairnError
from cairn.navigation.decision import Phase
from cairn.navigation.pose import Pose


def trace(steps=40):
    """Ten seconds straight along x at 1 m/s."""
    zeros = np.zeros(steps)
    stamp = np.arange(steps) / 4
    truth = np.stack([stamp, zeros, zeros], axis=1)
    phase = np.where(stamp < 5, int(Phase.EXPLORING), int(Phase.SEEKING)).astype(np.int8)
    phase[-1] = int(Phase.REACHED)
    return Trace(
        stamp + 100,
        truth,
        truth.copy(),
        np.zeros((steps, 2)),
        phase,
        np.linspace(40, 0, steps).astype(np.float32),
        np.linspace(0, 1, steps).astype(np.float32),
        np.zeros(steps, np.int32),
        stamp == 3,
        np.full(steps, 5.0, np.float32),
    )


@pytest.fixture(scope="module")
def record():
    photo = np.full((48, 64, 3), (200, 30, 40), np.uint8)
    occupied = np.zeros((40, 60), bool)
    occupied[30:] = True
    return RunRecord(
        title="Cairn <run>",
        goal_image=photo,
        start=Pose(0, 0, 0),
        goal=Pose(9, 1, 0.5),
        shortest_length=9.0,
        map=MapPicture(occupied, (-2.0, -4.0), 0.25),
        visits=(VisitRecord("discovery", "reached", trace(), 1, photo),),
        graph=GraphPicture(np.array([[0.0, 0.0], [5.0, 0.0]]), np.array([1, 3]), np.array([[0, 1]])),
        latencies_ms={"image to decision": np.linspace(2, 9, 50)},
        details={"world": "park & pond, seed 2001"},
    )


@pytest.fixture(scope="module")
def page(record):
    return render_report(record)


def pictures(page):
    found = re.findall(r'src="data:image/(?:png|jpeg);base64,([^"]+)"', page)
    return [cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR) for data in found]


def test_the_page_holds_every_picture_and_needs_nothing_else(page):
    shown = pictures(page)
    assert len(shown) == 5  # goal, last view, map, timeline, latency
    assert all(picture is not None and picture.std() > 0 for picture in shown[2:])
    blue, green, red = shown[0].reshape(-1, 3).mean(axis=0)
    assert (red, green, blue) == pytest.approx((200, 30, 40), abs=6)
    assert not re.findall(r'(?:src|href)="(?!data:)', page)


def test_the_table_has_the_figures(page):
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert cells == ["discovery", "reached", "0:09.8", "9.8 m", "1.00 m/s", "0.92", "0.92", "1"]
    assert "goal reached" in page
    assert "1.2 m from the goal" in page.replace("&#39;", "'")


def test_text_from_outside_is_escaped(page):
    assert "Cairn &lt;run&gt;" in page
    assert "park &amp; pond" in page


def test_a_failed_and_silent_search_without_graph_or_latencies_is_reported_too(record):
    silent = replace(record.visits[0].trace, predicted_steps=np.full(40, np.nan, np.float32))
    visit = replace(record.visits[0], verdict="out of time", trace=silent)
    page = render_report(replace(record, visits=(visit,), graph=None, latencies_ms={}))
    assert len(pictures(page)) == 4
    assert "goal reached" not in page
    assert "out of time" in page


def test_the_file_is_whole_or_not_there(record, page, tmp_path):
    path = write_report(record, tmp_path / "new" / "report.html")
    assert path.read_text() == page
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(CairnError, match=r"report\.html can't be written"):
        write_whole(tmp_path / "file" / "report.html", page)


def test_a_run_without_a_step_is_refused(record):
    with pytest.raises(CairnError, match="at least one visit"):
        replace(record, visits=())
    with pytest.raises(CairnError, match=r"edges must join places 0\.\.1, got 5"):
        GraphPicture(np.zeros((2, 2)), np.zeros(2, int), np.array([[0, 5]]))
