"""The map that `explore` drives by: made, loaded, saved and cleared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cairn_interfaces.srv import ClearMap, LoadMap, SaveMap
from rclpy.node import Node

from cairn.hardware.errors import CairnError
from cairn.navigation.explorer import Explorer, ExplorerSettings
from cairn.navigation.graph import map_file
from cairn.navigation.graph.autosave import Autosave
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.known_goals import KnownGoals
from cairn.navigation.viewpoints import ViewpointSettings
from cairn.nodes.explore_settings import ExploreNodeSettings
from cairn.policies.recon_policy import ReconPolicy


class MapKeeper:
    """Owns the explorer, whose memory the map is, and serves `map/save`, `map/load` and `map/clear`.

    Args:
        threshold: match probability that counts as a recognition.
        is_searching: whether a search is under way; the map is not exchanged meanwhile.

    Attributes:
        explorer: None until `open` has been called.
    """

    def __init__(
        self,
        node: Node,
        settings: ExploreNodeSettings,
        threshold: float,
        is_searching: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._threshold = threshold
        self._is_searching = is_searching
        self._policy: ReconPolicy | None = None
        self.explorer: Explorer | None = None
        self._autosave: Autosave | None = None
        self._start = ""
        node.create_service(SaveMap, "map/save", self._on_save)
        node.create_service(LoadMap, "map/load", self._on_load)
        node.create_service(ClearMap, "map/clear", self._on_clear)

    def open(self, policy: ReconPolicy) -> None:
        """Begin with the map file of the settings where there is one, else with an empty map."""
        path = self._settings.map_path
        if path is not None and path.exists():
            self._use(policy, map_file.load(path, policy.fingerprint))
            self._start = "unknown"
        else:
            self._use(policy, GraphMemory(policy.fingerprint, policy.rate))
        self._policy = policy

    @property
    def graph(self) -> GraphMemory | None:
        return None if self.explorer is None else self.explorer.graph

    @property
    def save_error(self) -> str | None:
        """Why the last autosave failed."""
        return None if self._autosave is None else self._autosave.last_error

    def take_start(self) -> str:
        """Where the robot was said to stand, for the one search that this holds for; empty: nothing said."""
        start, self._start = self._start, ""
        return start

    def tick(self) -> None:
        """Save if it is time."""
        if self._autosave is not None:
            self._autosave.tick(time.monotonic())

    def close(self) -> None:
        """Save for the last time."""
        if self._autosave is not None:
            self._autosave.close()

    def _use(self, policy: ReconPolicy, graph: GraphMemory) -> None:
        settings = self._settings
        self.explorer = Explorer(
            policy,
            ExplorerSettings(
                threshold=self._threshold,
                speed=settings.speed,
                turn_rate=settings.turn_rate,
                viewpoints=ViewpointSettings(goal_within=settings.goal_within),
            ),
            graph,
            KnownGoals(),
        )
        if settings.map_path is not None:
            self._autosave = Autosave(graph, settings.map_path, settings.autosave_period)

    def _on_save(self, request: SaveMap.Request, response: SaveMap.Response) -> SaveMap.Response:
        def save(policy: ReconPolicy, graph: GraphMemory) -> str:
            path = given_path(request.path)
            map_file.save(graph, path)
            return f"saved to {path}"

        return self._answer(response, save)

    def _on_load(self, request: LoadMap.Request, response: LoadMap.Response) -> LoadMap.Response:
        def load(policy: ReconPolicy, _: GraphMemory) -> str:
            self._refuse_while_searching()
            graph = map_file.load(given_path(request.path), policy.fingerprint)
            start = _checked_start(request.start, graph)
            self._use(policy, graph)
            self._start = start
            return f"loaded; the robot stands at: {start}"

        return self._answer(response, load)

    def _on_clear(self, request: ClearMap.Request, response: ClearMap.Response) -> ClearMap.Response:
        def clear(policy: ReconPolicy, _: GraphMemory) -> str:
            self._refuse_while_searching()
            self._use(policy, GraphMemory(policy.fingerprint, policy.rate))
            self._start = ""
            return "the map is empty"

        return self._answer(response, clear)

    def _answer(self, response: Any, work: Callable[[ReconPolicy, GraphMemory], str]) -> Any:
        """Run a service's work; what goes wrong is its answer."""
        try:
            if self._policy is None or self.graph is None:
                raise CairnError("there is no map yet: the camera's intrinsics are not known")
            response.message = work(self._policy, self.graph)
            response.success = True
        except CairnError as error:
            response.success, response.message = False, str(error)
        if hasattr(response, "nodes") and self.graph is not None:
            response.nodes = len(self.graph)
        return response

    def _refuse_while_searching(self) -> None:
        if self._is_searching():
            raise CairnError("the map can't be changed while a search is under way; cancel it first")


def given_path(text: str) -> Path:
    """A path from a request.  Raises CairnError when it is empty."""
    if not text:
        raise CairnError("a path must be given, got an empty one")
    return Path(text).expanduser()


def _checked_start(start: str, graph: GraphMemory) -> str:
    """`start`, `unknown` or `node:N` with N in the map; empty is `unknown`."""
    if start in ("", "unknown"):
        return "unknown"
    if start == "start" and len(graph):
        return start
    name, _, number = start.partition(":")
    if name == "node" and number.isdecimal() and int(number) in graph:
        return start
    raise CairnError(f"start must be start, node:N with N in the map, or unknown; got {start!r}")
