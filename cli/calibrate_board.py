"""`cairn calibrate board`: a pattern to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BoardOption = Annotated[
    str,
    typer.Option(
        help="charuco:COLUMNSxROWS:SQUARE:MARKER[:DICTIONARY], chessboard:COLUMNSxROWS:SQUARE or "
        "aprilgrid:COLUMNSxROWS:TAG:GAP; squares are counted, lengths are in metres."
    ),
]
DEFAULT_BOARD = "charuco:9x6:0.03:0.022"
_MARGIN = 0.01  # [m]


def command(
    output: Annotated[Path, typer.Argument(help="A .png or .pdf file.")],
    board: BoardOption = DEFAULT_BOARD,
    dots_per_inch: Annotated[int, typer.Option(min=72, max=1200, help="Resolution of the print.")] = 300,
) -> None:
    """Draw a board at its true size, to be printed without scaling and glued to something flat.

    Measure the squares of the print: a printer that shrinks by 3 % makes every distance 3 % wrong.

        cairn calibrate board board.pdf

        cairn calibrate board a3.pdf --board charuco:14x9:0.028:0.021
    """
    from PIL import Image

    from cairn.calibration.board.board import Board
    from cairn.hardware.errors import CairnError

    chosen = Board.parse(board)
    if output.suffix.lower() not in (".png", ".pdf"):
        raise CairnError(f"expected a .png or .pdf file, got {output}")
    picture = Image.fromarray(chosen.draw(dots_per_inch / 0.0254, _MARGIN))
    try:
        picture.save(output, resolution=dots_per_inch, dpi=(dots_per_inch, dots_per_inch))
    except OSError as error:
        raise CairnError(f"{output} can't be written: {error}") from error
    width, height = (side * 1000 for side in chosen.size)
    typer.echo(f"{output}: {chosen}, {width:.0f} x {height:.0f} mm without its margin")
