"""The processes that train one model together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from cairn.hardware.errors import CairnError

Result = TypeVar("Result")


class Ranks:
    """One process, which trains alone; `TorchrunRanks` are several.

    Each has a share of the groups of every batch.  Random numbers are drawn by all for the whole batch, and
    means are those over all, so that several processes learn what one alone would, up to rounding.

    Attributes:
        number: of this process; 0 alone writes files.
        count: of processes.
    """

    number = 0
    count = 1

    def exchange(self, value: int) -> list[int]:
        """What every process has in the place of `value`, by number; waits for all of them."""
        return [value]

    def sum(self, tensor: Tensor) -> Tensor:
        """Over all processes, of tensors of one shape; gradients flow back to all."""
        return tensor

    def parallel(self, module: nn.Module) -> nn.Module:
        """`module` such that after a backward pass every process has the mean of all gradients."""
        return module

    def device(self, kind: str) -> str:
        """That of this process, where `kind` is "cpu" or "cuda"."""
        return kind

    def threads(self, jobs: int) -> int:
        """How many of a machine's `jobs` threads are this process's."""
        return jobs

    def share(self, total: int) -> range:
        """Which of `total` groups are this process's: contiguous, in the order of the processes.

        Raises CairnError when there are too few for all.
        """
        if total < self.count:
            raise CairnError(
                f"a batch has {total} groups of views, so at most {total} processes can share it, got "
                f"{self.count}"
            )
        return range(self.number * total // self.count, (self.number + 1) * total // self.count)

    def mean(self, values: Tensor) -> Tensor:
        """A loss whose gradients, averaged over the processes, are those of the mean of all values.

        Zero where nobody has any, where `Tensor.mean` is NaN.
        """
        return self.count * values.sum() / max(sum(self.exchange(values.numel())), 1)

    def gather(self, part: Tensor, share: range, total: int) -> Tensor:
        """All `total` rows, of which this process has those of `share`; gradients flow back to all."""
        if self.count == 1:
            return part
        before = part.new_zeros(share.start, *part.shape[1:])
        after = part.new_zeros(total - share.stop, *part.shape[1:])
        return self.sum(torch.cat([before, part, after]))

    def any(self, said: bool) -> bool:
        """Whether one of the processes says so; waits for all of them."""
        return any(self.exchange(int(said)))

    def first_does(self, work: Callable[[], Result]) -> Result | None:
        """Process 0 works while the others wait; they get None.

        What ends the work of process 0 is raised there, and CairnError by the others.
        """
        result, failure = None, None
        if self.number == 0:
            try:
                result = work()
            except BaseException as error:
                failure = error
        if self.any(failure is not None):
            raise failure or CairnError(f"process {self.number} of {self.count} ends: process 0 has ended")
        return result

    def first_leads(self, work: Callable[[], Result]) -> Result:
        """Process 0 works, then the others do, who find on disk what it made.  Raises as `first_does`."""
        result = self.first_does(lambda: (work(),))
        return result[0] if result is not None else work()
