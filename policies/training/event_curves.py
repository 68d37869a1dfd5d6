"""The losses as TensorBoard events, where TensorBoard is installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class EventCurves:
    """Writes rows of the curves; does nothing without the package `tensorboard`.

    Args:
        directory: of the event files.
        step: from which training goes on: what was written of later steps is hidden.
    """

    def __init__(self, directory: Path, step: int) -> None:
        self._writer: SummaryWriter | None = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return
        self._writer = SummaryWriter(str(directory), purge_step=step + 1)

    def append(self, row: Mapping[str, float], prefix: str = "loss") -> None:
        """One row with its `step`; on disk when this returns."""
        if self._writer is None:
            return
        for name, value in row.items():
            if name != "step":
                self._writer.add_scalar(f"{prefix}/{name}", value, int(row["step"]))
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
