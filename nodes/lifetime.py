"""The life of a node's process: start, spin, stop on a signal with the context still valid."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from cairn.hardware.errors import CairnError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _stop_request() -> Future[None]:
    """A future that the first signal completes; a second signal ends the process at once.

    rclpy's own handlers shut the context before a node can say goodbye, and a Python handler doesn't
    run while the executor waits in C.  The wake-up descriptor is written by the C part of Python's
    handler, whichever thread takes the signal, and a thread of its own reads it.
    """
    request: Future[None] = Future()
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach())
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        reader.recv(1)
        request.set_result(None)
        os._exit(128 + reader.recv(1)[0])

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return request


def run_node(build: Callable[[], Node], arguments: Sequence[str] | None = None) -> int:
    """Build a node, spin it until SIGINT, SIGTERM or SIGHUP, and end it in order.

    A node with a method `close()` has it called while it can still publish: that is the place for a
    final zero command or for closing a file.

    Args:
        build: makes the node; called after `rclpy.init`.
        arguments: the command line with ROS arguments; `sys.argv` by default.

    Returns:
        The exit status: 0 after a signal, 2 after a CairnError (its message goes to stderr).
    """
    stop = _stop_request()
    executor: SingleThreadedExecutor | None = None
    node: Node | None = None
    try:
        _init(arguments)
        executor = SingleThreadedExecutor()
        node = build()
        executor.add_node(node)
        # What start-up made lives as long as the process: keep the collector from walking it again.
        gc.collect()
        gc.freeze()
        executor.spin_until_future_complete(stop)
    except CairnError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    finally:
        if node is not None:
            getattr(node, "close", lambda: None)()
            node.destroy_node()
        if executor is not None:
            executor.shutdown()
        rclpy.try_shutdown()
    return 0


def _init(arguments: Sequence[str] | None) -> None:
    try:
        rclpy.init(
            args=None if arguments is None else list(arguments),
            signal_handler_options=SignalHandlerOptions.NO,
        )
    except RuntimeError as error:  # the base of all of rclpy's own errors
        raise CairnError(f"the ROS arguments or a parameter file can't be read: {error}") from error
