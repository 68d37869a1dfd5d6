"""How the sub-commands of `cairn episodes` write things down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cairn.episodes.bag_overview import BagOverview
from cairn.episodes.episode import Episode

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Bag = Annotated[Path, typer.Argument(help="A bag's directory.")]
NewBag = Annotated[Path, typer.Option("--output", "-o", help="The new bag's directory.")]

EPISODE_COLUMNS = ("episode", "task", "verdict", "outcome", "duration", "inter-\nventions")
_ONE_WORD = ("state", "episode", "verdict", "outcome")
_LEAST_WIDTH = {"task": 12}


def simple_table(*headers: str, figures: int) -> Table:
    """A table whose last columns are `figures`, and whose names are wrapped rather than cut."""
    table = Table(box=SIMPLE_HEAD)
    for place, header in enumerate(headers):
        last = place >= len(headers) - figures
        whole = last or header in _ONE_WORD
        table.add_column(
            header,
            justify="right" if last else "left",
            no_wrap=whole,
            overflow="fold",
            min_width=_LEAST_WIDTH.get(header),
        )
    return table


def episode_row(episode: Episode) -> tuple[str, ...]:
    """Cells for `EPISODE_COLUMNS`."""
    return (
        episode.name,
        episode.task or "-",
        episode.verdict.value,
        episode.outcome.value,
        f"{(episode.end - episode.start) * 1e-9:.1f} s" if episode.end else "under way",
        str(len(episode.interventions)),
    )


def plain_overview(overview: BagOverview) -> dict[str, Any]:
    """For JSON."""
    return {**asdict(overview), "bag": str(overview.bag)}


def plain_episodes(episodes: Iterable[Episode]) -> list[dict[str, Any]]:
    """For JSON; times in [ns]."""
    return [
        {**asdict(episode), "verdict": episode.verdict.value, "outcome": episode.outcome.value}
        for episode in episodes
    ]


def moment(nanoseconds: int) -> str:
    """A log time in words; times near zero are simulated ones."""
    seconds = nanoseconds * 1e-9
    if seconds < 1e8:
        return f"t = {seconds:.1f} s"
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
