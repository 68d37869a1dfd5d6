"""`cairn calibrate`: how a robot's cameras see, where they are, and how sure that is."""

from __future__ import annotations

import typer

from cairn.cli import (
    calibrate_board,
    calibrate_check,
    calibrate_hand_eye,
    calibrate_intrinsics,
    calibrate_mounting,
    calibrate_time,
)

app = typer.Typer(
    help="Calibrate cameras: lens, mounting, hand-eye, time; each with its error.",
    no_args_is_help=True,
)
app.command("board")(calibrate_board.command)
app.command("intrinsics")(calibrate_intrinsics.command)
app.command("hand-eye")(calibrate_hand_eye.command)
app.command("mounting")(calibrate_mounting.command)
app.command("time")(calibrate_time.command)
app.command("check")(calibrate_check.command)
