"""The methods that a benchmark compares, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cairn.evaluation.baselines.image_chain import ImageChain
from cairn.evaluation.baselines.oracle import Oracle
from cairn.evaluation.baselines.prior_sampling import PriorSampling
from cairn.evaluation.baselines.random_actions import RandomActions
from cairn.evaluation.baselines.random_walk import RandomWalk
from cairn.evaluation.task import SearchTask
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.explorer import Explorer
from cairn.navigation.searcher import Searcher
from cairn.policies.latent_goal_policy import LatentGoalPolicy

Build = Callable[[LatentGoalPolicy, Simulation, SearchTask], Searcher]


@dataclass(frozen=True)
class Method:
    """How a method's searcher is made.

    Attributes:
        demonstrated: it is first shown a drive along the shortest path.
        remembers: a second visit is worth running.
    """

    name: str
    summary: str
    build: Build
    demonstrated: bool = False
    remembers: bool = False


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("cairn", "the shipped exploration", lambda p, s, t: Explorer(p), remembers=True),
        Method("recon", "RECON's loop as published", lambda p, s, t: Explorer.recon(p), remembers=True),
        Method("no_graph", "samples of the prior without the graph", lambda p, s, t: PriorSampling(p)),
        Method("random_walk", "random legs, learned safety, same recogniser", lambda p, s, t: RandomWalk(p)),
        Method("random", "random actions correlated in time", lambda p, s, t: RandomActions(p)),
        Method("oracle", "nearest frontier on the true map: the bound", lambda p, s, t: Oracle(s, t)),
        Method(
            "chain",
            "a demonstrated image chain, followed as visualnav-transformer does",
            lambda p, s, t: ImageChain(p),
            demonstrated=True,
            remembers=True,
        ),
        Method(
            "cairn_taught",
            "the shipped method, given the same demonstration",
            lambda p, s, t: Explorer(p),
            demonstrated=True,
            remembers=True,
        ),
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
