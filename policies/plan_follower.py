"""Turns what a policy plans into steps of the hand, each at its time."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.errors import CairnError
from cairn.policies.bundle.action_output import EndEffectorDeltaOutput

_TOLERANCE = 1e-6  # [s]: stamps are sums of periods


@dataclass(frozen=True)
class DueStep:
    """A step to send now.

    Attributes:
        number: of the step, from 0.
        step: for the gate.
        observed: stamp of the newest observation that led to it [s].
        ahead: how many steps of that observation's plan came before it.
    """

    number: int
    step: HandStep
    observed: float
    ahead: int


@dataclass(frozen=True)
class _Plan:
    first: int
    observed: float
    actions: NDArray[np.float64]

    def action(self, number: int) -> NDArray[np.float64] | None:
        ahead = number - self.first
        return self.actions[ahead] if 0 <= ahead < len(self.actions) else None


class PlanFollower:
    """One task's steps, numbered from 0; times are seconds of one clock.

    A plan begins with the step that was to come when its image was taken, so that a plan that took long
    to make goes on where the robot is and not where it was.  Of several plans for a step the newest counts,
    or, with `ensemble`, all, the newer the less: older ones have been acted on already (Zhao et al. 2023).
    A step whose plan is missing waits; nothing is made up.

    Args:
        output: of the bundle: horizon, steps to execute of each plan, blocking or not, limits.
        rate: steps a second; the shortest time between two, where steps block.
        ensemble: rate of the exponential weights by age, 0.0: all alike; None: the newest plan alone.
        patience: longest wait for the hand to arrive, where steps block [s].
    """

    def __init__(
        self,
        output: EndEffectorDeltaOutput,
        rate: float,
        ensemble: float | None = None,
        patience: float = 2.0,
    ) -> None:
        self._output = output
        self._period = 1.0 / rate
        self._ensemble = ensemble
        self._patience = patience
        self._plans: deque[_Plan] = deque(maxlen=output.horizon)
        self._sent: list[float] = []
        self._schedule = 0.0
        self._arrived = inf

    @property
    def steps(self) -> int:
        """How many were sent."""
        return len(self._sent)

    def wants_plan(self, observed: float, lead: float) -> bool:
        """Whether to plan from an image of that stamp, where a plan takes up to `lead` [s] to be made.

        The last image in time for the step that needs it: one taken earlier is of less use, and planning
        from every image would be work for nothing.
        """
        if not self._plans:
            return True
        newest = self._plans[-1]
        needing = newest.first + (1 if self._ensemble is not None else self._output.execute)
        return observed > newest.observed and observed >= self._expected(needing) - lead

    def add(self, actions: NDArray[np.float64], observed: float) -> None:
        """A plan, shape (horizon, 7) in physical units, from an image of that stamp.

        Raises CairnError for another shape, or numbers that are not finite.
        """
        if actions.shape != (self._output.horizon, 7) or not np.isfinite(actions).all():
            raise CairnError(
                f"expected a finite plan of shape ({self._output.horizon}, 7), got {actions.shape}"
                f" with {np.count_nonzero(~np.isfinite(actions))} not finite"
            )
        self._plans.append(_Plan(self._first(observed), observed, actions))

    def hand_arrived(self, now: float) -> None:
        """The hand stands at its target, or can't get nearer."""
        if self._sent and now > self._sent[-1]:
            self._arrived = min(self._arrived, now)

    def due(self, now: float) -> DueStep | None:
        """The step to send at `now`, if one is due and planned; it then counts as sent."""
        number = len(self._sent)
        if now < self._expected(number) - _TOLERANCE:
            return None
        plans = [plan for plan in self._plans if plan.action(number) is not None]
        if not plans:
            return None
        newest = plans[-1]
        # Who looks a little late each time is not to be slower for it.
        planned = self._expected(number)
        self._schedule = planned if now - planned < 0.5 * self._period else now
        self._sent.append(now)
        self._arrived = inf
        step = _hand_step(self._blend(plans, number), self._output)
        return DueStep(number, step, newest.observed, number - newest.first)

    def _first(self, observed: float) -> int:
        """The number of the step that was to come at that time."""
        return bisect_right(self._sent, observed)

    def _expected(self, number: int) -> float:
        """When a step is due at the earliest; where steps block and the hand is on its way, at the latest."""
        if not self._sent:
            return -inf
        after = number - len(self._sent)
        steady = self._schedule + self._period
        if self._output.blocking:
            steady = max(steady, min(self._arrived, self._sent[-1] + self._patience))
        return steady + after * self._period

    def _blend(self, plans: list[_Plan], number: int) -> NDArray[np.float64]:
        found = [action for plan in plans if (action := plan.action(number)) is not None]
        if self._ensemble is None:
            return found[-1]
        weights = np.exp(-self._ensemble * np.arange(len(found)))
        blended = np.average(found, axis=0, weights=weights)
        blended[6] = found[-1][6]  # half a grip is none
        return np.asarray(blended)


def _hand_step(action: NDArray[np.float64], output: EndEffectorDeltaOutput) -> HandStep:
    x, y, z, roll, pitch, yaw, gripper = (float(value) for value in action)
    opening = gripper if output.gripper == "open" else 1.0 - gripper
    return HandStep((x, y, z), (roll, pitch, yaw), opening).limited(*output.limits)
