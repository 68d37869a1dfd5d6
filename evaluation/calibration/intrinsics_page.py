"""The report on a camera's intrinsics."""

from __future__ import annotations

from collections.abc import Mapping
from math import degrees, isfinite

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board import Board
from cairn.calibration.intrinsics.intrinsic_calibration import IntrinsicCalibration, JudgedView
from cairn.evaluation.calibration.calibration_page import CalibrationPage, Row, Section
from cairn.evaluation.figures.board_views import ShownView, board_views
from cairn.evaluation.figures.lens_figures import coverage_figure, residual_figure
from cairn.evaluation.figures.png import png
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project, rays

_SHOWN = 12


def intrinsics_page(
    name: str,
    result: IntrinsicCalibration,
    board: Board,
    pictures: Mapping[str, NDArray[np.uint8]],
    unused: Mapping[str, str],
) -> CalibrationPage:
    """The page; `pictures` are the views' images by name, `unused` says why images were not used."""
    camera = result.camera
    used = [view for view in result.views if not view.fault]
    pixels = np.concatenate([view.view.detection.pixels for view in used])
    residuals = np.concatenate([view.residuals for view in used])
    across, diagonal = field_of_view(camera)
    intervals = result.intervals
    missing = result.coverage.missing()
    return CalibrationPage(
        title=f"Intrinsics of {name}",
        verdict="refused" if result.problems else "good",
        problems=result.problems,
        figures={
            "focal length fx [pixels]": _pm(intervals["fx"].value, intervals["fx"].half_width),
            "error on held-out views [pixels]": f"{result.held_out:.3f}",
            "field of view, across · corner to corner": _views(across, diagonal),
            "views used": f"{len(used)} of {len(result.views)}",
        },
        details={
            "lens": result.label,
            "image": f"{camera.width} x {camera.height}",
            "board": str(board),
            "still missing": "; ".join(missing) or "nothing",
            "images without use": f"{len(unused)}" if unused else "none",
        },
        sections=_sections(result, board, pictures, pixels, residuals),
    )


def field_of_view(camera: CameraModel) -> tuple[float, float]:
    """Degrees from the left to the right edge through the middle, and from corner to corner."""
    right, low = camera.width - 1, camera.height - 1
    ends = rays(camera, [(0, camera.cy), (right, camera.cy), (0, 0), (right, low)])
    return _between(ends[0], ends[1]), _between(ends[2], ends[3])


def _between(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    # Beyond 180° the angle between two rays would come out as what is left of 360°.
    return degrees(sum(np.arccos(np.clip(ray[2], -1, 1)) for ray in (one, other)))


def _sections(
    result: IntrinsicCalibration,
    board: Board,
    pictures: Mapping[str, NDArray[np.uint8]],
    pixels: NDArray[np.float64],
    residuals: NDArray[np.float64],
) -> tuple[Section, ...]:
    camera = result.camera
    rows = tuple(
        Row((name, f"{one.value:.6g}", f"± {one.half_width:.2g}")) for name, one in result.intervals.items()
    )
    lenses = tuple(
        Row(
            (one.label, f"{one.rms:.3f}", f"{one.held_out:.3f}"),
            "chosen" if one.label == result.label else "",
        )
        for one in result.candidates
    )
    worst_first = sorted(result.views, key=lambda view: (not view.fault, -np.nan_to_num(view.rms)))
    views = tuple(
        Row(
            (
                view.view.name,
                f"{len(view.view.detection)}",
                f"{view.view.detection.blur:.1f}",
                "" if view.fault else f"{view.rms:.3f}",
                view.fault,
            ),
            "bad" if view.fault else "",
        )
        for view in worst_first
    )
    half = len(worst_first) - _SHOWN // 2
    chosen = worst_first if len(worst_first) <= _SHOWN else [*worst_first[: _SHOWN // 2], *worst_first[half:]]
    shown = [
        _shown(view, board, camera, pictures[view.view.name]) for view in chosen if view.view.name in pictures
    ]
    drawn = Section(
        "Views: the worst, then the best",
        png(board_views(shown)) if shown else b"",
        note="Blue: points found. Orange: how far each is from where the lens has it, forty times as long. "
        "The board's frame: red x, green y, blue z.",
    )
    return (
        Section(
            "Where the board was seen",
            png(coverage_figure(result.coverage.cells, pixels, camera)),
            note="Hatched: no point was found there, so the lens is guessed there. Dotted: angles off the "
            "optical axis.",
        ),
        Section(
            "What is left when the lens is taken out",
            png(residual_figure(pixels, residuals, camera)),
            note="A lens that fits leaves a round cloud and a flat line.",
        ),
        drawn,
        Section(
            "Numbers with 95 % intervals",
            columns=("", "value", "interval"),
            rows=rows,
            note="Pixel centres are whole numbers, as in OpenCV and camera_calibration. Intervals let points "
            "of one view share their errors, and are Student's.",
        ),
        Section(
            "Lenses tried",
            columns=("lens", "error on fitted views [pixels]", "on held-out views [pixels]"),
            rows=lenses,
            note="A lens with more coefficients is taken only where it predicts held-out views better.",
        ),
        Section(
            "All views", columns=("image", "points", "edge [pixels]", "error [pixels]", "fault"), rows=views
        ),
    )


def _shown(view: JudgedView, board: Board, camera: CameraModel, image: NDArray[np.uint8]) -> ShownView:
    axes = np.zeros((0, 4, 2))
    if not view.fault:
        length = 1.5 * board.square
        ends = np.array([(0, 0, 0), (length, 0, 0), (0, length, 0), (0, 0, -length)], float)
        found = project(camera, ends @ view.pose[:3, :3].T + view.pose[:3, 3])
        if np.isfinite(found).all():
            axes = found[None]
    detail = view.fault.split(":")[0] if view.fault else f"{view.rms:.2f} px"
    caption = f"{view.view.name} · {'left out' if view.fault else detail}"
    return ShownView(image, view.view.detection.pixels, view.residuals, caption, axes, bool(view.fault))


def _views(across: float, diagonal: float) -> str:
    # The corners of a fisheye's image may be out of its lens's reach.
    return " · ".join(
        f"{angle:.0f}°" if isfinite(angle) else "beyond the lens" for angle in (across, diagonal)
    )


def _pm(value: float, half: float) -> str:
    return f"{value:.1f} ± {half:.1f}"
