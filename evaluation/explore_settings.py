"""What one exploration benchmark is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cairn.evaluation.episode_runner import BUDGET
from cairn.evaluation.scenario import VARIED, Scenario
from cairn.hardware.errors import CairnError

RETURN_BUDGET = 300.0


@dataclass(frozen=True)
class ExploreSettings:
    """Everything that a row depends on besides its method and seed.

    Attributes:
        bundle: directory or shipped name of the policy bundle.
        conditions: as in `Scenario`.
        world_file: as in `Scenario`.
        budget: simulated seconds to find the goal.
        return_budget: simulated seconds for each later visit.
        later_visits: whether the way back, the way back in changed conditions and the cold start are run.
    """

    bundle: str
    conditions: str = VARIED
    world_file: Path | None = None
    budget: float = BUDGET
    return_budget: float = RETURN_BUDGET
    later_visits: bool = True

    def __post_init__(self) -> None:
        Scenario(0, self.conditions, self.world_file)  # refuses bad conditions before anything runs
        for name in ("budget", "return_budget"):
            if not 1 <= getattr(self, name) <= 86_400:
                raise CairnError(f"{name} must lie in [1, 86400] s, got {getattr(self, name)}")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()}
