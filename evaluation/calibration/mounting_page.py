"""The report on a mounting."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board import Board
from cairn.calibration.mounting.from_board import PlacingError
from cairn.calibration.mounting.mounting_calibration import MountingCalibration
from cairn.calibration.rigid import inverse
from cairn.evaluation.calibration.calibration_page import CalibrationPage, Row, Section
from cairn.evaluation.figures.board_views import ShownView, board_views
from cairn.evaluation.figures.png import png
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project


def mounting_page(
    parent: str,
    child: str,
    result: MountingCalibration,
    placing: PlacingError,
    board: Board,
    camera: CameraModel,
    pictures: Mapping[str, NDArray[np.uint8]],
    unused: Mapping[str, str],
) -> CalibrationPage:
    """The page; `pictures` are the images by name, `unused` says why images were not used."""
    height, pitch, roll = result.height, result.pitch, result.roll
    shown = []
    for station, (way, turn) in zip(result.stations, result.errors, strict=True):
        expected = inverse(result.eye) @ station.hand
        ends = 1.5 * board.square * np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], float)
        axes = project(camera, ends @ expected[:3, :3].T + expected[:3, 3])
        seen = station.board.pose
        points = project(camera, board.points @ seen[:3, :3].T + seen[:3, 3])
        shown.append(
            ShownView(
                pictures[station.name],
                points[np.isfinite(points).all(axis=1)],
                np.zeros((0, 2)),
                f"{station.name} · {1000 * way:.1f} mm {turn:.2f}°",
                axes[None] if np.isfinite(axes).all() else np.zeros((0, 4, 2)),
            )
        )
    x, y, z = result.eye[:3, 3]
    halves = 1000 * result.half_widths[3:]
    return CalibrationPage(
        title=f"{child} in {parent}",
        verdict="refused" if result.problems else "good",
        problems=result.problems,
        figures={
            "height [mm]": f"{1000 * height.value:.1f} ± {1000 * height.half_width:.1f}",
            "pitch, down": f"{pitch.value:.2f} ± {pitch.half_width:.2f}°",
            "roll, to the right": f"{roll.value:.2f} ± {roll.half_width:.2f}°",
            "places": f"{len(result.stations)}",
        },
        details={
            "board": str(board),
            "places measured to": f"{1000 * placing.way:g} mm, {placing.turn:g}°",
            "images without use": "; ".join(f"{name}: {why}" for name, why in unused.items()) or "none",
        },
        sections=(
            Section(
                "Where the board is, and where it was said to be",
                png(board_views(shown)),
                note="Axes: the board by its measured place. Blue points: the corners that the camera saw.",
            ),
            Section(
                "The optical centre",
                columns=("", f"in {parent} [mm]", "95 % interval [mm]"),
                rows=tuple(
                    Row((name, f"{1000 * value:.2f}", f"± {half:.2f}"))
                    for name, value, half in zip("xyz", (x, y, z), halves, strict=True)
                ),
            ),
        ),
    )
