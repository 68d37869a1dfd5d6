"""`cairn goal`: keep a goal photo, or send the robot to one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cairn.hardware.errors import CairnError

app = typer.Typer(no_args_is_help=True, help="Keep the present camera image as a goal photo, or go to one.")

Namespace = Annotated[str, typer.Option(help="The robot's.")]


@app.command()
def keep(
    photo: Annotated[Path, typer.Argument(help="A new .png or .jpg, on the robot.")],
    namespace: Namespace = "",
) -> None:
    """Keep what the camera sees now as a goal photo.

    Drive the robot by hand to where it shall come back to, look the way it shall look, and:

        cairn goal keep goals/gate.png --namespace j100_0042
    """
    from cairn_interfaces.srv import CaptureGoal

    with _client(namespace) as client:
        response = client.call(CaptureGoal, "goal/capture", CaptureGoal.Request(path=str(photo.absolute())))
    typer.echo(response.message)


@app.command()
def go(
    photo: Annotated[Path | None, typer.Argument(help="A photo of the place, on the robot.")] = None,
    node: Annotated[int, typer.Option(min=-1, help="A node of the map instead of a photo.")] = -1,
    time: Annotated[float, typer.Option(min=0.0, help="Budget [s]; 0: the explore node's.")] = 0.0,
    distance: Annotated[float, typer.Option(min=0.0, help="Budget [m]; 0: the explore node's.")] = 0.0,
    geofence: Annotated[float, typer.Option(min=0.0, help="Radius about the start [m]; 0: none.")] = 0.0,
    by_map: Annotated[
        bool, typer.Option("--by-map", help="The robot stands where its map begins: drive by it.")
    ] = False,
    namespace: Namespace = "",
) -> None:
    """Search for a place and stop there; Ctrl-C cancels.  Exit status: 0 when it was reached, 1 when not.

    cairn goal go goals/gate.png --time 600 --geofence 80
    """
    from cairn_interfaces.action import ExploreToGoal
    from rich.console import Console

    from cairn.cli.demo_display import DemoDisplay

    if (photo is None) == (node < 0):
        raise CairnError("a goal must be either a photo or --node N, got both or neither")
    goal = ExploreToGoal.Goal(
        goal_image_path="" if photo is None else str(photo.absolute()),
        goal_node=node,
        time_budget=time,
        distance_budget=distance,
        geofence_radius=geofence,
        return_by_map=by_map,
    )
    with _client(namespace) as client:
        client.send(goal)
        try:
            with DemoDisplay(Console(), "searching") as display:
                while client.result is None:
                    client.spin(0.2)
                    display.show(client.status, client.gate, client.clock)
        except KeyboardInterrupt:
            client.cancel()
        result = client.result
    if result.result == ExploreToGoal.Result.BAD_GOAL:
        raise CairnError(result.reason)
    typer.echo(f"{result.reason}, after {result.time_taken:.0f} s and {result.distance_travelled:.0f} m")
    raise typer.Exit(0 if result.result == ExploreToGoal.Result.REACHED else 1)


def _client(namespace: str) -> Any:
    import os

    from cairn.launch.environment import node_environment

    os.environ.update(node_environment(os.environ))
    from cairn.nodes.search_client import SearchClient

    return SearchClient(namespace)
