"""Demonstrations to learn from, each drawn as often as its weight says, and those held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.action_statistics import ActionStatistics
from cairn.policies.bridge.demonstration import Demonstration
from cairn.policies.bridge.frame_store import FrameStore
from cairn.policies.bridge.relabelling import Relabelling, is_complete, relabelled


@dataclass(frozen=True, eq=False)
class LabelledDemonstration:
    """One demonstration with what is to be learnt of it.

    Attributes:
        store: that has its frames.
        record: where in the store it lies.
        actions: shape (T, 7), physical; NaN where there is nothing to learn.
        steps: those that can be learnt, rising.
        weight: how often one of its steps is drawn, compared with those of others.
    """

    store: FrameStore
    record: Demonstration
    actions: NDArray[np.float64]
    steps: NDArray[np.intp]
    weight: float

    def frame(self, camera: int, step: int) -> NDArray[np.uint8]:
        """RGB, shape (height, width, 3).  `camera` is a place in the record's cameras."""
        image: NDArray[np.uint8] = self.store.frames[self.record.frame_of(camera, step)]
        return image


def labelled(store: FrameStore, how: Relabelling, weight: float = 1.0) -> list[LabelledDemonstration]:
    """All of a store of which something can be learnt."""
    found = []
    for record in store.demonstrations:
        rows = slice(record.start, record.start + record.length)
        actions = relabelled(store.actions[rows], store.states[rows], how)
        steps = np.flatnonzero(is_complete(actions))
        if len(steps):
            found.append(LabelledDemonstration(store, record, actions, steps, weight))
    return found


def hold_out(
    demonstrations: Sequence[LabelledDemonstration], share: float
) -> tuple[list[LabelledDemonstration], list[LabelledDemonstration]]:
    """Those to train on and those to judge by, whole demonstrations, the same in every run.

    Demonstrations that their source keeps for validation are held out; where there is none of them, `share`
    of all, by a hash of their names, and one at least.

    Raises CairnError when nothing would be left to train on.
    """
    held = {id(one) for one in demonstrations if one.record.split == "val"}
    if not held:
        rising = sorted(demonstrations, key=lambda one: one.record.key)
        held = {id(one) for one in rising if int(one.record.key, 16) < share * 2**64}
        held = held or {id(one) for one in rising[:1]}
    training = [one for one in demonstrations if id(one) not in held]
    if not training:
        raise CairnError(
            f"expected at least 2 demonstrations, one of them not kept for validation, got "
            f"{len(demonstrations)}: nothing is left to train on"
        )
    return training, [one for one in demonstrations if id(one) in held]


def tasks_of(demonstrations: Sequence[LabelledDemonstration]) -> tuple[str, ...]:
    """In alphabetical order.  Raises CairnError where a demonstration does not say its task."""
    nameless = [one.record for one in demonstrations if not one.record.task]
    if nameless:
        raise CairnError(
            f"{len(nameless)} of {len(demonstrations)} demonstrations don't say their task, among them "
            f"{nameless[0].name} of {nameless[0].source}: expected a task's folder or a sentence, or a model "
            "that is told by a goal image (v2)"
        )
    return tuple(sorted({one.record.task for one in demonstrations}))


def statistics_of(demonstrations: Sequence[LabelledDemonstration]) -> ActionStatistics:
    """Of all steps to learn from."""
    return ActionStatistics.of(np.concatenate([one.actions[one.steps] for one in demonstrations]))


def persistence_of(
    demonstrations: Sequence[LabelledDemonstration], statistics: ActionStatistics
) -> NDArray[np.float64]:
    """Least-squares factor from each number of an action to the same of the next, in z-scores, shape (7,)."""
    before, after = [], []
    for one in demonstrations:
        scores = statistics.normalised(one.actions).astype(np.float64)
        known = np.isfinite(scores[:-1]).all(axis=1) & np.isfinite(scores[1:]).all(axis=1)
        before.append(scores[:-1][known])
        after.append(scores[1:][known])
    x, y = np.concatenate(before), np.concatenate(after)
    factors: NDArray[np.float64] = (x * y).sum(axis=0) / np.maximum((x * x).sum(axis=0), 1.0)
    return factors
