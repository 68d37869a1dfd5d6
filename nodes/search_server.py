"""The action `explore_to_goal`: one search at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import ExploreStatus
from rclpy.action.server import ActionServer, CancelResponse, ServerGoalHandle
from rclpy.node import Node

from cairn.hardware.errors import CairnError
from cairn.navigation.budget import BudgetKeeper
from cairn.nodes.goal_request import GoalRequest

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

    handle: ServerGoalHandle[Any, Any, Any]
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
        self._search: Search | None = None
        self._action = ActionServer(
            node,
            ExploreToGoal,
            "explore_to_goal",
            _conclude,
            handle_accepted_callback=self._on_goal,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    @property
    def search(self) -> Search | None:
        """The search under way."""
        return self._search

    def end(self, code: int, reason: str, nodes: int) -> None:
        """End the search: `code` is one of ExploreToGoal's, `nodes` how many the map has now."""
        search, self._search = self._search, None
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
        search.handle.execute(lambda handle: _finish(handle, result))

    def _on_goal(self, handle: ServerGoalHandle[Any, Any, Any]) -> None:
        """Begin at once; `execute` only comes at the end, so that nothing waits inside the executor."""
        try:
            if self._search is not None:
                raise CairnError("a search is under way; cancel it first")
            request = self._begin(handle.request)
        except CairnError as error:
            self._node.get_logger().error(f"goal refused: {error}")
            refusal = Result(result=Result.BAD_GOAL, reason=str(error), goal_node=-1)
            handle.execute(lambda refused: _abort(refused, refusal))
            return
        now = 1e-9 * self._node.get_clock().now().nanoseconds
        self._search = Search(handle, request, BudgetKeeper(request.budget), now)
        self._node.get_logger().info("searching")


def _finish(handle: ServerGoalHandle[Any, Any, Any], result: Any) -> Any:
    if handle.is_cancel_requested:
        handle.canceled()
    elif result.result == Result.REACHED:
        handle.succeed()
    else:
        handle.abort()
    return result


def _abort(handle: ServerGoalHandle[Any, Any, Any], refusal: Any) -> Any:
    handle.abort()
    return refusal


def _conclude(handle: ServerGoalHandle[Any, Any, Any]) -> Any:
    raise RuntimeError("every goal is executed with an end of its own")
