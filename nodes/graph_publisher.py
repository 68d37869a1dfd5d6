"""The graph memory on a topic, for people to look at."""

from __future__ import annotations

import time

from builtin_interfaces.msg import Time
from rclpy.node import Node
from visualization_msgs.msg import MarkerArray

from cairn.navigation.explorer import Explorer
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.outline import outline_of
from cairn.navigation.pose import Pose
from cairn.nodes.graph_messages import graph_message
from cairn.nodes.qos_profiles import LATCHED

_PERIOD = 1.0  # [s] real time between two messages
_SHARE = 0.01  # of the time, at most, that goes into messages


class GraphPublisher:
    """Publishes `explore/graph` when it has changed: at most once a second, less often the longer that takes.

    Args:
        node: to publish with.
    """

    def __init__(self, node: Node) -> None:
        self._publisher = node.create_publisher(MarkerArray, "explore/graph", LATCHED)
        self._due = 0.0
        self._shown: tuple[GraphMemory, int, Pose | None, tuple[float, float] | None] | None = None

    def update(self, explorer: Explorer, stamp: Time) -> None:
        """Publish what the explorer remembers, if it is time and there is news."""
        began = time.monotonic()
        if began < self._due:
            return
        graph, goal, target = explorer.graph, explorer.believed_goal, explorer.next_viewpoint
        news = (graph, graph.revision, goal, target)
        # Another map may well be of the same revision.
        if self._shown is not None and graph is self._shown[0] and news[1:] == self._shown[1:]:
            return
        self._shown = news
        self._publisher.publish(graph_message(outline_of(graph), goal, target, stamp))
        ended = time.monotonic()
        self._due = max(began + _PERIOD, ended + (ended - began) / _SHARE)
