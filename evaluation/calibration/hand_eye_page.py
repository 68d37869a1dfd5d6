"""The report on a hand-eye transform."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.calibration.hand_eye.hand_eye_calibration import HandEyeCalibration, JudgedStation
from cairn.calibration.hand_eye.limits import HandEyeLimits
from cairn.calibration.rigid import inverse
from cairn.evaluation.calibration.calibration_page import CalibrationPage, Row, Section
from cairn.evaluation.figures.board_views import ShownView, board_views
from cairn.evaluation.figures.hand_eye_figures import solver_figure, station_figure
from cairn.evaluation.figures.png import png
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project

_SHOWN = 12


def hand_eye_page(
    parent: str,
    child: str,
    result: HandEyeCalibration,
    limits: HandEyeLimits,
    board: Board,
    camera: CameraModel,
    pictures: Mapping[str, NDArray[np.uint8]],
    unused: Mapping[str, str],
) -> CalibrationPage:
    """The page; `pictures` are the images by name, `unused` says why images were not used."""
    used = len(result.stations) - len(result.outliers)
    return CalibrationPage(
        title=f"{child} in {parent}",
        verdict="refused" if result.problems else "good",
        problems=result.problems,
        figures={
            "error, 95 of 100 times less than": f"{result.way * 1000:.2f} mm · {result.turn:.2f}°",
            "on held-out poses": f"{result.held_out_way * 1000:.2f} mm · {result.held_out_turn:.2f}°",
            "of the arm itself": f"{result.arm_way * 1000:.2f} mm · {result.arm_turn:.2f}°",
            "poses used": f"{used} of {len(result.stations)}",
        },
        details={
            "kind": "eye-in-hand" if result.in_hand else "eye-to-hand",
            "board": str(board),
            "turned by": " · ".join(f"{one:.0f}°" for one in result.spread) + " about the main axes",
            "limits on held-out poses": f"{limits.way * 1000:g} mm, {limits.turn:g}°",
            "images without use": "; ".join(f"{name}: {why}" for name, why in unused.items()) or "none",
        },
        sections=_sections(parent, child, result, limits, board, camera, pictures),
    )


def _sections(
    parent: str,
    child: str,
    result: HandEyeCalibration,
    limits: HandEyeLimits,
    board: Board,
    camera: CameraModel,
    pictures: Mapping[str, NDArray[np.uint8]],
) -> tuple[Section, ...]:
    ordered = sorted(result.stations, key=lambda one: (not one.fault, -one.way))
    few = len(ordered) <= _SHOWN
    chosen = ordered if few else [*ordered[: _SHOWN // 2], *ordered[-_SHOWN // 2 :]]
    shown = [
        _shown(one, result, board, camera, pictures[one.station.name])
        for one in chosen
        if one.station.name in pictures
    ]
    angles = Rotation.from_matrix(result.eye[:3, :3]).as_euler("xyz", degrees=True)
    values = (*(result.eye[:3, 3] * 1000), *angles)
    halves = (*(result.half_widths[3:] * 1000), *np.degrees(result.half_widths[:3]))
    names = ("x [mm]", "y [mm]", "z [mm]", "roll [°]", "pitch [°]", "yaw [°]")
    return (
        Section(
            "Where the board is, and where the calibration expects it",
            png(board_views(shown)) if shown else b"",
            note="Axes: the board as the calibration expects it from the arm's pose alone. Blue points: "
            "the corners that the camera saw. Where all is well the axes grow out of the board's corner. "
            "The other axes, where in view, are the arm's base or hand. Worst poses first.",
        ),
        Section(
            "Error on poses that were left out of the fit",
            png(station_figure(result, limits.way, limits.turn)),
            note="Each fifth pose was left out in turn and predicted from the others. The error holds that "
            "of the arm, which the transform itself does not have.",
        ),
        Section(
            "Five solvers around the refined transform",
            png(solver_figure(result)),
            columns=("solver", "away [mm]", "turned [°]"),
            rows=tuple(Row((one.name, f"{one.way * 1000:.2f}", f"{one.turn:.3f}")) for one in result.solvers),
            note="Grey: the 95 % interval. Solvers that lie far apart are a sign of too little turning.",
        ),
        Section(
            f"{child} in {parent}",
            columns=("", "value", "95 % interval"),
            rows=tuple(
                Row((name, f"{value:.3f}", f"± {half:.3f}"))
                for name, value, half in zip(names, values, halves, strict=True)
            ),
            note=f"Intervals of angles are of turns about the axes of {parent}.",
        ),
        Section(
            "All poses",
            columns=("image", "error [mm]", "error [°]", "fault"),
            rows=tuple(
                Row(
                    (one.station.name, f"{one.way * 1000:.2f}", f"{one.turn:.2f}", one.fault),
                    "bad" if one.fault else "",
                )
                for one in ordered
            ),
        ),
    )


def _shown(
    one: JudgedStation,
    result: HandEyeCalibration,
    board: Board,
    camera: CameraModel,
    image: NDArray[np.uint8],
) -> ShownView:
    # The arm's base for a camera beside the arm, the hand for one in it.
    other = inverse(result.eye)
    frames = [_axes(pose, 1.5 * board.square, camera) for pose in (one.expected, other)]
    seen = one.station.board.pose
    points = project(camera, board.points @ seen[:3, :3].T + seen[:3, 3])
    points = points[np.isfinite(points).all(axis=1)]
    drawn = [axes for axes in frames if np.isfinite(axes).all()]
    caption = f"{one.station.name} · {one.way * 1000:.1f} mm {one.turn:.2f}°"
    axes = np.stack(drawn) if drawn else np.zeros((0, 4, 2))
    return ShownView(image, points, np.zeros((0, 2)), caption, axes, bool(one.fault))


def _axes(pose: NDArray[np.float64], length: float, camera: CameraModel) -> NDArray[np.float64]:
    ends = np.array([(0, 0, 0), (length, 0, 0), (0, length, 0), (0, 0, length)], float)
    return project(camera, ends @ pose[:3, :3].T + pose[:3, 3])
