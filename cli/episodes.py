"""`cairn episodes`: what was recorded, and what can be done with it."""

from __future__ import annotations

import typer

from cairn.cli import (
    episode_bridge,
    episode_convert,
    episode_cut,
    episode_list,
    episode_merge,
    episode_recover,
    episode_show,
)

app = typer.Typer(
    help="List, show, cut, merge, convert and recover recordings.",
    no_args_is_help=True,
)
app.command("list")(episode_list.command)
app.command("show")(episode_show.command)
app.command("cut")(episode_cut.command)
app.command("merge")(episode_merge.command)
app.command("convert")(episode_convert.command)
app.command("recover")(episode_recover.command)
app.add_typer(episode_bridge.app, name="bridge")
