"""Something that runs one graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cairn.policies.runtime.tensor_checks import Tensors


class GraphRunner(ABC):
    """One graph on one provider; its inputs were checked by the caller."""

    @property
    @abstractmethod
    def provider(self) -> str:
        """One of `cairn.policies.runtime.provider.PROVIDERS`."""

    @property
    @abstractmethod
    def placement(self) -> Mapping[str, int | None]:
        """Graph nodes by what executes them; None where the number is not known."""

    @abstractmethod
    def run(self, inputs: Tensors) -> dict[str, NDArray[np.generic]]:
        """Outputs by name."""
