"""`cairn episodes cut`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cairn.cli.episode_tables import AsJson, Bag, NewBag


def command(
    bag: Bag,
    output: NewBag,
    episode: Annotated[str, typer.Option(help="Cut this episode out.")] = "",
    since: Annotated[
        float | None, typer.Option("--from", help="Seconds after the bag's first message.")
    ] = None,
    until: Annotated[
        float | None, typer.Option("--to", help="Seconds after it from which on nothing is wanted.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy an episode or a stretch of time into a new bag that needs nothing of the old one.

    The bytes of the messages are unchanged.  What holds from before the stretch (/tf_static, calibration and
    other latched topics) is repeated at its start; attachments, provenance and labels go with it.

        cairn episodes cut bags/monday --episode 003 --output bags/shed

        cairn episodes cut bags/monday --from 12.5 --to 60 --output bags/minute
    """
    from cairn.cli.episode_progress import progress_bar
    from cairn.episodes.cutting import Cut, cut, episode_stretch, seconds_stretch

    if bool(episode) == (since is not None or until is not None):
        raise typer.BadParameter("expected either --episode NAME, or --from and --to in seconds")
    with progress_bar("cutting") as report:
        result: Cut = cut(
            bag,
            output,
            lambda reader: (
                episode_stretch(reader, episode) if episode else seconds_stretch(reader, since, until)
            ),
            report,
        )
    if as_json:
        typer.echo(json.dumps({**asdict(result), "bag": str(result.bag)}))
        return
    latched = f" and {result.repeated} latched from before" if result.repeated else ""
    held = f"; episodes: {', '.join(result.episodes)}" if result.episodes else ""
    typer.echo(f"{result.bag}: {result.duration:.1f} s, {result.messages} messages{latched}{held}")
