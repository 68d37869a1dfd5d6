"""An append-only numpy column in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

ROWS = 512


class BlockArray:
    """Large rows in blocks of 512: growing copies nothing and wastes at most one block.

    A row never changes once appended, so the views handed out and the snapshots of a save in another thread
    stay true; `keep` makes new blocks and leaves the old ones to whoever still reads them.
    """

    def __init__(self, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = shape
        self._blocks: list[NDArray[Any]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, row: int) -> NDArray[Any]:
        view = self._blocks[row // ROWS][row % ROWS]
        view.setflags(write=False)
        return view  # type: ignore[no-any-return]

    @property
    def row_shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def append(self, row: NDArray[Any]) -> None:
        if self._length == ROWS * len(self._blocks):
            self._blocks.append(np.zeros((ROWS, *self._shape), self._dtype))
        self._blocks[-1][self._length % ROWS] = row
        self._length += 1

    def extend(self, rows: NDArray[Any]) -> None:
        """Append many rows."""
        start = 0
        while start < len(rows):
            if self._length == ROWS * len(self._blocks):
                self._blocks.append(np.zeros((ROWS, *self._shape), self._dtype))
            at = self._length % ROWS
            part = rows[start : start + ROWS - at]
            self._blocks[-1][at : at + len(part)] = part
            self._length += len(part)
            start += len(part)

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Read-only blocks in order, the last one cut to what is filled; a fixed list when called."""
        cut = [
            block[: min(ROWS, self._length - i * ROWS)]
            for i, block in enumerate(self._blocks)
            if i * ROWS < self._length
        ]
        for block in cut:
            block.setflags(write=False)
        return iter(cut)

    def gather(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Copies of some rows, shape (len(rows), *row_shape)."""
        out = np.empty((len(rows), *self._shape), self._dtype)
        which = rows // ROWS
        for block in np.unique(which):
            here = which == block
            out[here] = self._blocks[block][rows[here] % ROWS]
        return out

    def keep(self, rows: NDArray[np.bool_]) -> BlockArray:
        """A new array of the rows where the mask is True; this one stays as it is."""
        kept = BlockArray(self._dtype, self._shape)
        for i, block in enumerate(self.blocks()):
            kept.extend(block[rows[i * ROWS : i * ROWS + len(block)]])
        return kept
