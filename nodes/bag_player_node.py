"""The bag player: publishes what was recorded, at the times it was recorded, with its clock."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from rosgraph_msgs.msg import Clock as ClockMessage
from std_srvs.srv import SetBool

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_source import BagMessage
from cairn.evaluation.replay.playback_schedule import PlaybackSchedule
from cairn.evaluation.replay.playback_selection import CLOCK, PlaybackSelection
from cairn.evaluation.replay.playback_tally import PlaybackTally
from cairn.evaluation.replay.prefetch import Prefetch
from cairn.evaluation.whole_file import write_whole
from cairn.hardware.errors import CairnError
from cairn.nodes.bag_player_settings import BagPlayerSettings
from cairn.nodes.key_press import KeyPress
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.recorded_publisher import recorded_publisher
from cairn.nodes.single_instance import SingleInstance

_LONGEST_NAP, _SHORTEST_NAP = 0.01, 0.0002  # [s]
_LONGEST_TURN = 0.005  # [s] of publishing, then requests are listened to
_TURN_OF_A_THREAD = 0.0005  # [s]
_KEY_PERIOD = 0.1  # [s]
_STILL_CLOCK = 0.1  # [s] between clock messages while it is paused
# All topics together; Fast DDS asks its readers what they have every 3 s.
_ACKNOWLEDGED_WITHIN = 5.0  # [s]
_WITHHELD = "left out, because they can move hardware (ask by name with publish_commands): "


class BagPlayerNode(Node):
    """Publishes the bytes of a bag in the order of their log times, by a steady clock.

    What can move hardware is left out unless it was asked for by name.  At the end it reports how late
    messages were and what was lost, and ends its process.

    Raises CairnError on bad parameters, a bag that can't be read, nothing to publish, or another clock.
    """

    def __init__(self) -> None:
        super().__init__("bag_player")
        self._settings = settings = NodeParameters(self, BagPlayerSettings).value
        self._reader = BagReader(Path(settings.bag).expanduser())
        topics = {name: topic for name, (topic, count) in self._reader.topics.items() if count}
        chosen = PlaybackSelection.of(
            topics.values(),
            settings.topics,
            settings.exclude,
            settings.remap,
            settings.publish_commands,
            self.get_namespace(),
        )
        if chosen.withheld:
            self.get_logger().warning(_WITHHELD + ", ".join(chosen.withheld))
        self.tally = PlaybackTally()
        self._schedule = PlaybackSchedule(settings.rate)
        self._clock_publisher: Publisher[Any] | None = None
        self._next_clock = 0.0
        if settings.clock_rate:
            SingleInstance(self, CLOCK, "source of the clock", settings.delay, self._start)
            self._clock_publisher = self.create_publisher(ClockMessage, CLOCK, 10)
        self._publishers_by_topic = self._make_publishers(chosen)
        if not self._publishers_by_topic:
            known = ", ".join(sorted(topics)) or "none"
            raise CairnError(f"nothing of the bag is to be published; it has {known}")
        self._ended = False
        self._prefetch = self._begin()
        self._keys = KeyPress()
        self.create_service(SetBool, "replay/pause", self._on_pause)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        if not settings.clock_rate:
            self._start(settings.delay)
        self.create_timer(_KEY_PERIOD, self._look_at_keys, clock=steady)
        if settings.paused:
            self._schedule.pause(time.monotonic())
        hint = "; space pauses" if self._keys.is_possible else ""
        self.get_logger().info(f"{len(self._publishers_by_topic)} topics at {settings.rate:g} times{hint}")

    def close(self) -> None:
        """Say what was played, and leave the terminal as it was."""
        self._prefetch.close()
        self._keys.close()
        if self._ended:
            self._await_acknowledgement()
        complete = self._reader.complete
        self.get_logger().info(
            str(self.tally) + ("" if complete else "; the bag is cut: played up to the cut")
        )
        if self._settings.report:
            figures = self.tally.as_json() | {"complete_bag": complete, "rate": self._settings.rate}
            write_whole(Path(self._settings.report), json.dumps(figures, indent=1) + "\n")

    def _make_publishers(self, chosen: PlaybackSelection) -> dict[str, Publisher[Any]]:
        made = {}
        for recorded, name in chosen.names.items():
            topic, _ = self._reader.topics[recorded]
            size = len(next(self._reader.messages([recorded])).data)
            try:
                made[recorded] = recorded_publisher(self, topic, name, size)
            except BagError as error:
                self.tally.unpublishable[recorded] = str(error)
                self.get_logger().warning(f"{recorded} is not published: {error}")
        return made

    def _begin(self) -> Prefetch:
        """From the start: first what late joiners would have been told of what was said before it."""
        latched = {
            name
            for name, publisher in self._publishers_by_topic.items()
            if publisher.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
        }
        begin, end = self._settings.begin, self._settings.end
        if latched and begin > self._reader.time_range[0]:
            newest: dict[str, BagMessage] = {}
            for message in self._reader.messages(latched):
                if message.log_time < begin:
                    newest[message.topic.name] = message
            for message in newest.values():
                self._publish(message, 0.0)
        messages = self._reader.messages(list(self._publishers_by_topic))
        return Prefetch(message for message in messages if begin <= message.log_time <= end)

    def _start(self, delay: float = 0.0) -> None:
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self.create_timer(max(delay, _SHORTEST_NAP), self._play, clock=steady)

    def _play(self) -> None:
        """Publish what is due, then sleep until the next is."""
        begun = now = time.monotonic()
        self._publish_clock(now)
        while not self._schedule.is_paused and not self._ended and now - begun < _LONGEST_TURN:
            message = self._peek()
            if message is None:
                self._end_or_loop()
                break
            late = now - self._schedule.due(message.log_time, now)
            if late < 0:
                self._sleep(-late)
                return
            self._prefetch.take()
            self._publish(message, late)
            now = time.monotonic()
        self._sleep(_LONGEST_NAP if self._schedule.is_paused or self._ended else _SHORTEST_NAP)

    def _peek(self) -> BagMessage | None:
        try:
            return self._prefetch.peek()
        except CairnError as error:
            self.get_logger().error(f"playing ends here: {error}")
            self.tally.unpublishable[str(self._settings.bag)] = str(error)
            return None

    def _sleep(self, seconds: float) -> None:
        nap = min(max(seconds, _SHORTEST_NAP), _LONGEST_NAP)
        self._timer.timer_period_ns = round(nap * 1e9)
        self._timer.reset()  # else the period before it passes once more

    def _publish(self, message: BagMessage, late: float) -> None:
        name = message.topic.name
        try:
            self._publishers_by_topic[name].publish(message.data)
        except RuntimeError as error:  # the base of rclpy's own errors
            self.tally.failed[name] += 1
            self.get_logger().error(f"{name}: {error}", throttle_duration_sec=1.0)
            return
        self.tally.note(name, late)

    def _publish_clock(self, now: float) -> None:
        if self._clock_publisher is None or now < self._next_clock or self._ended:
            return
        recorded = self._schedule.recorded(now)
        if not recorded:  # before the first message
            first = self._peek()
            recorded = 0 if first is None else first.log_time
        seconds, nanoseconds = divmod(recorded, 1_000_000_000)
        self._clock_publisher.publish(ClockMessage(clock=Time(sec=seconds, nanosec=nanoseconds)))
        period = _STILL_CLOCK if self._schedule.is_paused else 1.0 / self._settings.clock_rate
        self._next_clock = now + period

    def _end_or_loop(self) -> None:
        if self._settings.loop and self.tally.published:
            self._schedule.restart()
            self._prefetch = self._begin()
            self.get_logger().info("from the beginning; the clock goes back")
            return
        self._ended = True
        signal.raise_signal(signal.SIGTERM)  # the orderly end of `run_node`

    def _await_acknowledgement(self) -> None:
        deadline = time.monotonic() + _ACKNOWLEDGED_WITHIN
        for name, publisher in self._publishers_by_topic.items():
            if publisher.qos_profile.reliability != ReliabilityPolicy.RELIABLE:
                continue
            left = Duration(seconds=max(deadline - time.monotonic(), 0.0))
            if not publisher.wait_for_all_acked(left):
                self.tally.unacknowledged.append(name)

    def _on_pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._pause(request.data)
        response.success = True
        response.message = "paused" if request.data else "playing"
        return response

    def _look_at_keys(self) -> None:
        if self._keys.read() == " ":
            self._pause(not self._schedule.is_paused)

    def _pause(self, wanted: bool) -> None:
        now = time.monotonic()
        (self._schedule.pause if wanted else self._schedule.resume)(now)
        self.get_logger().info("paused" if wanted else "playing")


def main() -> int:
    """Play until the end or a signal; returns the exit status, 1 where something could not be published."""
    nodes: list[BagPlayerNode] = []
    # The thread that reads ahead must not keep a message waiting: 5 ms, Python's own, is a lot here.
    sys.setswitchinterval(_TURN_OF_A_THREAD)

    def build() -> BagPlayerNode:
        nodes.append(BagPlayerNode())
        return nodes[0]

    status = run_node(build)
    return status or int(any(not node.tally.is_complete for node in nodes))


if __name__ == "__main__":
    sys.exit(main())
