"""What the supervisor knows about one node."""

from dataclasses import dataclass
from enum import Enum


class NodePhase(Enum):
    """Where a node's process is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    RESPAWNING = "respawning"
    ENDED = "ended"


@dataclass(frozen=True)
class NodeState:
    """A node's process at one moment; `exit_code` is negative where a signal ended it (-9: SIGKILL)."""

    name: str
    phase: NodePhase
    pid: int | None
    exit_code: int | None
    respawns: int
    tail: tuple[str, ...]
    """The last lines it wrote."""
