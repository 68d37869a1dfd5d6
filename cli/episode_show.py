"""`cairn episodes show`."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from cairn.cli.episode_tables import (
    EPISODE_COLUMNS,
    AsJson,
    Bag,
    episode_row,
    moment,
    plain_episodes,
    plain_overview,
    simple_table,
)
from cairn.episodes.bag_overview import BagOverview, describe_bag
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode_index import read_episodes


def command(bag: Bag, as_json: AsJson = False) -> None:
    """Show what is in a bag: topics with rates and losses, episodes, where it comes from, attached files.

    A cut bag is shown up to the cut.  Example: `cairn episodes show bags/2026-05-04_15-30-00`
    """
    overview, reader = describe_bag(bag), BagReader(bag)
    entries = {**reader.metadata.get("cairn/provenance", {}), **reader.metadata.get("cairn/summary", {})}
    topics = _topics(reader, entries)
    attachments = {attachment.name: len(attachment.data) for attachment in reader.attachments}
    if as_json:
        report = {
            **plain_overview(overview),
            "topics": topics,
            "episodes": plain_episodes(read_episodes(reader)),
            "metadata": entries,
            "attachments": attachments,
        }
        typer.echo(json.dumps(report))
        return
    _print(overview, reader, topics, entries, attachments)


def _topics(reader: BagReader, entries: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of the table of topics; takes what concerns a topic out of `entries`."""
    start, end = reader.time_range
    seconds = (end - start) * 1e-9
    return [
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


def _print(
    overview: BagOverview,
    reader: BagReader,
    topics: list[dict[str, Any]],
    entries: dict[str, str],
    attachments: dict[str, int],
) -> None:
    console = Console()
    start, end = reader.time_range
    console.print(
        f"{overview.bag}: {overview.state}, {moment(start)}, {(end - start) * 1e-9:.1f} s, "
        f"{decimal(overview.size)}",
        highlight=False,
    )
    table = simple_table("topic", "type", "messages", "rate [Hz]", "longest gap", "lost", figures=4)
    for topic in topics:
        table.add_row(*("" if value is None else str(value) for value in topic.values()))
    console.print(table)
    episodes = simple_table(*EPISODE_COLUMNS, figures=3)
    for episode in read_episodes(reader):
        episodes.add_row(*episode_row(episode, start))
    console.print(episodes)
    facts = Table.grid(padding=(0, 2))
    for key, value in entries.items():
        facts.add_row(key.removeprefix("cairn."), value or "-")
    for name, size in attachments.items():
        facts.add_row("attached", f"{name} ({decimal(size)})")
    console.print(facts)
    if not reader.complete:
        console.print(f"restore its index with: cairn episodes recover {overview.bag}", highlight=False)
