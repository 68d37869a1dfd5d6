"""The course of `cairn demo`."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from cairn.cli.demo_display import DemoDisplay
from cairn.cli.demo_report import DemoTask, write_demo_report
from cairn.hardware.errors import CairnError
from cairn.launch.environment import node_environment
from cairn.launch.parser import find_launch_file, read_launch_file
from cairn.launch.ros2_launch import Ros2Launch
from cairn.launch.supervisor import Supervisor

VISITS = ("discovery", "second visit")
RETURN_BUDGET = 300.0
"""Simulated seconds for the second visit."""

_START_PATIENCE = 300.0  # [s] real time; a busy machine takes its time to load everything
_STANDSTILL = 300.0  # [s] real time without simulated time passing
_KEPT_FREE = 600e6  # bytes; the recorder stops when less than 500 MB are left
_BAG_RATE = 0.95e6  # bytes a simulated second, nearly all of them images


@dataclass(frozen=True)
class DemoSettings:
    """The options of `cairn demo`, as its help explains them."""

    world: str
    seed: int
    conditions: str
    speed: float
    budget: float
    bundle: str
    output: Path | None
    ros: bool


class DemoRun:
    """One demonstration, from the photo to the report; everything it starts has ended when it returns."""

    def __init__(self, settings: DemoSettings, console: Console) -> None:
        self._settings = settings
        self._console = console
        world = Path(settings.world).stem or "world"
        name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{world}-{settings.seed}"
        self._folder = settings.output or Path("runs") / name

    def run(self) -> bool:
        """Whether the place was found and found again.

        Raises CairnError where something needed is absent or fails; a search without success is no error.
        """
        from cairn.nodes.sim_settings import SimSettings  # asks for ROS 2

        settings = self._settings
        launch_file = find_launch_file("explore")
        simulated = SimSettings(world=settings.world, seed=settings.seed, conditions=settings.conditions)
        self._make_folder()
        self._say(f"drawing the world and the search task of seed {settings.seed} …")
        task = DemoTask.draw(simulated)
        task.write_photo(self._photo)
        self._say(
            f"{task.world}: the photo shows a place {task.task.shortest_length:.0f} m away by the shortest "
            f"path; it is {self._photo}"
        )
        os.environ.setdefault("ROS_DOMAIN_ID", str(1 + os.getpid() % 100))
        os.environ.update(node_environment(os.environ))
        with self._nodes(launch_file) as nodes:
            results = self._searches(nodes)
        bag = self._folder / "bag"
        report = write_demo_report(self._folder / "report.html", bag, self._map, task, settings, VISITS)
        return self._summarise(results, report.verdicts, bag, report.path)

    @property
    def _photo(self) -> Path:
        return self._folder / "goal.png"

    @property
    def _map(self) -> Path:
        return self._folder / "map.cairnmap"

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True)
            (self._folder / "logs").mkdir()
        except FileExistsError as error:
            raise CairnError(f"--output must be a new directory, but {self._folder} exists") from error
        except OSError as error:
            raise CairnError(f"can't write to {self._folder}: {error.strerror}") from error
        free = shutil.disk_usage(self._folder).free
        needed = _KEPT_FREE + _BAG_RATE * (self._settings.budget + RETURN_BUDGET)
        if free < needed:
            raise CairnError(
                f"the disk of {self._folder} has {free / 1e9:.1f} GB free; the bag of a demo of this budget "
                f"needs up to {needed / 1e9:.1f} GB"
            )

    def _nodes(self, launch_file: Path) -> Supervisor | Ros2Launch:
        settings = self._settings
        arguments = {
            "world": str(Path(settings.world).resolve()) if Path(settings.world).suffix else settings.world,
            "seed": str(settings.seed),
            "conditions": settings.conditions,
            "speed": f"{settings.speed:.3f}",
            "bundle": settings.bundle,
            "bags": str(self._folder.resolve()),
            "bag": "bag",
        }
        if settings.ros:
            return Ros2Launch(launch_file, arguments, self._folder / "logs" / "ros2_launch.log")
        description = read_launch_file(launch_file, arguments)
        return Supervisor(description.nodes, grace=20.0, log_directory=self._folder / "logs")

    def _searches(self, nodes: Supervisor | Ros2Launch) -> list[Any]:
        from cairn_interfaces.action import ExploreToGoal
        from cairn_interfaces.srv import SaveMap
        from std_srvs.srv import Trigger

        from cairn.nodes.search_client import SearchClient

        def alive() -> None:
            if not nodes.poll() or nodes.ended_because:
                raise CairnError(_what_ended(nodes))

        goal = ExploreToGoal.Goal(
            goal_image_path=str(self._photo.resolve()), time_budget=self._settings.budget
        )
        results = []
        with SearchClient(domain=int(os.environ["ROS_DOMAIN_ID"])) as client:
            self._say("starting the nodes …")
            client.wait_for(client.is_ready, _START_PATIENCE, "the nodes to be ready", alive)
            results.append(self._search(client, goal, VISITS[0], alive))
            client.call(SaveMap, "map/save", SaveMap.Request(path=str(self._map.resolve())))
            if results[0].result == ExploreToGoal.Result.REACHED:
                client.call(Trigger, "simulation/reset_to_start", Trigger.Request())
                self._say("the robot is carried back to the start")
                goal.return_by_map, goal.time_budget = True, RETURN_BUDGET
                results.append(self._search(client, goal, VISITS[1], alive))
        return results

    def _search(self, client: Any, goal: Any, name: str, alive: Any) -> Any:
        """One search with its display, until it ends or the simulation stands still."""
        begun, moved = client.clock, time.monotonic()
        psutil.cpu_percent()  # counts from here
        client.send(goal)
        last = client.clock
        with DemoDisplay(self._console, name) as display:
            while client.result is None:
                client.spin(0.2)
                alive()
                display.show(client.status, client.gate, client.clock - begun)
                if client.clock != last:
                    last, moved = client.clock, time.monotonic()
                if time.monotonic() - moved > _STANDSTILL:
                    raise CairnError(
                        f"simulated time stands still for {_STANDSTILL:g} s; the logs are in "
                        f"{self._folder / 'logs'}"
                    )
        idle, result = 100 - psutil.cpu_percent(), client.result
        self._say(
            f"{name}: {result.reason}, after {result.time_taken:.0f} s and "
            f"{result.distance_travelled:.0f} m; {idle:.0f} % of {psutil.cpu_count()} processors idle"
        )
        return result

    def _summarise(self, results: list[Any], verdicts: list[str], bag: Path, report: Path) -> bool:
        for name, verdict in zip(VISITS, verdicts, strict=False):
            self._say(f"{name}, judged by the simulator: [bold]{verdict}[/]")
        if not results[0].time_taken:
            self._say("the search ended before it began")
        self._say(f"bag:    {bag}\nreport: {report}")
        return verdicts == ["reached"] * len(VISITS)


def _what_ended(nodes: Supervisor | Ros2Launch) -> str:
    """Why everything stopped, with the last words of the node that ended first."""
    reason = nodes.ended_because or "every node has ended"
    if isinstance(nodes, Supervisor):
        for state in nodes.states().values():
            errors = [line for line in state.tail if line.startswith("error:")]
            if state.exit_code and errors:
                return f"{reason}: {errors[-1].removeprefix('error: ')}"
    return reason
