"""`cairn episodes list`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal

from cairn.cli.episode_tables import (
    EPISODE_COLUMNS,
    AsJson,
    episode_row,
    moment,
    plain_episodes,
    plain_overview,
    simple_table,
)
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_overview import BagOverview, find_bags
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import Episode, Outcome, Verdict
from cairn.episodes.episode_index import read_episodes


def command(
    directory: Annotated[Path, typer.Argument(help="Where to look, subdirectories included.")] = Path("bags"),
    kept: Annotated[bool, typer.Option("--kept", help="Only episodes that were kept.")] = False,
    discarded: Annotated[
        bool, typer.Option("--discarded", help="Only episodes that were discarded; with --kept, both.")
    ] = False,
    task: Annotated[
        str, typer.Option(help="Only episodes whose task contains this, upper or lower case.")
    ] = "",
    outcome: Annotated[
        Outcome | None, typer.Option(help="Only episodes that came out so.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the bags in a directory and their episodes.

    Says of a bag when it was recorded, how long and large it is, and whether it is complete; of an episode
    its task, what its operator made of it and how often a person took over.  With a filter, only bags that
    hold such an episode are listed.

        cairn episodes list bags

        cairn episodes list bags --kept --task shed --outcome success --json
    """
    verdicts = {Verdict.KEPT: kept, Verdict.DISCARDED: discarded}
    wanted = {verdict for verdict, asked in verdicts.items() if asked} or set(Verdict)
    is_filtered = bool(kept or discarded or task or outcome)

    def matches(episode: Episode) -> bool:
        return (
            episode.verdict in wanted
            and task.casefold() in episode.task.casefold()
            and outcome in (None, episode.outcome)
        )

    found: list[tuple[BagOverview, list[Episode], str]] = []
    for bag in find_bags(directory):
        episodes, problem = _episodes(bag.bag)
        chosen = [episode for episode in episodes if matches(episode)]
        if chosen or not is_filtered:
            found.append((bag, chosen, problem))
    if as_json:
        entries = [
            {**plain_overview(bag), "episodes": plain_episodes(episodes)}
            | ({"problem": problem} if problem else {})
            for bag, episodes, problem in found
        ]
        typer.echo(json.dumps(entries))
        return
    _print(directory, found)


def _episodes(bag: Path) -> tuple[tuple[Episode, ...], str]:
    """The episodes of a bag, and why they can't be told; one damaged bag doesn't hide the others."""
    try:
        return read_episodes(BagReader(bag)), ""
    except BagError as error:
        return (), str(error)


def _print(directory: Path, found: list[tuple[BagOverview, list[Episode], str]]) -> None:
    console = Console()
    bags = simple_table("bag", "state", "start", "duration", "messages", "lost", "size", figures=4)
    episodes = simple_table("bag", *EPISODE_COLUMNS, figures=2)
    for bag, chosen, _ in found:
        name = str(bag.bag.relative_to(directory))
        bags.add_row(
            name,
            bag.state,
            moment(bag.start),
            f"{bag.duration:.1f} s",
            str(bag.messages),
            "?" if bag.lost is None else str(bag.lost),
            decimal(bag.size),
        )
        for place, episode in enumerate(chosen):
            episodes.add_row("" if place else name, *episode_row(episode))
    console.print(bags)
    if episodes.row_count:
        console.print(episodes)
    for bag, _, problem in found:
        if problem:
            console.print(f"{bag.bag}: {problem}", highlight=False, markup=False)
