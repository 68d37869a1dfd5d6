"""How a training ends that was told to stop."""

from __future__ import annotations

from cairn.hardware.errors import CairnError


class TrainingStoppedError(CairnError):
    """The run was told to stop; what it had reached is saved."""
