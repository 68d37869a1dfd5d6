"""`cairn episodes merge`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cairn.cli.episode_tables import AsJson, NewBag


def command(
    bags: Annotated[list[Path], typer.Argument(help="Bags to put together, two at least.")],
    output: NewBag,
    as_json: AsJson = False,
) -> None:
    """Copy the messages of several bags by log time into a new bag.

    Topics of one name must agree in their type.  Episodes and attachments whose names clash get a number;
    pieces that were cut out of one bag become that bag again.

        cairn episodes merge bags/monday bags/tuesday --output bags/both
    """
    from cairn.cli.episode_progress import progress_bar
    from cairn.episodes.merging import merge

    with progress_bar("merging") as report:
        result = merge(bags, output, report)
    if as_json:
        typer.echo(json.dumps({**asdict(result), "bag": str(result.bag)}))
        return
    typer.echo(f"{result.bag}: {result.messages} messages, episodes {', '.join(result.episodes)}")
    for kind, renamed in (("episode", result.episodes_renamed), ("attachment", result.attachments_renamed)):
        for change in renamed:
            typer.echo(f"{kind} {change.old} of {change.bag} is called {change.new} now: the name was taken")
    for one, other in result.overlapping:
        typer.echo(f"{one} and {other} were recorded at the same time: their messages are interleaved")
    if result.repeats_left_out:
        typer.echo(f"{result.repeats_left_out} latched messages that were only repeated were left out")
