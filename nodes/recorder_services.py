"""What the recorder can be asked to do while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from cairn_interfaces.msg import EpisodeEvent as EpisodeEventMessage
from cairn_interfaces.srv import LabelEpisode, StartRecording, TakeSnapshot
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from rclpy.task import Future
from rclpy.time import Time
from std_srvs.srv import SetBool, Trigger

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.episode import Episode
from cairn.episodes.episode_log import EVENT_TOPIC, EpisodeEvent
from cairn.episodes.provenance import Provenance
from cairn.episodes.recorder import Recorder
from cairn.episodes.topic import Topic
from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.nodes.recorder_settings import RecorderSettings

EVENT_TYPE = "cairn_interfaces/msg/EpisodeEvent"
_LONGEST_NAME = 200
_PATIENCE = 5.0
"""How long an answer waits for a bag to be completed [s]."""
_POLL_PERIOD = 0.02


class RecorderServices:
    """`recorder/start`, `stop`, `pause`, `episode` and `snapshot`; a refusal says why.

    Args:
        node: to serve with; its clock stamps.
        recorder: what does the work.
        settings: gives the settings in force.
        provenance: makes that of a bag to begin now.
        describe: what a bag must know of a topic, by name and type.
        on_change: called after whatever the status tells has changed.
    """

    def __init__(
        self,
        node: Node,
        recorder: Recorder,
        settings: Callable[[], RecorderSettings],
        provenance: Callable[[], Provenance],
        describe: Callable[[str, str], Topic],
        on_change: Callable[[], None],
    ) -> None:
        self._node = node
        self._recorder = recorder
        self._settings = settings
        self._provenance = provenance
        self._describe = describe
        self._on_change = on_change
        qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
        self._events = node.create_publisher(EpisodeEventMessage, EVENT_TOPIC, qos)
        self._event_topic: Topic | None = None
        node.create_service(StartRecording, "recorder/start", self._start)
        # Everything else goes on while a bag is completed.
        group = MutuallyExclusiveCallbackGroup()
        node.create_service(Trigger, "recorder/stop", self._stop, callback_group=group)
        node.create_service(SetBool, "recorder/pause", self._pause)
        node.create_service(LabelEpisode, "recorder/episode", self._label)
        node.create_service(TakeSnapshot, "recorder/snapshot", self._snapshot)

    @property
    def event_topic(self) -> str:
        """Absolute name of the topic of events."""
        return str(self._events.topic_name)

    def _start(
        self, request: StartRecording.Request, response: StartRecording.Response
    ) -> StartRecording.Response:
        try:
            bag = self._settings().bag(request.name)
            self._recorder.start(bag, self._provenance())
        except CairnError as error:
            response.success, response.message = False, str(error)
            return response
        self._node.get_logger().info(f"recording to {bag}")
        self._on_change()
        response.success, response.message, response.bag = True, f"recording to {bag}", str(bag)
        return response

    async def _stop(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            writer = self._recorder.stop("recorder/stop")
        except CairnError as error:
            response.success, response.message = False, str(error)
            return response
        self._on_change()
        complete = await self._completion(writer)  # so the answer can say that the bag is complete
        self._on_change()
        summary = writer.summary()
        response.success = not summary.failed
        response.message = f"{writer.bag}: {summary.in_words()}"
        if not complete:
            response.message += "; the disk is slow, the bag is still being completed"
        return response

    def _completion(self, writer: BagWriter) -> Future[bool]:
        """Tells whether the bag is complete, at the latest when the patience is over."""
        completion: Future[bool] = Future()
        deadline = time.monotonic() + _PATIENCE

        def look() -> None:
            complete = writer.wait(0.0)
            if complete or time.monotonic() > deadline:
                self._node.destroy_timer(timer)
                completion.set_result(complete)

        timer = self._node.create_timer(_POLL_PERIOD, look, clock=Clock(clock_type=ClockType.STEADY_TIME))
        return completion

    def _pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        try:
            if request.data:
                self._recorder.pause(self._now())
            else:
                self._recorder.resume(self._now())
        except CairnError as error:
            response.success, response.message = False, str(error)
            return response
        self._on_change()
        response.success, response.message = True, "paused" if request.data else "recording"
        return response

    def _label(self, request: LabelEpisode.Request, response: LabelEpisode.Response) -> LabelEpisode.Response:
        said = []
        try:
            episode = self._record_event(self._event(request))
            response.success, response.episode = True, episode.name
            said.append(f"episode {episode.name}: {EpisodeAction(request.kind).word}")
        except CairnError as error:
            response.success = False
            said.append(str(error))
        if request.kind == EpisodeAction.MARK and self._settings().snapshot_on_mark:
            snapshot = TakeSnapshot.Response()
            self._snapshot(TakeSnapshot.Request(), snapshot)
            response.success = snapshot.success and response.success
            said.append(snapshot.message)
        self._on_change()
        response.message = "; ".join(said)
        return response

    def _snapshot(
        self, request: TakeSnapshot.Request, response: TakeSnapshot.Response
    ) -> TakeSnapshot.Response:
        try:
            bag = self._settings().bag(request.name, kind="_snapshot")
            self._recorder.take_snapshot(bag, self._provenance())
        except CairnError as error:
            response.success, response.message = False, str(error)
            return response
        response.success, response.message, response.bag = True, f"writing the snapshot {bag}", str(bag)
        return response

    def _event(self, request: LabelEpisode.Request) -> EpisodeEvent:
        try:
            kind = EpisodeAction(request.kind)
        except ValueError:
            valid = ", ".join(f"{kind.value} ({kind.word})" for kind in EpisodeAction)
            raise BagError(f"expected a kind of event, got {request.kind}; valid: {valid}") from None
        if len(request.episode) > _LONGEST_NAME or not request.episode.isprintable():
            raise BagError(f"expected the name of an episode in one line, got {request.episode[:80]!r}")
        task, operator = request.task, request.operator_name
        if kind is EpisodeAction.START:
            task, operator = task or self._settings().task, operator or self._settings().operator
        return EpisodeEvent(kind, self._now(), request.episode, task, operator, request.note)

    def _record_event(self, event: EpisodeEvent) -> Episode:
        if self._event_topic is None:
            self._event_topic = self._describe(self.event_topic, EVENT_TYPE)
        message = EpisodeEventMessage(
            kind=int(event.kind), task=event.task, operator_name=event.operator, note=event.note
        )
        message.header.stamp = Time(nanoseconds=event.stamp).to_msg()

        def encode(episode: Episode) -> bytes:
            message.episode = episode.name
            return bytes(serialize_message(message))

        episode = self._recorder.label(event, self._event_topic, encode)
        self._events.publish(message)
        return episode

    def _now(self) -> int:
        # A simulation's clock stands at 0 until it is heard; in pauses and episodes 0 means "not yet".
        return max(1, int(self._node.get_clock().now().nanoseconds))
