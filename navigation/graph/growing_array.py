"""A numpy column that grows by doubling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """Rows of small fixed size, appended in amortised constant time.

    For the few bytes a node or edge that are read as whole columns; what is large lives in `BlockArray`.
    """

    def __init__(self, dtype: DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self._data: NDArray[Any] = np.zeros((64, *shape), dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, row: Any) -> None:
        if self._length == len(self._data):
            self._reserve(2 * self._length)
        self._data[self._length] = row
        self._length += 1

    def extend(self, rows: NDArray[Any]) -> None:
        if self._length + len(rows) > len(self._data):
            self._reserve(max(2 * self._length, self._length + len(rows)))
        self._data[self._length : self._length + len(rows)] = rows
        self._length += len(rows)

    @property
    def writable(self) -> NDArray[Any]:
        """For the owner alone; valid until the next append."""
        return self._data[: self._length]

    @property
    def view(self) -> NDArray[Any]:
        """Read-only; its values may change with the owner."""
        view = self._data[: self._length]
        view.setflags(write=False)
        return view

    @property
    def nbytes(self) -> int:
        return self._data.nbytes

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drop the rows where the mask of shape (length,) is False."""
        kept = self._data[: self._length][rows]
        self._data = np.zeros((max(64, len(kept)), *self._data.shape[1:]), self._data.dtype)
        self._data[: len(kept)] = kept
        self._length = len(kept)

    def _reserve(self, capacity: int) -> None:
        data = np.zeros((capacity, *self._data.shape[1:]), self._data.dtype)
        data[: self._length] = self._data[: self._length]
        self._data = data
