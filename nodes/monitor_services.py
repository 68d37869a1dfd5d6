"""Carry what pages ask for to the services that do it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from cairn_interfaces.srv import LabelEpisode
from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from cairn.monitor.request_line import EpisodeRequest, PendingRequest, RequestLine
from cairn.nodes.monitor_messages import label_request

PATIENCE = 4.0
"""How long a service may take [s]; a little less than a page waits."""


@dataclass(frozen=True)
class _Call:
    pending: PendingRequest
    client: Client[Any, Any]
    future: Future[Any]
    deadline: float


class MonitorServices:
    """Calls `recorder/episode`, `gate/arm` and `arm_gate/arm`; `poll` takes requests and gives answers."""

    def __init__(self, node: Node, requests: RequestLine) -> None:
        self._node = node
        self._requests = requests
        self._label: Client[Any, Any] = node.create_client(LabelEpisode, "recorder/episode")
        self._arm: dict[str, Client[Any, Any]] = {
            "base": node.create_client(Trigger, "gate/arm"),
            "arm": node.create_client(Trigger, "arm_gate/arm"),
        }
        self._calls: list[_Call] = []

    def poll(self) -> None:
        """Call what is asked for, answer what is done or takes too long; never blocks."""
        while (pending := self._requests.take()) is not None:
            self._begin(pending)
        now = time.monotonic()
        for call in list(self._calls):
            if call.future.done():
                self._finish(call)
            elif now > call.deadline:
                call.client.remove_pending_request(call.future)
                call.pending.answer(False, f"{self._name(call.client)} does not answer")
            else:
                continue
            self._calls.remove(call)

    def _begin(self, pending: PendingRequest) -> None:
        request: Any
        if isinstance(pending.request, EpisodeRequest):
            client, what = self._label, "recorder"
            request = label_request(pending.request)
        else:
            client, what = self._arm[pending.request.gate], "gate"
            request = Trigger.Request()
        if not client.service_is_ready():
            pending.answer(False, f"there is no {what}: nobody offers {self._name(client)}")
            return
        self._calls.append(_Call(pending, client, client.call_async(request), time.monotonic() + PATIENCE))

    def _finish(self, call: _Call) -> None:
        response: Any = call.future.result()
        call.pending.answer(bool(response.success), str(response.message))

    def _name(self, client: Client[Any, Any]) -> str:
        return self._node.resolve_service_name(client.srv_name)
