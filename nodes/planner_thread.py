"""Plans in a thread of its own, while the arm carries out what was planned before."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from cairn.hardware.errors import CairnError

_SMOOTHING = 0.2
_MARGIN = 1.5  # of the usual time, for a machine that is busy now and then


@dataclass(frozen=True)
class MadePlan:
    """A plan that is ready.

    Attributes:
        task: the caller's token of what it was made for.
        observed: stamp of its image [s].
        actions: shape (horizon, 7), physical.
        inference: seconds of decoding and policy.
        latency: seconds from the arrival of the image until now.
    """

    task: object
    observed: float
    actions: NDArray[np.float64]
    inference: float
    latency: float


class PlannerThread:
    """One plan at a time.

    Args:
        node: in whose executor `on_plan` and `on_error` are called.
        on_plan: takes what was made.
        on_error: takes what went wrong.
    """

    def __init__(
        self, node: Node, on_plan: Callable[[MadePlan], None], on_error: Callable[[CairnError], None]
    ) -> None:
        self._on_plan = on_plan
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(1, "planner")
        self._future: Future[MadePlan] | None = None
        self._usual = 0.0
        self._clock = node.get_clock()
        self._ready = node.create_guard_condition(self._take)

    @property
    def is_busy(self) -> bool:
        return self._future is not None

    @property
    def lead(self) -> float:
        """How old the image of a plan usually is when the plan is ready, and a bit more [s, ROS time]."""
        return _MARGIN * self._usual

    def begin(
        self, task: object, observed: float, arrived: float, make: Callable[[], NDArray[np.float64]]
    ) -> None:
        """Make a plan from an image of stamp `observed` that came at `arrived` [perf_counter s]."""
        assert self._future is None

        def work() -> MadePlan:
            start = time.perf_counter()
            actions = make()
            end = time.perf_counter()
            return MadePlan(task, observed, actions, end - start, end - arrived)

        self._future = self._pool.submit(work)
        self._future.add_done_callback(lambda _: self._ready.trigger())

    def close(self) -> None:
        """Wait for what is being made, and make nothing more."""
        self._pool.shutdown()

    def _take(self) -> None:
        future, self._future = self._future, None
        if future is None:
            return
        try:
            plan = future.result()
        except CairnError as error:
            self._on_error(error)
            return
        weight = _SMOOTHING if self._usual else 1.0
        age = 1e-9 * self._clock.now().nanoseconds - plan.observed
        self._usual += weight * (max(0.0, age) - self._usual)
        self._on_plan(plan)
