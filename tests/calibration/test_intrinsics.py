from __future__ import annotations

import numpy as np
import pytest
from rendered_boards import FISHEYE, PINHOLE, exact_views

from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.calibrate import calibrate_intrinsics
from cairn.calibration.intrinsics.lens_family import FAMILIES
from cairn.calibration.intrinsics.limits import IntrinsicLimits
from cairn.calibration.intrinsics.view import View

SIMPLE = FAMILIES[:1]


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
def test_the_right_lens_is_chosen_and_its_numbers_are_within_their_intervals(camera) -> None:
    result = calibrate_intrinsics(exact_views(camera, 24, seed=4))
    assert result.problems == ()
    assert result.camera.distortion_model == camera.distortion_model
    assert abs(result.camera.fx / camera.fx - 1) < 0.003
    # Noise of 0.1 pixels on both axes.
    assert 0.12 < result.rms < 0.15
    assert result.rms < result.held_out < 0.2
    truth = dict(zip(result.intervals, (camera.fx, camera.fy, camera.cx, camera.cy), strict=False))
    assert sum(result.intervals[name].holds(value) for name, value in truth.items()) >= 3
    assert all(0.01 < result.intervals[name].half_width < 3 for name in truth)


def test_more_noise_widens_the_intervals() -> None:
    sure, unsure = (
        calibrate_intrinsics(exact_views(PINHOLE, 20, noise=noise), families=SIMPLE) for noise in (0.05, 0.3)
    )
    assert unsure.intervals["fx"].half_width > 3 * sure.intervals["fx"].half_width


def test_a_faulty_view_is_left_out_and_named() -> None:
    views = exact_views(PINHOLE, 20)
    good = views[7].detection
    shaken = good.pixels + np.random.default_rng(1).normal(0, 3, good.pixels.shape)
    views[7] = View("shaken.png", Detection(good.ids, shaken, good.points, good.size, 6.0))
    result = calibrate_intrinsics(views, families=SIMPLE)
    assert [view.view.name for view in result.outliers] == ["shaken.png"]
    assert "it is blurred (edges 6.0 pixels wide, usually 2.0)" in result.outliers[0].fault
    assert abs(result.camera.fx / PINHOLE.fx - 1) < 0.003


def test_a_single_stray_point_costs_no_view() -> None:
    views = exact_views(PINHOLE, 16)
    good = views[3].detection
    pixels = good.pixels.copy()
    pixels[4] += (5.0, -4.0)
    views[3] = View("03", Detection(good.ids, pixels, good.points, good.size, 2.0))
    result = calibrate_intrinsics(views, families=SIMPLE)
    assert result.outliers == ()
    assert len(result.views[3].view.detection) == len(good) - 1


def test_too_few_views_are_refused() -> None:
    with pytest.raises(
        CalibrationError, match="expected at least 10 views in which the board is found, got 4"
    ):
        calibrate_intrinsics(exact_views(PINHOLE, 4))
    result = calibrate_intrinsics(exact_views(PINHOLE, 8), families=SIMPLE)
    assert "8 good views, expected at least 10" in result.problems


def test_views_that_are_all_alike_are_refused_with_the_reason() -> None:
    random, one = np.random.default_rng(0), exact_views(PINHOLE, 1)[0].detection
    alike = [
        View(
            str(n),
            Detection(one.ids, one.pixels + random.normal(0, 0.3, one.pixels.shape), one.points, one.size, 2),
        )
        for n in range(15)
    ]
    result = calibrate_intrinsics(alike, families=SIMPLE)
    assert any("of the image seen, expected at least 40%" in problem for problem in result.problems)
    assert any("the views are too much alike" in problem for problem in result.problems)


def test_a_board_that_is_not_what_was_said_is_refused() -> None:
    views = []
    for view in exact_views(PINHOLE, 16):
        found = view.detection
        bent = found.points * (1.0, 1.06, 1.0)  # a printer that stretched one side
        bent[:, 0] *= 1 + 0.4 * bent[:, 0]
        views.append(View(view.name, Detection(found.ids, found.pixels, bent, found.size, 2.0)))
    result = calibrate_intrinsics(views, IntrinsicLimits(held_out=0.3))
    assert any("is the board flat, its size right" in problem for problem in result.problems)


def test_images_of_several_sizes_are_refused() -> None:
    views = exact_views(PINHOLE, 8)
    found = views[0].detection
    views[0] = View("x", Detection(found.ids, found.pixels, found.points, (320, 240), 2.0))
    with pytest.raises(CalibrationError, match="differ in size"):
        calibrate_intrinsics(views)
