from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from rendered_boards import BOARD, PINHOLE, exact_views, pictures
from typer.testing import CliRunner

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import camera_info_document, write_yaml
from cairn.calibration.intrinsics.check import check_intrinsics
from cairn.calibration.stored import stored_calibrations
from cairn.cli.calibrate import app
from cairn.cli.machine_checks import Verdict, calibration_finding
from cairn.hardware.camera_settings import CameraSettings


def test_a_calibration_that_is_true_stays_true() -> None:
    result = check_intrinsics(PINHOLE, [view.detection for view in exact_views(PINHOLE, 8)], told=0.15)
    assert result.problems == ()
    assert result.rms == pytest.approx(0.14, abs=0.03)
    assert abs(result.focal_change.value) < 0.005


def test_a_lens_that_was_turned_is_noticed() -> None:
    zoomed = replace(PINHOLE, fx=PINHOLE.fx * 1.03, fy=PINHOLE.fy * 1.03)
    result = check_intrinsics(zoomed, [view.detection for view in exact_views(PINHOLE, 10)], told=0.15)
    assert any("the focal length has changed by -2." in problem for problem in result.problems)


def test_too_few_images_say_nothing() -> None:
    with pytest.raises(CalibrationError, match="in at least 5 images that differ, got 3"):
        check_intrinsics(PINHOLE, [view.detection for view in exact_views(PINHOLE, 3)])


def test_the_command_reads_what_is_kept_for_the_camera(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path / "kept"))
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, image in enumerate(pictures(PINHOLE, 14, 8)[:7]):
        cv2.imwrite(str(photos / f"{number}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    details = {"made": "2020-01-01T00:00:00+00:00", "held_out_pixels": 0.12}
    write_yaml(tmp_path / "kept/front.yaml", camera_info_document(PINHOLE, "front", details))
    words = ["check", str(photos), "--camera", "front", "--board", str(BOARD), "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["told_pixels"], told["problems"]) == (0.12, [])
    blurred = replace(PINHOLE, distortion=(0.2, 0.05, 0.001, 0.002, 0.0))
    write_yaml(tmp_path / "kept/front.yaml", camera_info_document(blurred, "front", details))
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 1
    assert "the lens was turned, or this is another camera" in json.loads(done.stdout)["problems"][0]


def test_the_doctor_lists_age_and_error(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path))
    assert calibration_finding().verdict is Verdict.ABSENT
    details = {"made": "2020-01-01T00:00:00+00:00", "held_out_pixels": 0.12}
    write_yaml(tmp_path / "front.yaml", camera_info_document(PINHOLE, "front", details))
    write_yaml(
        tmp_path / "front.tf.yaml",
        {"calibration": {"kind": "eye-in-hand", "error_mm": 1.5, "error_deg": 0.1}},
    )
    (tmp_path / "broken.yaml").write_text("[")
    found = {(one.name, one.kind): one for one in stored_calibrations(tmp_path)}
    assert found["front", "intrinsics"].days > 2000
    assert found["front", "intrinsics"].error == "0.12 pixels on held-out views"
    assert found["front", "eye-in-hand"].error == "1.5 mm, 0.1°"
    assert found["broken", "intrinsics"].fault
    finding = calibration_finding()
    assert finding.verdict is Verdict.WARNING
    assert "calibrate broken anew" in finding.advice
    (tmp_path / "broken.yaml").unlink()
    assert "`cairn calibrate check --camera front`: older than 180 days" in calibration_finding().advice


def test_a_driver_takes_what_is_kept_under_its_devices_name(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path / "kept"))
    device = tmp_path / "front"
    device.mkdir()
    cv2.imwrite(str(device / "0.png"), pictures(PINHOLE, 14, 8)[0])
    write_yaml(tmp_path / "kept/front.yaml", camera_info_document(PINHOLE, "front"))
    for settings, focal in (
        (CameraSettings(driver="file", device=str(device)), PINHOLE.fx),
        (CameraSettings(driver="file", device=str(device), horizontal_fov=90.0), 320.0),
    ):
        camera = settings.make_camera()
        camera.start()
        assert camera.model.fx == pytest.approx(focal)
        camera.stop()
