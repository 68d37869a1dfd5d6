"""Says something about an episode to the recorder."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cairn_interfaces.srv import LabelEpisode
from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future

from cairn.hardware.episode_action import EpisodeAction

SERVICE = "recorder/episode"
ANSWER_WITHIN = 10.0
"""Seconds of real time after which an answer is given up."""

Answered = Callable[[bool, str, str], None]
"""Called with success, message and the episode that it was said about."""


class EpisodeClient:
    """Calls `recorder/episode` and never waits for it; what fails is logged."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._client: Client[Any, Any] = node.create_client(LabelEpisode, SERVICE)
        self._pending: list[tuple[Future[Any], float, Answered]] = []

    @property
    def is_ready(self) -> bool:
        """Whether somebody serves it."""
        return self._client.service_is_ready()

    def say(
        self,
        kind: EpisodeAction,
        *,
        episode: str = "",
        task: str = "",
        operator: str = "",
        note: str = "",
        answered: Answered = lambda *_: None,
    ) -> None:
        """Ask for it; `answered` is called exactly once, at once where nobody serves it."""
        self.give_up_overdue()
        if not self.is_ready:
            message = f"nobody serves {self._client.service_name}: start the recorder"
            self._node.get_logger().warning(
                f"{kind.name} was not noted: {message}", throttle_duration_sec=1.0
            )
            answered(False, message, "")
            return
        request = LabelEpisode.Request(
            kind=int(kind), episode=episode, task=task, operator_name=operator, note=note
        )
        future = self._client.call_async(request)
        self._pending.append((future, time.monotonic() + ANSWER_WITHIN, answered))
        future.add_done_callback(lambda done: self._on_answer(kind, done))

    def give_up_overdue(self) -> None:
        """Call it now and then: an answer that is awaited for too long is a failure."""
        now = time.monotonic()
        overdue = [entry for entry in self._pending if entry[1] < now]
        self._pending = [entry for entry in self._pending if entry[1] >= now]
        for future, _, answered in overdue:
            self._client.remove_pending_request(future)
            message = f"{self._client.service_name} gave no answer within {ANSWER_WITHIN:g} s"
            self._node.get_logger().error(message)
            answered(False, message, "")

    def _on_answer(self, kind: EpisodeAction, future: Future[Any]) -> None:
        found = [entry for entry in self._pending if entry[0] is future]
        self._pending = [entry for entry in self._pending if entry[0] is not future]
        response = future.result()
        if not found or response is None:
            return
        if response.success:
            self._node.get_logger().info(f"{kind.name} noted of episode {response.episode}")
        else:
            self._node.get_logger().warning(f"{kind.name} was refused: {response.message}")
        found[0][2](response.success, response.message, response.episode)
