"""What a training run tells its caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingEvents:
    """What a caller may want to show; each is called from the thread that trains.

    Attributes:
        read: data set, and how many of its demonstrations are decoded.
        left_out: what could not be read, in words.
        trained: steps made, steps wanted.
        losses: a row of the curves: `step`, `seconds` and the mean loss.
        judged: step, and errors on held-out demonstrations.
        should_stop: asked between two steps and between two demonstrations.
    """

    read: Callable[[Path, int], None] = lambda path, done: None
    left_out: Callable[[str], None] = lambda problem: None
    trained: Callable[[int, int], None] = lambda step, steps: None
    losses: Callable[[Mapping[str, float]], None] = lambda row: None
    judged: Callable[[int, Mapping[str, float]], None] = lambda step, metrics: None
    should_stop: Callable[[], bool] = lambda: False
