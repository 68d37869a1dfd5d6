"""The action `explore_to_goal`: one search at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import ExploreStatus
from rclpy.node import Node

from cairn.navigation.budget import BudgetKeeper
from cairn.nodes.goal_request import GoalRequest
from cairn.nodes.single_goal_server import Handle, SingleGoalServer

Result = ExploreToGoal.Result


@dataclass
class Search:
    """The search under way.

    Attributes:
        handle: by which whoever asked for it hears of it.
        request: what to find.
        keeper: of its limits.
        began: ROS time [s].
        last_stamp: of the last image that was decided on [s].
    """

    handle: Handle
    request: GoalRequest
    keeper: BudgetKeeper
    began: float
    last_stamp: float = -1.0

    def tell(self, status: ExploreStatus) -> None:
        """Send feedback."""
        self.handle.publish_feedback(ExploreToGoal.Feedback(status=status))


class SearchServer:
    """Takes goals, holds the search that began with one, and hands back its result when it is ended.

    Args:
        node: to serve with.
        begin: makes everything ready for a goal; the words of its CairnError are the answer to it.
    """

    def __init__(self, node: Node, begin: Callable[[ExploreToGoal.Goal], GoalRequest]) -> None:
        self._node = node
        self._begin = begin
        self._goals = SingleGoalServer(
            node, ExploreToGoal, "explore_to_goal", self._start, _refusal, "a search"
        )

    @property
    def search(self) -> Search | None:
        """The search under way."""
        return self._goals.work

    def end(self, code: int, reason: str, nodes: int) -> None:
        """End the search: `code` is one of ExploreToGoal's, `nodes` how many the map has now."""
        search = self.search
        assert search is not None
        result = Result(
            result=code,
            reason=reason,
            time_taken=search.keeper.time,
            distance_travelled=search.keeper.distance,
            nodes=nodes,
            goal_node=search.request.node,
        )
        self._node.get_logger().info(
            f"search ended after {search.keeper.time:.0f} s, {search.keeper.distance:.0f} m: {reason}"
        )
        self._goals.end(result, code == Result.REACHED)

    def say_farewell(self, search: Search) -> None:
        """After `end`, in a process that ends: see to it that the result is sent."""
        self._goals.say_farewell(search.handle)

    def _start(self, handle: Handle) -> Search:
        request = self._begin(handle.request)
        now = 1e-9 * self._node.get_clock().now().nanoseconds
        self._node.get_logger().info("searching")
        return Search(handle, request, BudgetKeeper(request.budget), now)


def _refusal(reason: str) -> Any:
    return Result(result=Result.BAD_GOAL, reason=reason, goal_node=-1)
