"""`cairn calibrate intrinsics`: a camera's lens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cairn.cli.calibrate_board import DEFAULT_BOARD, BoardOption
from cairn.cli.calibration_end import tell
from cairn.cli.episode_progress import progress_bar

if TYPE_CHECKING:
    from cairn.calibration.intrinsics.intrinsic_calibration import IntrinsicCalibration


def command(
    images: Annotated[Path, typer.Argument(help="A folder of images of the board, or a bag.")],
    camera: Annotated[str, typer.Option(help="Serial number or name: drivers find it by this.")],
    board: BoardOption = DEFAULT_BOARD,
    topic: Annotated[str, typer.Option(help="Of a bag's images, where it has several.")] = "",
    lens: Annotated[
        str,
        typer.Option(help="auto (by error on held-out views), plumb_bob, rational_polynomial, equidistant."),
    ] = "auto",
    output: Annotated[
        Path | None, typer.Option(help="File to write; where drivers look for it, if absent.")
    ] = None,
    report: Annotated[Path, typer.Option(help="HTML page to write.")] = Path("intrinsics.html"),
    held_out_limit: Annotated[
        float, typer.Option(min=0.01, help="Greatest error on held-out views, in pixels.")
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Fit the lens of a camera to images of a board, and say how sure every number is.

    A calibration beyond a limit is refused and not saved (exit 1); the report is written all the same.

        cairn calibrate intrinsics photos/ --camera front

        cairn calibrate intrinsics bags/board --camera 838212070352 --topic /sensors/camera/image
    """
    from cairn.calibration.board.board import Board
    from cairn.calibration.board.detector import BoardDetector
    from cairn.calibration.image_source import images_in
    from cairn.calibration.intrinsics.calibrate import calibrate_intrinsics
    from cairn.calibration.intrinsics.lens_family import families_of
    from cairn.calibration.intrinsics.limits import IntrinsicLimits
    from cairn.calibration.intrinsics.saving import details, save_intrinsics
    from cairn.calibration.intrinsics.view_reading import read_views
    from cairn.evaluation.calibration.intrinsics_page import intrinsics_page
    from cairn.hardware.calibration_folder import camera_file

    chosen, families = Board.parse(board), families_of(lens)
    target = output or camera_file(camera)
    keep_all = images.is_dir() and not any(images.glob("*.mcap"))
    with progress_bar("looking for the board"):
        found = read_views(images_in(images, topic), BoardDetector(chosen), keep_all=keep_all)
    with progress_bar("fitting lenses") as shown:
        result = calibrate_intrinsics(found.views, IntrinsicLimits(held_out=held_out_limit), families, shown)
    intrinsics_page(camera, result, chosen, found.pictures, found.unused).write(report)
    if not result.problems:
        save_intrinsics(target, camera, chosen, result)
    content = details(chosen, result) | {
        "missing": result.coverage.missing(),
        "camera": {name: one.value for name, one in result.intervals.items()},
    }
    tell(_lines(result), content, result.problems, report, target, as_json)


def _lines(result: IntrinsicCalibration) -> Iterator[str]:
    used = len(result.views) - len(result.outliers)
    yield f"{result.label}, {used} of {len(result.views)} views"
    yield f"error: {result.rms:.3f} pixels, on held-out views {result.held_out:.3f}"
    for name in ("fx", "fy", "cx", "cy"):
        yield f"  {name} {result.intervals[name].value:9.2f} ± {result.intervals[name].half_width:.2f}"
    for view in result.outliers:
        yield f"left out {view.view.name}: {view.fault}"
    for wish in result.coverage.missing():
        yield f"to be surer: {wish}"
