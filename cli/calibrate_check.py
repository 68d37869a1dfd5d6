"""`cairn calibrate check`: is a stored calibration still true?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cairn.cli.calibrate_board import DEFAULT_BOARD, BoardOption
from cairn.cli.calibrated_camera import intrinsics_of
from cairn.cli.calibration_end import REFUSED_EXIT
from cairn.cli.episode_progress import progress_bar


def command(
    images: Annotated[Path, typer.Argument(help="A folder of new images of the board, or a bag.")],
    camera: Annotated[str, typer.Option(help="Serial number or name of the calibrated camera.")],
    board: BoardOption = DEFAULT_BOARD,
    topic: Annotated[str, typer.Option(help="Of a bag's images, where it has several.")] = "",
    intrinsics: Annotated[
        Path | None, typer.Option(help="The camera's calibration; the one kept by its name, if absent.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compare a stored lens with new images of a board; five that differ are enough.

    Exits 1 when the calibration is no longer true.

        cairn calibrate check photos/ --camera front
    """
    from cairn.calibration.board.board import Board
    from cairn.calibration.board.detector import BoardDetector
    from cairn.calibration.image_source import images_in
    from cairn.calibration.intrinsics.check import check_intrinsics
    from cairn.calibration.intrinsics.saving import told_error
    from cairn.calibration.intrinsics.view_reading import read_views
    from cairn.hardware.camera_calibration import load_camera_model

    known = intrinsics_of(camera, intrinsics)
    model = load_camera_model(known)
    with progress_bar("looking for the board"):
        found = read_views(images_in(images, topic), BoardDetector(Board.parse(board)), keep_all=False)
    result = check_intrinsics(model, [view.detection for view in found.views], told_error(known))
    change = result.focal_change
    if as_json:
        content = {
            "views": result.views,
            "rms_pixels": result.rms,
            "told_pixels": result.told,
            "focal_change": change.value,
            "focal_change_half_width": change.half_width,
            "problems": list(result.problems),
        }
        typer.echo(json.dumps(content, indent=2))
    else:
        told = "" if result.told is None else f", {result.told:.2f} when it was calibrated"
        typer.echo(f"{result.views} views: points are off by {result.rms:.2f} pixels{told}")
        typer.echo(f"focal length: {change.value:+.2%} ± {change.half_width:.2%}")
        for problem in result.problems:
            typer.echo(f"no longer true: {problem}")
        if not result.problems:
            typer.echo("still true")
    if result.problems:
        raise typer.Exit(REFUSED_EXIT)
