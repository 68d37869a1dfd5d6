"""Asks the recorder's services from another process than its own."""

from __future__ import annotations

from typing import Any

from cairn_interfaces.msg import EpisodeEvent
from cairn_interfaces.srv import LabelEpisode, StartRecording, TakeSnapshot
from recorder_rig import RecorderRig
from std_srvs.srv import SetBool, Trigger

_SERVICES = {
    "start": StartRecording,
    "stop": Trigger,
    "pause": SetBool,
    "episode": LabelEpisode,
    "snapshot": TakeSnapshot,
}


class RecorderClient:
    """Calls `recorder/<name>` of the rig's recorder and keeps the events that it publishes."""

    def __init__(self, rig: RecorderRig) -> None:
        self._rig = rig
        self.events: list[EpisodeEvent] = []
        self._clients = {
            name: rig.node.create_client(kind, f"/robot/recorder/{name}") for name, kind in _SERVICES.items()
        }
        rig.node.create_subscription(EpisodeEvent, "/robot/episode/event", self.events.append, 10)

    def wait(self) -> None:
        """Until the recorder answers, and its events reach us."""
        self._rig.wait_for(lambda: all(client.service_is_ready() for client in self._clients.values()))
        topic = "/robot/episode/event"
        self._rig.wait_for(lambda: self._rig.node.count_publishers(topic) == 1)

    def begin(self, service: str, /, **fields: Any) -> Any:
        """The future answer of a service."""
        return self._clients[service].call_async(_SERVICES[service].Request(**fields))

    def ask(self, service: str, /, **fields: Any) -> Any:
        """The answer of a service."""
        answer = self.begin(service, **fields)
        self._rig.wait_for(answer.done)
        return answer.result()

    def label(self, kind: int, **fields: str) -> Any:
        """The answer to something said about an episode."""
        return self.ask("episode", kind=kind, **fields)
