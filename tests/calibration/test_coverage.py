from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rendered_boards import PINHOLE, exact_views

from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.image_source import images_in
from cairn.calibration.intrinsics.coverage import coverage
from cairn.calibration.intrinsics.view_collector import ViewCollector


def _moved(found: Detection, by: tuple[float, float], blur: float = 2.0) -> Detection:
    return Detection(found.ids, found.pixels + by, found.points, found.size, blur)


def test_what_is_missing_is_said() -> None:
    one = exact_views(PINHOLE, 1)[0].detection
    wants = coverage([one, _moved(one, (5, 0))]).missing()
    assert wants[0] == "take 18 more views (2 of 20)"
    assert any(want.startswith("hold the board into the ") for want in wants)
    assert "tilt the board by 30 to 45°, about both its axes" in wants
    assert any("bring the board closer" in want for want in wants)
    assert any(
        "hold it still or focus: edges are 6.0" in want
        for want in coverage([_moved(one, (0, 0), 6)]).missing()
    )


def test_much_variety_leaves_little_to_ask_for() -> None:
    full = coverage([view.detection for view in exact_views(PINHOLE, 60, 1)])
    assert full.share > 0.9
    assert not any("more views" in want or "further" in want for want in full.missing())
    assert coverage([]).share == 0


def test_views_much_like_others_and_blurred_ones_are_not_kept() -> None:
    one = exact_views(PINHOLE, 1)[0].detection
    collector = ViewCollector()
    assert collector.offer("a", one) == ""
    assert collector.offer("b", _moved(one, (4, 3))) == "much like an earlier view"
    assert collector.offer("c", _moved(one, (90, 0), 5.0)) == "blurred: edges are 5.0 pixels wide"
    assert collector.offer("d", _moved(one, (90, 0))) == ""
    assert [view.name for view in collector.views] == ["a", "d"]
    assert ViewCollector(keep_all=True).offer("b", one) == ""


def test_images_come_from_folders_in_order_and_as_rgb(tmp_path: Path) -> None:
    for name, blue in (("b.png", 10), ("a.png", 200)):
        cv2.imwrite(str(tmp_path / name), np.full((4, 6, 3), (blue, 0, 0), np.uint8))
    first, second = images_in(tmp_path)
    assert (first.name, second.name) == ("a.png", "b.png")
    assert first.pixels[0, 0].tolist() == [0, 0, 200]
    (tmp_path / "c.png").write_text("no image")
    with pytest.raises(CalibrationError, match=r"c\.png can't be read as an image"):
        list(images_in(tmp_path))


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"expected images \(.bmp.*\) or a bag \(.mcap files\)"):
        images_in(tmp_path)
