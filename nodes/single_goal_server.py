"""An action that does one thing at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rclpy.action.server import ActionServer, CancelResponse, ServerGoalHandle
from rclpy.node import Node

from cairn.hardware.errors import CairnError

Work = TypeVar("Work")
_FAREWELL, _SENDING = 1.0, 0.1  # [s]
Handle = ServerGoalHandle[Any, Any, Any]


class SingleGoalServer(Generic[Work]):
    """Takes goals, holds the work that began with one, and hands back its result when it is ended.

    A goal begins at once and `execute` only comes at the end, so that nothing waits inside the executor.

    Args:
        node: to serve with.
        kind, name: of the action.
        begin: makes everything ready for a goal; the words of its CairnError are the answer to it.
        refuse: makes the result of a goal that is refused for a reason.
        what: is under way, e.g. "a search".
    """

    def __init__(
        self,
        node: Node,
        kind: Any,
        name: str,
        begin: Callable[[Handle], Work],
        refuse: Callable[[str], Any],
        what: str,
    ) -> None:
        self._node = node
        self._begin = begin
        self._refuse = refuse
        self._what = what
        self._under_way: tuple[Handle, Work] | None = None
        self._action = ActionServer(
            node,
            kind,
            name,
            _conclude,
            handle_accepted_callback=self._on_goal,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    @property
    def work(self) -> Work | None:
        """Under way."""
        return None if self._under_way is None else self._under_way[1]

    def end(self, result: Any, has_succeeded: bool) -> None:
        """End what is under way, and tell whoever asked for it."""
        assert self._under_way is not None
        (handle, _), self._under_way = self._under_way, None

        def finish(handle: Handle) -> Any:
            if handle.is_cancel_requested:
                handle.canceled()
            elif has_succeeded:
                handle.succeed()
            else:
                handle.abort()
            return result

        handle.execute(finish)

    def say_farewell(self, handle: Handle) -> None:
        """After `end`, in a process that ends: see to it that the result is sent.

        Sending takes several turns of the executor, which nobody spins any more.
        """
        executor, start = self._node.executor, time.monotonic()
        while executor is not None and (waited := time.monotonic() - start) < _FAREWELL:
            if not handle.is_active and waited > _SENDING:
                return
            executor.spin_once(timeout_sec=0.02)

    def _on_goal(self, handle: Handle) -> None:
        try:
            if self._under_way is not None:
                raise CairnError(f"{self._what} is under way; cancel it first")
            work = self._begin(handle)
        except CairnError as error:
            self._node.get_logger().error(f"goal refused: {error}")
            refusal = self._refuse(str(error))

            def abort(handle: Handle) -> Any:
                handle.abort()
                return refusal

            handle.execute(abort)
            return
        self._under_way = handle, work


def _conclude(handle: Handle) -> Any:
    raise RuntimeError("every goal is executed with an end of its own")
