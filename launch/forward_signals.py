"""SIGINT, SIGTERM and SIGHUP of this process, forwarded to the nodes of a supervisor."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cairn.launch.supervisor import Supervisor

_FORWARDED = {
    signal.SIGINT: signal.SIGINT,
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGHUP: signal.SIGTERM,
}


@contextmanager
def forward_signals(supervisor: Supervisor) -> Iterator[None]:
    """Within this block a signal begins the stop of all nodes, and a second one escalates.

    Only for the main thread, as Python's signal handlers are.
    """

    def handler(number: int, _frame: FrameType | None) -> None:
        received = signal.Signals(number)
        supervisor.request_stop(_FORWARDED[received], f"received {received.name}")

    before = {number: signal.signal(number, handler) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
