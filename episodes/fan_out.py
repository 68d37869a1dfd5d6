"""How independent jobs are run: by this process, by several, or by several machines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class FanOut(Protocol):
    """`function(*arguments[i])` for every i, in the order in which they finish.

    The function is one of a module, for another process must find it.  An exception of any job ends all.
    """

    def __call__(
        self, function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]
    ) -> Generator[Result, None, None]: ...


def one_by_one(
    function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]
) -> Generator[Result, None, None]:
    """In this process."""
    for each in arguments:
        yield function(*each)
