"""`cairn episodes show`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

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
from cairn.episodes.record_names import PROVENANCE_RECORD, SUMMARY_RECORD


def command(
    bag: Bag,
    episode: Annotated[str, typer.Option(help="Draw this episode only.")] = "",
    camera: Annotated[
        str, typer.Option(help="Topic of the images to draw; by default a colour camera's.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Directory for pictures and a page of the recording."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in a bag: topics with rates and losses, episodes, where it comes from, attached files.

    With --output it also draws the recording: images along the drive, the path with what happened on it, and
    when each topic spoke, as PNG files and as one HTML page that needs nothing else.  A bag that was cut is
    shown up to the cut.

        cairn episodes show bags/monday

        cairn episodes show bags/monday --episode 003 --output monday-003
    """
    if output is None and (episode or camera):
        raise typer.BadParameter("--episode and --camera say what to draw: give --output DIRECTORY too")
    overview, reader = describe_bag(bag), BagReader(bag)
    written = [] if output is None else _draw(bag, output, episode, camera)
    entries = {**reader.metadata.get(PROVENANCE_RECORD, {}), **reader.metadata.get(SUMMARY_RECORD, {})}
    topics = _topics(reader, entries)
    attachments = {attachment.name: len(attachment.data) for attachment in reader.attachments}
    if as_json:
        report = {
            **plain_overview(overview),
            "topics": topics,
            "episodes": plain_episodes(read_episodes(reader)),
            "metadata": entries,
            "attachments": attachments,
            "written": [str(path) for path in written],
        }
        typer.echo(json.dumps(report))
        return
    _print(overview, reader, topics, entries, attachments)
    for path in written:
        typer.echo(f"written: {path}")


def _draw(bag: Path, output: Path, episode: str, camera: str) -> list[Path]:
    from cairn.cli.episode_progress import progress_bar
    from cairn.evaluation.recording.recording_page import write_recording
    from cairn.evaluation.recording.recording_reader import read_recording

    with progress_bar("reading") as report:
        recording = read_recording(bag, episode, camera, report)
    return write_recording(recording, output)


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
    episodes = simple_table(*EPISODE_COLUMNS, "from", figures=3)
    for episode in read_episodes(reader):
        episodes.add_row(*episode_row(episode), f"{(episode.start - start) * 1e-9:.1f} s")
    console.print(episodes)
    facts = Table.grid(padding=(0, 2))
    for key, value in entries.items():
        facts.add_row(key.removeprefix("cairn."), value or "-")
    for name, size in attachments.items():
        facts.add_row("attached", f"{name} ({decimal(size)})")
    console.print(facts)
    if overview.state == "recording":
        console.print("it is still being recorded: shown is what has reached the disk")
    elif not reader.complete:
        console.print(f"restore its index with: cairn episodes recover {overview.bag}", highlight=False)
