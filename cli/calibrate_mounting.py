"""`cairn calibrate mounting`: where a base's camera is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cairn.cli.calibrate_board import DEFAULT_BOARD, BoardOption
from cairn.cli.calibrated_camera import intrinsics_of
from cairn.cli.calibration_end import tell
from cairn.cli.episode_progress import progress_bar


def command(
    images: Annotated[Path, typer.Argument(help="A folder of images with poses.csv: the board's places.")],
    camera: Annotated[str, typer.Option(help="Serial number or name of the calibrated camera.")],
    board: BoardOption = DEFAULT_BOARD,
    placing_mm: Annotated[
        float, typer.Option(min=0.1, help="How exactly places were measured, in mm.")
    ] = 3.0,
    placing_deg: Annotated[float, typer.Option(min=0.01, help="How exactly, in degrees.")] = 0.3,
    intrinsics: Annotated[
        Path | None, typer.Option(help="The camera's calibration; the one kept by its name, if absent.")
    ] = None,
    parent: Annotated[str, typer.Option(help="Frame in which the places were measured.")] = "base_link",
    output: Annotated[
        Path | None, typer.Option(help="File to write; beside the camera's intrinsics, if absent.")
    ] = None,
    report: Annotated[Path, typer.Option(help="HTML page to write.")] = Path("mounting.html"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Find height, pitch and roll of a camera from a board at places that were measured.

    poses.csv has image, x, y, z, qx, qy, qz, qw of the board in `base_link`: its origin is the upper left
    corner of the pattern, x runs right, y down and z into the board.  Six places or more are good.

        cairn calibrate mounting places/ --camera front --placing-mm 5
    """
    from cairn.calibration.board.board import Board
    from cairn.calibration.board.detector import BoardDetector
    from cairn.calibration.hand_eye.station_reading import stations_in_folder
    from cairn.calibration.intrinsics.saving import lens_covariance
    from cairn.calibration.mounting.from_board import PlacingError, mounting_from_board
    from cairn.calibration.mounting.saving import details, save_mounting
    from cairn.evaluation.calibration.mounting_page import mounting_page
    from cairn.hardware.calibration_folder import transform_file
    from cairn.hardware.camera_calibration import load_camera_model

    chosen, known = Board.parse(board), intrinsics_of(camera, intrinsics)
    model = load_camera_model(known)
    with progress_bar("looking for the board"):
        found = stations_in_folder(images, BoardDetector(chosen), model)
    placing = PlacingError(placing_mm / 1000, placing_deg)
    result = mounting_from_board(found.stations, placing, lens_covariance(known, model))
    child = f"{camera}_optical"
    mounting_page(parent, child, result, placing, chosen, model, found.pictures, found.unused).write(report)
    target = output or transform_file(camera)
    if not result.problems:
        save_mounting(target, parent, child, result)
    line = f"height {result.height} m, pitch {result.pitch}°, roll {result.roll}°"
    content = details(result) | {"pose": result.eye.tolist()}
    tell([line], content, result.problems, report, target, as_json)
