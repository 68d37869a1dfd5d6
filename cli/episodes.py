"""`cairn episodes`: what was recorded, and bags whose recorder could not close them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from cairn.episodes.bag_overview import BagOverview, describe_bag, find_bags
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.recovery import recover as recover_bag

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Bag = Annotated[Path, typer.Argument(help="A bag's directory.")]

app = typer.Typer(help="List, show and recover recordings.", no_args_is_help=True)


@app.command("list")
def list_bags(
    directory: Annotated[Path, typer.Argument(help="Where to look, subdirectories included.")] = Path("bags"),
    as_json: AsJson = False,
) -> None:
    """List the bags in a directory: when, how long, how much, and whether they are complete.

    Example: `cairn episodes list bags`
    """
    bags = find_bags(directory)
    if as_json:
        typer.echo(json.dumps([_plain(bag) for bag in bags]))
        return
    table = _table("bag", "state", "start", "duration", "messages", "lost", "size", figures=4)
    for bag in bags:
        table.add_row(
            str(bag.bag.relative_to(directory)),
            bag.state,
            _moment(bag.start),
            f"{bag.duration:.1f} s",
            str(bag.messages),
            "?" if bag.lost is None else str(bag.lost),
            decimal(bag.size),
        )
    Console().print(table)


@app.command()
def show(bag: Bag, as_json: AsJson = False) -> None:
    """Show what is in a bag: topics with their rates and losses, where it comes from, attached files.

    A cut bag is shown up to the cut.  Example: `cairn episodes show bags/2026-05-04_15-30-00`
    """
    overview, reader = describe_bag(bag), BagReader(bag)
    start, end = reader.time_range
    seconds = (end - start) * 1e-9
    entries = {**reader.metadata.get("cairn/provenance", {}), **reader.metadata.get("cairn/summary", {})}
    topics = [
        {
            "name": name,
            "type": topic.type,
            "messages": count,
            "rate": round((count - 1) / seconds, 2) if count > 1 and seconds > 0.0 else None,
            "longest_gap": entries.pop(f"cairn.longest_gap.{name}", None),
            "lost": entries.pop(f"cairn.lost.{name}", None),
        }
        for name, (topic, count) in sorted(reader.topics.items())
    ]
    attachments = {attachment.name: len(attachment.data) for attachment in reader.attachments}
    if as_json:
        report = {**_plain(overview), "topics": topics, "metadata": entries, "attachments": attachments}
        typer.echo(json.dumps(report))
        return
    console = Console()
    console.print(
        f"{bag}: {overview.state}, {_moment(start)}, {seconds:.1f} s, {decimal(overview.size)}",
        highlight=False,
    )
    table = _table("topic", "type", "messages", "rate [Hz]", "longest gap", "lost", figures=4)
    for topic in topics:
        table.add_row(*("" if value is None else str(value) for value in topic.values()))
    console.print(table)
    facts = Table.grid(padding=(0, 2))
    for key, value in entries.items():
        facts.add_row(key.removeprefix("cairn."), value or "-")
    for name, size in attachments.items():
        facts.add_row("attached", f"{name} ({decimal(size)})")
    console.print(facts)
    if not reader.complete:
        console.print(f"restore its index with: cairn episodes recover {bag}", highlight=False)


@app.command()
def recover(bag: Bag, as_json: AsJson = False) -> None:
    """Repair a bag whose recorder was killed: give its files their index, and write metadata.yaml anew.

    Whole records are never changed.  Example: `cairn episodes recover bags/2026-05-04_15-30-00`
    """
    result = recover_bag(bag)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    elif not result.repaired:
        typer.echo(f"{bag} is complete: {result.messages} messages")
    else:
        typer.echo(
            f"{bag}: repaired {', '.join(result.repaired)}; {result.messages} messages, "
            f"{result.bytes_cut} torn bytes cut off, {result.damaged_chunks} damaged chunks left out"
        )


def _table(*headers: str, figures: int) -> Table:
    """A table whose last columns are `figures`, and whose names are wrapped rather than cut."""
    table = Table(box=SIMPLE_HEAD)
    for place, header in enumerate(headers):
        last = place >= len(headers) - figures
        table.add_column(header, justify="right" if last else "left", no_wrap=last, overflow="fold")
    return table


def _plain(overview: BagOverview) -> dict[str, Any]:
    return {**asdict(overview), "bag": str(overview.bag)}


def _moment(nanoseconds: int) -> str:
    """A log time in words; times near zero are simulated ones."""
    seconds = nanoseconds * 1e-9
    if seconds < 1e8:
        return f"t = {seconds:.1f} s"
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
