"""Mean, spread and range of values that come in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class RunningStatistics:
    """Of each of `size` columns; `count` counts samples as the data set counts them, not values."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self._values = 0
        self._mean = np.zeros(size)
        self._squares = np.zeros(size)
        self._least = np.full(size, np.inf)
        self._most = np.full(size, -np.inf)

    def add(self, block: NDArray[Any], samples: int) -> None:
        """Take in values of shape (n, size), n at least 1, which make up `samples` samples."""
        block = block.astype(np.float64)
        mean, squares = block.mean(0), ((block - block.mean(0)) ** 2).sum(0)
        self._combine(len(block), mean, squares, block.min(0), block.max(0), samples)

    def merge(self, other: RunningStatistics) -> None:
        """Take in all that another took in."""
        self._combine(other._values, other._mean, other._squares, other._least, other._most, other.count)

    def _combine(
        self,
        values: int,
        mean: NDArray[np.float64],
        squares: NDArray[np.float64],
        least: NDArray[np.float64],
        most: NDArray[np.float64],
        samples: int,
    ) -> None:
        """Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, equation 2.1."""
        total = self._values + values
        apart = mean - self._mean
        self._mean = self._mean + apart * (values / total)
        self._squares = self._squares + squares + apart**2 * (self._values * values / total)
        self._values = total
        self._least, self._most = np.minimum(self._least, least), np.maximum(self._most, most)
        self.count += samples

    def as_entries(self, shape: tuple[int, ...]) -> dict[str, Any]:
        """min, max, mean and std as nested lists of a shape, and the count."""
        deviation = np.sqrt(self._squares / self._values)
        named = {"min": self._least, "max": self._most, "mean": self._mean, "std": deviation}
        entries = {name: values.reshape(shape).tolist() for name, values in named.items()}
        return {**entries, "count": [self.count]}

    def as_state(self) -> list[Any]:
        """All that it knows, as JSON can hold it."""
        arrays = (self._mean, self._squares, self._least, self._most)
        return [self.count, self._values, *(array.tolist() for array in arrays)]

    @classmethod
    def from_state(cls, state: list[Any]) -> RunningStatistics:
        """The inverse of `as_state`."""
        made = cls(len(state[2]))
        made.count, made._values = state[:2]
        made._mean, made._squares, made._least, made._most = map(np.array, state[2:])
        return made
