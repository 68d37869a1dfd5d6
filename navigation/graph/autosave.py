"""Saves the map while the robot drives."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import map_file
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.snapshot import GraphSnapshot

logger = logging.getLogger(__name__)


class Autosave:
    """Writes a changed map every `period` seconds from a thread of its own.

    The caller's loop only takes the snapshot; a save that takes longer than the period skips turns.
    """

    def __init__(self, graph: GraphMemory, path: Path, period: float = 30.0) -> None:
        if not path.parent.is_dir():
            raise CairnError(f"can't save maps to {path}: {path.parent} is no folder")
        if not period > 0:
            raise CairnError(f"the period of saving must be positive seconds, got {period}")
        self._graph, self._path, self._period = graph, path, period
        self._saved_revision = graph.revision
        self._due: float | None = None
        self._writer: threading.Thread | None = None
        self.last_error: str | None = None
        """Why the last save failed; None once one succeeded again."""

    def tick(self, now: float) -> bool:
        """Call at every step with a monotonic time [s]; True when a save was started."""
        if self._due is None:
            self._due = now + self._period
        if now < self._due or self._graph.revision == self._saved_revision or self._busy():
            return False
        self._due = now + self._period
        self._start()
        return True

    def close(self, timeout: float = 30.0) -> None:
        """Save what changed and wait.  Raises CairnError when that fails or takes longer than `timeout`."""
        if self._writer is not None:
            self._writer.join(timeout)
        if self._busy():
            raise CairnError(f"saving the map {self._path} took longer than {timeout} s")
        if self._graph.revision != self._saved_revision or self.last_error is not None:
            self._saved_revision = self._graph.revision
            map_file.save(self._graph, self._path)

    def _busy(self) -> bool:
        return self._writer is not None and self._writer.is_alive()

    def _start(self) -> None:
        self._saved_revision = self._graph.revision
        self._writer = threading.Thread(
            target=self._write, args=(self._graph.snapshot(),), name="map-autosave", daemon=True
        )
        self._writer.start()

    def _write(self, snapshot: GraphSnapshot) -> None:
        try:
            map_file.save(snapshot, self._path)
        except CairnError as error:
            # The robot drives on; the next change is saved again and the error is shown until one succeeds.
            self.last_error = str(error)
            self._saved_revision = -1
            logger.error("%s", error)
        else:
            self.last_error = None
