"""Processes started by torchrun."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from cairn.hardware.errors import CairnError
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.shared_batch_norm import share_batch_norms

# Collecting worlds takes hours, in which the others wait; that one died is noticed at once all the same.
_LONGEST_WAIT = timedelta(days=7)


class TorchrunRanks(Ranks):
    """Those that torchrun describes in the environment; one at a time, within `joined_ranks`."""

    def __init__(self) -> None:
        self.number, self.count = dist.get_rank(), dist.get_world_size()
        # Waiting must not use nccl, whose patience is short, nor meet the sums of a backward pass, which
        # DistributedDataParallel mixes with its own.
        self._waiting = dist.new_group(backend="gloo", timeout=_LONGEST_WAIT)
        self._summing = dist.new_group()

    def exchange(self, value: int) -> list[int]:
        values = [torch.zeros(1, dtype=torch.int64) for _ in range(self.count)]
        dist.all_gather(values, torch.tensor([value]), group=self._waiting)
        return [int(each) for each in values]

    def sum(self, tensor: Tensor) -> Tensor:
        total: Tensor = _Sum.apply(tensor, self._summing)  # type: ignore[no-untyped-call]
        return total

    def parallel(self, module: nn.Module) -> nn.Module:
        share_batch_norms(module, self)
        # A batch without a driven pair leaves the decoder out.
        return DistributedDataParallel(module, find_unused_parameters=True)

    def device(self, kind: str) -> str:
        """A GPU for each.  Raises CairnError when the machine has fewer GPUs than processes."""
        if kind != "cuda":
            return kind
        number, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if number >= gpus:
            raise CairnError(
                f"expected at most one process a GPU, that is --nproc-per-node {gpus} here, got "
                f"{os.environ['LOCAL_WORLD_SIZE']}"
            )
        torch.cuda.set_device(number)
        return f"cuda:{number}"

    def threads(self, jobs: int) -> int:
        return max(1, jobs // int(os.environ["LOCAL_WORLD_SIZE"]))


@contextmanager
def joined_ranks() -> Iterator[Ranks]:
    """The processes of torchrun where it started this one, else this process alone.

    Raises CairnError when another process is lost.
    """
    if not dist.is_torchelastic_launched():
        yield Ranks()
        return
    store, number, count = next(rendezvous("env://"))
    if os.environ["GROUP_WORLD_SIZE"] == "1":
        # torchrun keeps its store when it starts processes again that were killed, and what they left there
        # would mislead their successors.  Machines count restarts on their own, so several can't do this.
        life = f"life{os.environ['TORCHELASTIC_RESTART_COUNT']}"
        store = dist.PrefixStore(life, store)  # type: ignore[attr-defined]
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(backend, store=store, rank=number, world_size=count)
    try:
        yield TorchrunRanks()
    except RuntimeError as error:
        if isinstance(error, dist.DistError) or "gloo" in str(error):
            raise CairnError(f"process {number} of {count} ends: another was lost") from error
        raise
    # Not after a failure: nccl would wait for the processes that failed.
    dist.destroy_process_group()


class _Sum(torch.autograd.Function):
    """Over all processes.  Each of them adds to all sums, so its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, group: dist.ProcessGroup) -> Tensor:
        ctx.group = group
        total = tensor.contiguous().clone()
        dist.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total, group=ctx.group)
        return total, None
