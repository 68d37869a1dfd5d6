"""A recorded run as the report shows it: what the bag says, judged by the simulator's ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.message_values import picture
from cairn.evaluation.episode_runner import Verdict
from cairn.evaluation.run_record import GraphPicture, VisitRecord
from cairn.evaluation.task import SearchTask
from cairn.evaluation.trace import Trace
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.truth_map import TruthMap
from cairn.navigation.budget import Spent
from cairn.navigation.decision import Phase
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose

_DECISION, _STATUS, _LATENCY = "explore/decision", "explore/status", "explore/latency"
_TRUTH, _ODOMETRY = "simulation/ground_truth", "platform/odom/filtered"
_COLLISION = "simulation/collision"
_IMAGES = ("sensors/camera/image", "sensors/camera/image/compressed")
_SAME = 1e-6  # [s] stamps that are one
_NEAR = 2_000_000_000  # [ns] between an image's stamp and when it was recorded


@dataclass
class _Series:
    """Rows by stamp, as they came."""

    stamps: list[float] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, message: Any, *row: float) -> None:
        self.stamps.append(_seconds(message.header.stamp))
        self.rows.append(row)

    def at(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """The newest row at or before each stamp, the first where there is none."""
        if not self.rows:
            raise CairnError("the bag lacks the simulator's topics; it can't be judged")
        order = np.argsort(self.stamps, kind="stable")
        index = np.searchsorted(np.asarray(self.stamps)[order], stamps + _SAME, side="right") - 1
        return np.asarray(self.rows)[order][np.maximum(index, 0)]


class RecordedRun:
    """The searches in a bag, in their order, and what was true meanwhile.

    Args:
        bag: its directory.
        namespace: of the robot's topics, for example "/j100"; empty for none.

    Raises BagError when it can't be read, and CairnError when it holds no search.
    """

    def __init__(self, bag: Path, namespace: str = "") -> None:
        self._reader = BagReader(bag)
        self._prefix = namespace.rstrip("/") + "/"
        self._truth, self._odometry, self._collision = _Series(), _Series(), _Series()
        self._nodes: dict[float, int] = {}
        self._latencies: list[float] = []
        decisions: list[Any] = []
        self._reasons: dict[float, str] = {}
        wanted = [_DECISION, _STATUS, _LATENCY, _TRUTH, _ODOMETRY, _COLLISION]
        topics = [self._prefix + name for name in wanted]
        for message in self._reader.messages([topic for topic in topics if topic in self._reader.topics]):
            name = message.topic.name.removeprefix(self._prefix)
            self._take(name, self._reader.decode(message), decisions)
        self._searches = _split(decisions)
        if not self._searches:
            raise CairnError(f"the bag {bag} holds no decision of a search")

    def _take(self, name: str, content: Any, decisions: list[Any]) -> None:
        if name == _DECISION:
            decisions.append(content)
        elif name == _STATUS:
            self._nodes[_seconds(content.header.stamp)] = content.node
            self._reasons[_seconds(content.header.stamp)] = content.reason
        elif name == _LATENCY:
            self._latencies.append(content.data * 1000)
        elif name == _COLLISION:
            self._collision.add(content, content.physical or content.stuck, content.collisions)
        else:
            series = self._truth if name == _TRUTH else self._odometry
            pose = content.pose.pose
            yaw = 2 * np.arctan2(pose.orientation.z, pose.orientation.w)
            series.add(content, pose.position.x, pose.position.y, float(np.arctan2(np.sin(yaw), np.cos(yaw))))

    @property
    def latencies_ms(self) -> NDArray[np.float64]:
        """Wall-clock milliseconds from each image's arrival to its command."""
        return np.asarray(self._latencies)

    def visits(self, names: Sequence[str], task: SearchTask, truth: TruthMap) -> list[VisitRecord]:
        """Each search under its name, judged; those without a name are called by their number."""
        records = []
        for number, search in enumerate(self._searches):
            name = names[number] if number < len(names) else f"visit {number + 1}"
            trace = self._trace(search)
            counts = self._collision.at(trace.stamp[[0, -1]])[:, 1]
            records.append(
                VisitRecord(
                    name,
                    self._verdict(search[-1], trace, task, truth).value,
                    trace,
                    int(counts[1] - counts[0]),
                    self._image_of(float(trace.stamp[-1])),
                )
            )
        return records

    def graph(self, graph: GraphMemory) -> GraphPicture:
        """A map made in this run, drawn where the robot truly was."""
        index = {int(node): row for row, node in enumerate(graph.ids)}
        edges = [(index[edge.source], index[edge.target]) for edge in graph.edge_list()]
        return GraphPicture(
            self._truth.at(np.asarray(graph.stamps, float))[:, :2],
            np.asarray(graph.visits, np.int64),
            np.asarray(edges, np.int64).reshape(len(edges), 2),
        )

    def _verdict(self, last: Any, trace: Trace, task: SearchTask, truth: TruthMap) -> Verdict:
        if last.phase == Phase.REACHED:
            true = task.is_reached_from(Pose(*map(float, trace.truth[-1])), truth)
            return Verdict.REACHED if true else Verdict.FALSE_DECLARATION
        reason = self._reasons.get(float(trace.stamp[-1]), "")
        return Verdict.OUT_OF_TIME if reason == Spent.TIME.value else Verdict.GAVE_UP

    def _trace(self, search: list[Any]) -> Trace:
        stamps = np.array([_seconds(decision.header.stamp) for decision in search])
        before = np.concatenate([[stamps[0] - _SAME], stamps[:-1]])
        moments, states = np.asarray(self._collision.stamps), np.asarray(self._collision.rows)
        touched = moments[states[:, 0] > 0] if len(states) else np.zeros(0)
        hits = np.searchsorted(touched, stamps + _SAME) - np.searchsorted(touched, before + _SAME)
        return Trace(
            stamp=stamps,
            truth=self._truth.at(stamps),
            odometry=self._odometry.at(stamps),
            twist=np.array([(d.twist.linear.x, d.twist.angular.z) for d in search]),
            phase=np.array([d.phase for d in search], np.int8),
            predicted_steps=np.array([d.predicted_steps for d in search], np.float32),
            match=np.array([d.match_probability for d in search], np.float32),
            node=np.array([self._nodes.get(float(stamp), -1) for stamp in stamps], np.int32),
            collided=hits > 0,
            decide_ms=np.full(len(search), np.nan, np.float32),
        )

    def _image_of(self, stamp: float) -> NDArray[np.uint8]:
        """The image that was decided on at `stamp`."""
        wanted = round(stamp * 1e9)
        topics = [self._prefix + name for name in _IMAGES if self._prefix + name in self._reader.topics]
        for message in self._reader.messages(topics):
            if abs(message.log_time - wanted) > _NEAR:
                continue
            image = self._reader.decode(message)
            if abs(_seconds(image.header.stamp) - stamp) < _SAME:
                return picture(image).pixels()
        raise CairnError(f"the bag lacks the image of {stamp:.3f} s")


def _split(decisions: list[Any]) -> list[list[Any]]:
    """Searches end with a terminal phase, or where decisions pause as no search does."""
    searches: list[list[Any]] = []
    open_search: list[Any] = []
    for decision in decisions:
        open_search.append(decision)
        if decision.phase in (Phase.REACHED, Phase.FAILED):
            searches.append(open_search)
            open_search = []
    return searches + ([open_search] if open_search else [])


def _seconds(stamp: Any) -> float:
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)
