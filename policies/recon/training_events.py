"""What a training run tells its caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainingEvents:
    """What a caller may want to show; each is called from the thread that trains.

    Of several processes, the first alone calls them; `should_stop` is asked in each.

    Attributes:
        collected: directory, worlds or recordings there, how many are wanted.
        trained: steps made, steps wanted.
        losses: a row of the curves: `step`, `seconds` and the mean of each loss.
        diagnosed: step and what `diagnose` found on tuning worlds, or on held-out recordings where there
            are no worlds.
        should_stop: asked between two steps of training, two collected worlds and two recordings.
    """

    collected: Callable[[Path, int, int], None] = lambda directory, done, total: None
    trained: Callable[[int, int], None] = lambda step, steps: None
    losses: Callable[[Mapping[str, float]], None] = lambda row: None
    diagnosed: Callable[[int, Mapping[str, float]], None] = lambda step, metrics: None
    should_stop: Callable[[], bool] = lambda: False
