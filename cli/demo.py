"""`cairn demo`: search for a photo in an unseen world, and drive straight back to it."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    world: Annotated[
        str, typer.Option(help="Kind of generated world, or an MJCF file; by default the seed's kind.")
    ] = "",
    seed: Annotated[
        int, typer.Option(min=1000, max=2999, help="Of world and task; training saw 0-999 alone.")
    ] = 1022,
    conditions: Annotated[
        str, typer.Option(help='Light and weather, e.g. "twilight,fog=0.3,moved"; "varied": by seed.')
    ] = "varied",
    speed: Annotated[
        float, typer.Option(min=0.0, max=50.0, help="Simulated seconds a second; 0: as fast as possible.")
    ] = 6.0,
    budget: Annotated[
        float, typer.Option(min=10.0, max=86400.0, help="Simulated seconds to find the place.")
    ] = 600.0,
    bundle: Annotated[str, typer.Option(help="Policy bundle: a directory or a shipped name.")] = "recon",
    output: Annotated[
        Path | None, typer.Option(help="New directory for photo, bag, map, logs and report.")
    ] = None,
    ros: Annotated[
        bool, typer.Option("--ros", help="Start the nodes by `ros2 launch` of a full ROS 2.")
    ] = False,
) -> None:
    """Watch a simulated Jackal search for the place in a photo, find it, and drive back to it.

    The robot has never seen the world.  It gets one photo, explores until it recognises the place, is
    carried back to the start, and drives there again by its map.  Exit status: 0 when the place was found
    and found again, 1 when not.

        cairn demo

        cairn demo --seed 1503 --conditions twilight,fog=0.2

        cairn demo --world my_yard.xml --speed 1
    """
    from rich.console import Console

    from cairn.cli.demo_run import DemoRun, DemoSettings

    settings = DemoSettings(world, seed, conditions, speed, budget, bundle, output, ros)
    raise typer.Exit(0 if DemoRun(settings, Console()).run() else 1)
