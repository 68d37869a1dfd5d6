"""The `cairn` command: finds the verb, imports that verb's file alone, and turns errors into exit codes.

A verb is a file `cli/<verb>.py` that defines either `app`, a `typer.Typer` with sub-commands, or
`command`, a function with typer annotations.  To add one, write the file and add its line to `VERBS`.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

import typer

from cairn.cli.extras import missing_extra
from cairn.hardware.errors import CairnError

VERBS: dict[str, str] = {
    "demo": "Watch a simulated Jackal search for the place in a photo and drive back to it.",
    "launch": "Start the nodes of a launch file and keep them running.",
    "goal": "Keep the present camera image as a goal photo, or send the robot to one.",
    "map": "Show, merge and prune saved maps.",
    "episodes": "List, show, convert and recover recordings.",
    "replay": "Publish a bag again, drive its commands in simulation, or show its frames to a policy.",
    "train": "Train a policy and write its bundle.",
    "compile": "Build this machine's TensorRT engines for a bundle.",
    "verify": "Check a bundle: hashes, shapes and a run on its sample.",
    "calibrate": "Calibrate cameras: lens, mounting, hand-eye, time; each with its error.",
    "bench": "Measure exploration, recognition and performance.",
    "doctor": "Check what this machine has and lacks.",
}
"""Each verb and what it does, in the order of the help page."""

ERROR_EXIT = 2
INTERRUPTED_EXIT = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one `cairn` command and exit: 0 done, 2 on a `CairnError` or wrong usage, 130 on Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        command_line(words)(args=words, prog_name="cairn")
    except CairnError as error:
        typer.echo(f"cairn: {error}", err=True)
        sys.exit(ERROR_EXIT)
    except ModuleNotFoundError as error:
        advice = missing_extra(error)
        if advice is None:
            raise
        typer.echo(f"cairn: {advice}", err=True)
        sys.exit(ERROR_EXIT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT)
    sys.exit(0)


def command_line(words: Sequence[str]) -> typer.Typer:
    """The command line with the verb in `words` imported and the others named only, for the help page.

    Shell completion needs every verb's options, so it imports all.
    """
    root = typer.Typer(
        name="cairn",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Learned policies on real robots with ROS 2: explore to a photo, remember the way, come back.",
    )
    root.callback()(_root)
    wanted = next((word for word in words if not word.startswith("-")), None)
    for verb, summary in VERBS.items():
        if verb == wanted or "_CAIRN_COMPLETE" in os.environ:
            _add_verb(root, verb, summary)
        else:
            root.command(verb, help=summary)(_not_imported)
    return root


def _add_verb(root: typer.Typer, verb: str, summary: str) -> None:
    module = importlib.import_module(f"cairn.cli.{verb}")
    if hasattr(module, "app"):
        root.add_typer(module.app, name=verb, short_help=summary)
    else:
        root.command(verb, short_help=summary)(module.command)


def _not_imported() -> None:
    """Stand for a verb that this run only lists on the help page."""


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"cairn {version('cairn-robotics')}")
        raise typer.Exit


def _root(
    _version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Hold the options that come before the verb."""
