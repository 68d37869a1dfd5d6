"""From labels, contacts and the gate's states to what happened."""

from __future__ import annotations

from typing import Any

from cairn.evaluation.recording.recording import Event, EventKind, GateSpan
from cairn.evaluation.recording.shown_topics import COLLISION, EPISODE_EVENT, GATE_STATUS
from cairn.hardware.episode_action import EpisodeAction

_LABELS = tuple(EventKind[action.name] for action in EpisodeAction)
"""At the place of their number."""

_DRIVING = 1


class EventReader:
    """Takes messages in the order of time, and tells events and what the gate did.

    Attributes:
        events: so far.
    """

    TYPES = (EPISODE_EVENT, GATE_STATUS, COLLISION)
    """Types of the messages that `add` understands."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._contact: dict[str, tuple[bool, int]] = {}
        self._spans: dict[str, list[GateSpan]] = {}

    def add(self, topic: str, kind: str, time: float, message: Any) -> None:
        """A decoded message of one of `TYPES`, `time` seconds after the start."""
        if kind == EPISODE_EVENT:
            self._label(time, message)
        elif kind == COLLISION:
            self._collision(topic, time, message)
        else:
            self._gate(topic, time, message)

    def gate(self) -> tuple[GateSpan, ...]:
        """The spans of the first gate."""
        return tuple(next(iter(self._spans.values()), ()))

    @property
    def has_labels(self) -> bool:
        """Somebody published labels."""
        return any(event.kind in _LABELS for event in self.events)

    def _label(self, time: float, message: Any) -> None:
        if message.kind < len(_LABELS):
            words = (message.episode, message.task, message.note.replace("\n", "; "))
            self.events.append(Event(time, _LABELS[message.kind], ", ".join(filter(None, words))))

    def _collision(self, topic: str, time: float, message: Any) -> None:
        """A new contact, or one more than were counted."""
        touching, count = bool(message.physical or message.stuck or message.flipped), int(message.collisions)
        before, counted = self._contact.get(topic, (False, count))
        self._contact[topic] = (touching, count)
        if count > counted or (touching and not before and not count):
            flags = ("physical", "stuck", "flipped", "outside_geofence")
            words = [flag.replace("_", " ") for flag in flags if getattr(message, flag)]
            self.events.append(Event(time, EventKind.COLLISION, ", ".join(words)))

    def _gate(self, topic: str, time: float, message: Any) -> None:
        spans = self._spans.setdefault(topic, [])
        driving = message.state == _DRIVING
        if spans and spans[-1].driving == driving:
            last = spans[-1]
            spans[-1] = GateSpan(last.start, time, driving, last.reason or message.reason)
            return
        if spans:
            spans[-1] = GateSpan(spans[-1].start, time, spans[-1].driving, spans[-1].reason)
            if not driving:
                self.events.append(Event(time, EventKind.GATE_STOP, message.reason))
        spans.append(GateSpan(time, time, driving, "" if driving else message.reason))
