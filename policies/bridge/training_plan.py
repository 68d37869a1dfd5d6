"""What one run of `cairn train bridge` is to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.relabelling import RELABELLINGS, Relabelling
from cairn.policies.bridge.settings import ModelSettings, preset
from cairn.policies.bridge.train_settings import TrainSettings, train_preset
from cairn.policies.training.recording import Recording

TARGET_SHARE = 0.3
"""How often target data are drawn, as in Bridge Data's experiments."""


@dataclass(frozen=True)
class TrainingPlan:
    """Checked at construction; raises CairnError that names what is out of range.

    Attributes:
        output: directory of the bundle to write.
        work: directory of decoded frames, checkpoint and loss curves.
        command: that reproduces it, for the card.
        data: data sets; a step of one of weight 2 is drawn twice as often as one of weight 1.
        target: data sets of the kitchen or task that the policy is for.
        target_share: how often they are drawn, whatever their size.
        model: its tasks are those of the data.
        training: how.
        relabelling: which actions are learnt.
        cameras: numbers of those to learn from; None: all.
        validation: share of the demonstrations that is held out, where the data don't say.
        execute: steps of each plan to carry out before the policy is asked again.
        blocking: whether a step is to end when the motion has, rather than after .2 s.
        jobs: threads that train.
        device: "auto" takes a GPU if there is one.
        start: checkpoint whose weights to start from, where they fit.
    """

    output: Path
    work: Path
    command: str
    data: tuple[Recording, ...] = ()
    target: tuple[Recording, ...] = ()
    target_share: float = TARGET_SHARE
    model: ModelSettings = field(default_factory=lambda: preset("small"))
    training: TrainSettings = field(default_factory=lambda: train_preset("small"))
    relabelling: Relabelling = "recorded"
    cameras: tuple[int, ...] | None = None
    validation: float = 0.1
    execute: int = 1
    blocking: bool = False
    jobs: int = 2
    device: str = "auto"
    start: Path | None = None

    def __post_init__(self) -> None:
        if not self.data and not self.target:
            raise CairnError("nothing to learn from: give data sets of Bridge Data")
        if not 0 < self.target_share < 1:
            raise CairnError(f"target_share must lie in (0, 1), got {self.target_share}")
        if self.relabelling not in RELABELLINGS:
            raise CairnError(
                f"relabelling must be one of {', '.join(RELABELLINGS)}, got {self.relabelling!r}"
            )
        if self.cameras is not None and (not self.cameras or min(self.cameras) < 0):
            raise CairnError(f"cameras must be numbers from 0 on, got {self.cameras}")
        if not 0 < self.validation <= 0.5:
            raise CairnError(f"validation must be a share in (0, 0.5], got {self.validation}")
        if not 1 <= self.execute <= self.model.horizon:
            raise CairnError(
                f"execute must lie in [1, {self.model.horizon}], the horizon, got {self.execute}"
            )
        if self.jobs < 1:
            raise CairnError(f"jobs must be at least 1, got {self.jobs}")
