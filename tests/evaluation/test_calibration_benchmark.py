from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cairn.evaluation.calibration.benchmark.drawn_camera import draw_camera
from cairn.evaluation.calibration.benchmark.lens_case import map_error
from cairn.evaluation.calibration.benchmark.mounting_case import mounting_case
from cairn.evaluation.calibration.benchmark.suite import calibration_table, summary
from cairn.hardware.lens_projection import rays


def test_drawn_cameras_span_what_is_sold() -> None:
    random = np.random.default_rng(0)
    cameras = [draw_camera(random) for _ in range(40)]
    views = []
    for camera in cameras:
        edge = rays(camera, [(0, camera.cy), (camera.width - 1, camera.cy)])
        views.append(np.degrees(np.arccos(edge[:, 2]).sum()))
    assert {camera.distortion_model for camera in cameras} == {"plumb_bob", "equidistant"}
    assert 58 < min(views) < 75
    assert 150 < max(views) < 175


def test_the_map_error_is_that_of_rays_not_of_a_turn() -> None:
    camera = draw_camera(np.random.default_rng(1))
    assert map_error(camera, camera) == pytest.approx(0, abs=1e-6)
    # A middle that is off by two pixels is almost a turn; a focal length is none.
    assert map_error(camera, replace(camera, cx=camera.cx + 2)) < 0.5
    assert map_error(camera, replace(camera, fx=camera.fx * 1.01, fy=camera.fy * 1.01)) > 0.8


def test_a_mounting_is_rendered_calibrated_and_judged() -> None:
    camera = draw_camera(np.random.default_rng(1))
    lens = np.zeros((4 + len(camera.distortion),) * 2)
    row = mounting_case(2000, camera, camera, lens)
    assert row["places"] == 6
    assert row["mm"] < 10
    assert row["deg"] < 0.6
    assert row["refused"] == []


def test_the_table_tells_medians_coverage_and_peers() -> None:
    def case(seed: int, error: float) -> dict:
        plain = {"focal_error": 2 * error, "map_error": 1.0}
        held = {"fx": error < 0.002}
        lens = {"model": "plumb_bob", "focal_error": error, "held_out": 0.1, "map_error": 0.5, "refused": []}
        solvers = {"Tsai-Lenz": {"mm": 3.0, "deg": 0.3}}
        arm = {"mm": 1.0, "deg": 0.1, "covered": {"x": True}, "solvers": solvers, "refused": ["no"]}
        return {
            "method": "camera",
            "seed": seed,
            "lens": lens | {"covered": held, "plain": plain},
            "hand_eye": arm,
            "mounting": {"error": "it fell over"},
        }

    report = summary([case(1, 0.001), case(2, 0.003), case(3, 0.001)])
    assert report["medians"]["focal length [%]"] == pytest.approx(0.1)
    assert report["medians"]["mounting [mm]"] is None
    assert report["covered"]["lens"]["fx"] == pytest.approx(2 / 3)
    assert report["refused"] == {"lens": 0, "hand_eye": 3, "mounting": 0}
    assert report["peers"]["Tsai-Lenz: hand-eye [mm]"] == (3.0, 1.0)
    assert report["errors"][0] == "mounting, seed 1: it fell over"
    assert calibration_table(report).renderables


def test_unknown_parts_of_the_benchmark_are_refused() -> None:
    from typer.testing import CliRunner

    from cairn.cli.bench import app
    from cairn.hardware.errors import CairnError

    with pytest.raises(CairnError, match="wheels is no part; valid: camera, time"):
        CliRunner().invoke(app, ["calibrate", "--only", "wheels"], catch_exceptions=False)
