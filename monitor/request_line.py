"""Questions of pages to the robot's side, and its answers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EpisodeRequest:
    """Label an episode; `kind` is one of `page_messages.EPISODE_KINDS`."""

    kind: str
    task: str
    note: str
    operator_name: str


@dataclass(frozen=True)
class ArmRequest:
    """Release the latches of a gate, "base" or "arm"."""

    gate: str = "base"


@dataclass(frozen=True)
class Answer:
    """How it went, in words for the page."""

    success: bool
    message: str


@dataclass(frozen=True)
class PendingRequest:
    """A request that waits for its answer."""

    request: EpisodeRequest | ArmRequest
    _answer: concurrent.futures.Future[Answer] = field(default_factory=concurrent.futures.Future)

    def answer(self, success: bool, message: str) -> None:
        """Answer from any thread; an answer that comes too late is dropped."""
        if self._answer.set_running_or_notify_cancel():
            self._answer.set_result(Answer(success, message))

    async def wait(self, patience: float) -> Answer:
        """The answer, or after `patience` [s] that there is none."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._answer), patience)
        except asyncio.TimeoutError:
            return Answer(False, f"no answer within {patience:g} s")


class RequestLine:
    """A short queue from the server's thread to the node's; a full one refuses."""

    def __init__(self, length: int = 8, patience: float = 5.0) -> None:
        self._queue: queue.Queue[PendingRequest] = queue.Queue(length)
        self._patience = patience

    async def ask(self, request: EpisodeRequest | ArmRequest) -> Answer:
        """Ask from the server's thread."""
        pending = PendingRequest(request)
        try:
            self._queue.put_nowait(pending)
        except queue.Full:
            return Answer(False, "too many requests wait for an answer")
        return await pending.wait(self._patience)

    def take(self) -> PendingRequest | None:
        """The oldest request, for the node's thread."""
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None
