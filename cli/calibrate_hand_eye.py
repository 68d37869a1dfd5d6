"""`cairn calibrate hand-eye`: a camera on an arm, or beside it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cairn.cli.calibrate_board import DEFAULT_BOARD, BoardOption
from cairn.cli.calibrated_camera import intrinsics_of
from cairn.cli.calibration_end import tell
from cairn.cli.episode_progress import progress_bar

if TYPE_CHECKING:
    from cairn.calibration.hand_eye.hand_eye_calibration import HandEyeCalibration


class Mount(str, Enum):
    """Where the camera is."""

    IN_HAND = "in-hand"
    TO_HAND = "to-hand"


def command(
    images: Annotated[Path, typer.Argument(help="A folder of images with poses.csv, or a bag.")],
    camera: Annotated[str, typer.Option(help="Serial number or name of the calibrated camera.")],
    mount: Annotated[Mount, typer.Option(help="Camera in the hand, or beside the arm looking at the hand.")],
    board: BoardOption = DEFAULT_BOARD,
    topic: Annotated[str, typer.Option(help="Of a bag's images, where it has several.")] = "",
    intrinsics: Annotated[
        Path | None, typer.Option(help="The camera's calibration; the one kept by its name, if absent.")
    ] = None,
    parent: Annotated[str, typer.Option(help="Frame of the camera's pose, if not the usual one.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="File to write; beside the camera's intrinsics, if absent.")
    ] = None,
    report: Annotated[Path, typer.Option(help="HTML page to write.")] = Path("hand-eye.html"),
    limit_mm: Annotated[float, typer.Option(min=0.1, help="Greatest error on held-out poses, in mm.")] = 5.0,
    limit_deg: Annotated[
        float, typer.Option(min=0.01, help="Greatest error on held-out poses, in degrees.")
    ] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Find where a camera is from poses of the arm and pictures of a board.

    With the camera in the hand the board lies still; with the camera beside the arm the hand holds the board.
    A folder needs poses.csv with image, x, y, z, qx, qy, qz, qw of the hand in the arm's base; of a bag, the
    images in which a WidowX 250s stood still are taken.  Refused (exit 1, nothing saved) are fewer than 15
    poses, less than 30° of turning about two axes, and errors beyond the limits.

        cairn calibrate hand-eye shots/ --camera wrist --mount in-hand

        cairn calibrate hand-eye bags/board --camera side --mount to-hand --limit-mm 3
    """
    from cairn.calibration.board.board import Board
    from cairn.calibration.board.detector import BoardDetector
    from cairn.calibration.hand_eye.calibrate import calibrate_hand_eye
    from cairn.calibration.hand_eye.limits import HandEyeLimits
    from cairn.calibration.hand_eye.saving import details, save_hand_eye
    from cairn.calibration.hand_eye.station_reading import stations_in_bag, stations_in_folder
    from cairn.calibration.intrinsics.saving import lens_covariance
    from cairn.evaluation.calibration.hand_eye_page import hand_eye_page
    from cairn.hardware.calibration_folder import transform_file
    from cairn.hardware.camera_calibration import load_camera_model

    chosen = Board.parse(board)
    known = intrinsics_of(camera, intrinsics)
    model = load_camera_model(known)
    limits = HandEyeLimits(way=limit_mm / 1000, turn=limit_deg)
    in_hand = mount is Mount.IN_HAND
    with progress_bar("looking for the board"):
        if images.is_dir() and not any(images.glob("*.mcap")):
            found = stations_in_folder(images, BoardDetector(chosen), model)
        else:
            from cairn.hardware.arm.kinematics import ArmKinematics
            from cairn.hardware.arm.widowx_250s import HAND, urdf, widowx_250s

            arm = widowx_250s()
            forward = ArmKinematics(arm, urdf(), HAND).pose
            found = stations_in_bag(images, BoardDetector(chosen), model, topic, arm.joint_names, forward)
    result = calibrate_hand_eye(found.stations, in_hand, limits, lens_covariance(known, model))
    outer = parent or ("ee_gripper_link" if in_hand else "base_link")
    child = f"{camera}_optical"
    page = hand_eye_page(outer, child, result, limits, chosen, model, found.pictures, found.unused)
    page.write(report)
    target = output or transform_file(camera)
    if not result.problems:
        save_hand_eye(target, outer, child, result)
    content = details(result) | {"pose": result.eye.tolist()}
    tell(_lines(result), content, result.problems, report, target, as_json)


def _lines(result: HandEyeCalibration) -> Iterator[str]:
    used = len(result.stations) - len(result.outliers)
    yield f"{used} of {len(result.stations)} poses"
    yield f"error: below {result.way * 1000:.2f} mm and {result.turn:.2f}° in 95 of 100 cases"
    yield f"held-out poses: {result.held_out_way * 1000:.2f} mm, {result.held_out_turn:.2f}°"
    for solver in result.solvers:
        yield f"  {solver.name:<16} {solver.way * 1000:5.2f} mm {solver.turn:5.2f}° away"
    for one in result.outliers:
        yield f"left out {one.station.name}: {one.fault}"
