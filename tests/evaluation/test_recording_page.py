"""The pictures and the HTML page of a recording."""

import re
import shutil
import sys
from pathlib import Path

import cv2
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "episodes"))

from labelled_drive import write_drive

from cairn.evaluation.recording.recording_page import write_recording
from cairn.evaluation.recording.recording_reader import read_recording
from cairn.hardware.errors import CairnError


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    directory = tmp_path_factory.mktemp("recording")
    write_recording(read_recording(write_drive(directory / "a<b")), directory / "out")
    return directory / "out"


def words(page):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", (page / "index.html").read_text())
    return re.sub(r"\s+", " ", text)


def test_the_page_needs_nothing_else_and_says_what_there_is(page):
    html = (page / "index.html").read_text()
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert len(sources) == 3
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "http" not in re.sub(r"data:[^\"]*", "", html)
    told = words(page)
    for expected in (
        "a&lt;b",
        "simulated, from t = 0.0 s",
        "driven 20.0 m",
        "lost 3",
        "000 to the shed kept success Ada 1.0 s 7.0 s 1 curb",
        "gate stop camera silent for 0.21 s",
        "collision physical",
        "/sensors/camera/image sensor_msgs/msg/Image 97 5.0 Hz 1, up to 1.00 s 3",
        "git revision 0123abc",
        "bundle sha256 ffff",
        "calibration/front.yaml fx: 272.5",
    ):
        assert expected in told


def test_pictures_are_large_and_not_empty(page):
    for name, (width, height) in {
        "contact_sheet": (1600, 1000),
        "path": (1600, 900),
        "topics": (1600, 600),
    }.items():
        image = cv2.imread(str(page / f"{name}.png"))
        assert image.shape[1] >= width
        assert image.shape[0] >= height
        assert image.std() > 5.0


def test_gaps_are_red_in_the_strips(page):
    image = cv2.imread(str(page / "topics.png")).astype(int)
    blue, green, red = image[..., 0], image[..., 1], image[..., 2]
    is_red = (red > 180) & (green < 60) & (blue < 80)
    # The gate's stop and the camera's gap last a twentieth of the time each.
    rows = is_red.sum(axis=1)
    runs = (rows > 0.02 * image.shape[1]).astype(int)
    assert (runs[1:] > runs[:-1]).sum() == 2


def test_what_there_is_nothing_of_gets_no_picture(tmp_path):
    recording = read_recording(write_drive(tmp_path / "blind", camera="", odometry=False))
    written = write_recording(recording, tmp_path / "out")
    assert [path.name for path in written] == ["topics.png", "index.html"]
    told = words(tmp_path / "out")
    assert "No camera: the bag has no messages of sensor_msgs/Image or CompressedImage." in told
    assert "What it saw" not in told


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    recording = read_recording(write_drive(tmp_path / "blind", camera="", odometry=False))
    (tmp_path / "file").write_text("")
    with pytest.raises(CairnError, match="pictures can't be written there"):
        write_recording(recording, tmp_path / "file")


def test_a_browser_shows_it_without_scrolling_sideways(page):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for width in (1366, 688):
            view = chromium.new_page(viewport={"width": width, "height": 768})
            problems = []
            view.on("console", lambda message, seen=problems: seen.append(message.text))
            view.goto((page / "index.html").as_uri())
            sizes = view.evaluate("[...document.images].map(image => image.naturalWidth)")
            assert len(sizes) == 3
            assert min(sizes) > 1600
            assert view.evaluate("document.documentElement.scrollWidth") <= width
            assert problems == []
        chromium.close()
