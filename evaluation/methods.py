"""The methods that a benchmark compares, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cairn.evaluation.baselines.image_chain import ImageChain
from cairn.evaluation.baselines.oracle import Oracle
from cairn.evaluation.baselines.prior_sampling import PriorSampling
from cairn.evaluation.baselines.random_actions import RandomActions
from cairn.evaluation.baselines.random_walk import RandomWalk
from cairn.evaluation.loaded_policy import LoadedPolicy
from cairn.evaluation.task import SearchTask
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.explorer import Explorer, ExplorerSettings
from cairn.navigation.recon_explorer import ReconExplorer, ReconSettings
from cairn.navigation.searcher import Searcher

Build = Callable[[LoadedPolicy, Simulation, SearchTask], Searcher]


@dataclass(frozen=True)
class Method:
    """How a method's searcher is made.

    Attributes:
        demonstrated: it is first shown a drive along the shortest path.
        remembers: later visits are worth running.
    """

    name: str
    summary: str
    build: Build
    demonstrated: bool = False
    remembers: bool = False


def _cairn(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return Explorer(loaded.policy, ExplorerSettings(threshold=loaded.threshold))


def _recon(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return ReconExplorer(loaded.policy, ReconSettings(threshold=loaded.threshold))


def _no_graph(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return PriorSampling(loaded.policy, loaded.threshold)


def _random_walk(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return RandomWalk(loaded.policy, loaded.threshold)


def _random(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return RandomActions(loaded.policy, loaded.threshold)


def _oracle(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return Oracle(simulation, task)


def _chain(loaded: LoadedPolicy, simulation: Simulation, task: SearchTask) -> Searcher:
    return ImageChain(loaded.policy)


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("cairn", "the shipped exploration", _cairn, remembers=True),
        Method("recon", "RECON's loop as published", _recon, remembers=True),
        Method("no_graph", "samples of the prior without the graph", _no_graph),
        Method("random_walk", "random legs with the same safety and recogniser", _random_walk),
        Method("random", "random actions correlated in time", _random),
        Method("oracle", "nearest frontier on the true map: the bound", _oracle),
        Method("chain", "a demonstrated chain as visualnav-transformer does", _chain, True, True),
        Method("cairn_taught", "the shipped method after the same demonstration", _cairn, True, True),
    )
}


def parse_methods(text: str) -> tuple[str, ...]:
    """Comma-separated names, or "all"; raises CairnError on an unknown or repeated one."""
    names = tuple(METHODS) if text == "all" else tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in METHODS:
            raise CairnError(f"method {name!r} is unknown; valid: {', '.join(METHODS)} or all")
    if len(set(names)) < len(names):
        raise CairnError(f"methods {text!r} name one twice")
    return names
