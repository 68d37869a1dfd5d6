"""A .npy file that is written row by row."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from cairn.hardware.errors import CairnError


class GrowingArray:
    """Appends rows of one type and shape to `path`; the file is whole once it is closed.

    Memory does not grow with the number of rows: numpy pads the header so that the count fits in later.
    """

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
        self._dtype, self._shape, self._count = np.dtype(dtype), shape, 0
        self._file = path.open("wb")
        self._write_header()
        self._begin = self._file.tell()

    def __enter__(self) -> GrowingArray:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            self._file.seek(0)
            self._write_header()
            if self._file.tell() != self._begin:
                raise CairnError(f"{self._file.name}: this numpy leaves no room for {self._count} rows")

    def append(self, row: ArrayLike) -> None:
        """Raises CairnError for a row of another shape."""
        array = np.ascontiguousarray(row, self._dtype).reshape(np.shape(row))
        if array.shape != self._shape:
            raise CairnError(f"{self._file.name} takes rows of {self._shape}, got {array.shape}")
        self._file.write(array.tobytes())
        self._count += 1

    def _write_header(self) -> None:
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._count, *self._shape),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
