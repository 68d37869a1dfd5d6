"""`cairn episodes recover`."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from cairn.cli.episode_tables import AsJson, Bag
from cairn.episodes.recovery import recover


def command(bag: Bag, as_json: AsJson = False) -> None:
    """Repair a bag whose recorder was killed: give its files their index, and write metadata.yaml anew.

    Whole records are never changed.  Example: `cairn episodes recover bags/2026-05-04_15-30-00`
    """
    result = recover(bag)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    elif not result.repaired:
        typer.echo(f"{bag} is complete: {result.messages} messages")
    else:
        typer.echo(
            f"{bag}: repaired {', '.join(result.repaired)}; {result.messages} messages, "
            f"{result.bytes_cut} torn bytes cut off, {result.damaged_chunks} damaged chunks left out"
        )
