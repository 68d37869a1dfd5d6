"""`cairn launch`: run a ROS 2 YAML launch file without a full ROS 2."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from cairn.hardware.errors import CairnError


def command(
    file: Annotated[str, typer.Argument(help="A *.launch.yaml, or the name of one that Cairn ships.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="Launch arguments, NAME:=VALUE.")] = None,
    exit_when: Annotated[
        str | None,
        typer.Option("--exit-when", metavar="NODE", help="End all when this node ends, with its exit code."),
    ] = None,
    grace: Annotated[
        float, typer.Option(min=0.1, help="Seconds from SIGINT to SIGTERM, and from there to SIGKILL.")
    ] = 5.0,
    log_dir: Annotated[
        Path | None, typer.Option("--log-dir", help="Keep each node's output here as <name>.log.")
    ] = None,
    show_args: Annotated[bool, typer.Option("--show-args", help="List the arguments and exit.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be started, and exit.")
    ] = False,
) -> None:
    """Start the nodes of a launch file and keep them running; Ctrl-C stops them all.

    The file is the standard YAML launch format, so `ros2 launch cairn FILE` runs it as well.

        cairn launch explore world:=campus seed:=2000

        cairn launch explore --show-args

        cairn launch my_robot.launch.yaml --exit-when explore
    """
    from cairn.launch.command import node_command
    from cairn.launch.forward_signals import forward_signals
    from cairn.launch.parser import declared_arguments, find_launch_file, read_launch_file
    from cairn.launch.supervisor import Supervisor

    path = find_launch_file(file)
    if show_args:
        for argument in declared_arguments(path):
            default = "required" if argument.default is None else f"default: {argument.default}"
            typer.echo(f"{argument.name}  {argument.description}  ({default})")
        return
    description = read_launch_file(path, _values(arguments or []))
    if dry_run:
        for node in description.nodes:
            typer.echo(f"{node.full_name}: {shlex.join(node_command(node))}")
        return
    if log_dir is not None:
        try:
            log_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CairnError(f"--log-dir {log_dir}: {error.strerror}") from error
    supervisor = Supervisor(
        description.nodes, exit_when=exit_when, grace=grace, show=_show, log_directory=log_dir
    )
    with forward_signals(supervisor), supervisor:
        code = supervisor.run()
    raise typer.Exit(code)


def _values(arguments: list[str]) -> dict[str, str]:
    values = {}
    for argument in arguments:
        name, mark, value = argument.partition(":=")
        if not mark or not name:
            raise CairnError(f"expected a launch argument NAME:=VALUE, got `{argument}`")
        values[name] = value
    return values


def _show(name: str, line: str) -> None:
    # One write a line: several threads share the stream.
    sys.stdout.write(f"[{name}] {line}\n")
    sys.stdout.flush()
