"""Note when the messages of a topic came, and which never did."""

from __future__ import annotations

from array import array

import numpy as np

from cairn.episodes.sequence_gaps import SequenceGaps
from cairn.evaluation.recording.recording import TopicTrack


class TopicReader:
    """Takes the messages of one topic in the order of time; eight bytes of each are kept."""

    def __init__(self, name: str, kind: str) -> None:
        self._name = name
        self._kind = kind
        self._gaps = SequenceGaps()
        self._losses: list[tuple[int, int]] = []
        self.stamps = array("q")

    def add(self, stamp: int, sequence: int) -> None:
        """A message received at log time `stamp` [ns]."""
        self.stamps.append(stamp)
        if missing := self._gaps.add(sequence):
            self._losses.append((stamp, missing))

    def track(self, start: int, recorded: tuple[int, int] | None) -> TopicTrack:
        """The topic since log time `start` [ns].

        Args:
            start: of the page.
            recorded: what the recorder counted as dropped and as missing; it knows the publishers, which the
                numbers alone don't tell.  None where it counted for another stretch, or not at all.
        """
        several = self._gaps.missing is None
        losses = () if several else tuple(((stamp - start) * 1e-9, count) for stamp, count in self._losses)
        lost = self._gaps.missing if recorded is None else sum(recorded)
        times = np.asarray((np.frombuffer(self.stamps, np.int64) - start) * 1e-9, np.float64)
        return TopicTrack(self._name, self._kind, times, losses, lost)
