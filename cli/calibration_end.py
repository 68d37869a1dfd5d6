"""How every calibration ends: what is told, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

REFUSED_EXIT = 1


def tell(
    lines: Iterable[str],
    content: Mapping[str, Any],
    problems: Sequence[str],
    report: Path,
    target: Path | None,
    as_json: bool,
) -> None:
    """Print a result, and leave with `REFUSED_EXIT` where it has problems.

    Args:
        lines: for people.
        content: for scripts.
        target: where it was saved unless it has problems; None where nothing is ever saved.
    """
    if as_json:
        saved = {} if target is None else {"saved": None if problems else str(target)}
        typer.echo(json.dumps({**content, **saved, "problems": list(problems)}, indent=2))
    else:
        for line in lines:
            typer.echo(line)
        for problem in problems:
            typer.echo(f"refused: {problem}")
        typer.echo(f"report: {report}")
        if target is not None and not problems:
            typer.echo(f"saved: {target}")
    if problems:
        raise typer.Exit(REFUSED_EXIT)
