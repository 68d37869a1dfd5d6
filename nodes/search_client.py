"""Talk to the explore node: send goals, follow the search, call its services."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import rclpy
from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import ExploreStatus, GateStatus
from rclpy.action.client import ActionClient
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo

from cairn.hardware.errors import CairnError
from cairn.nodes.stamps import seconds_from_stamp


class SearchClient:
    """One search at a time, from a program that is no node itself.

    Nothing happens in the background: whoever uses it calls `spin`, or a method that waits.

    Attributes:
        status: the newest of the search, None before the first.
        gate: the newest state of the command gate, None before the first.
        clock: simulated seconds, 0 before the first; stays 0 on a real robot.
        result: of the last goal (`ExploreToGoal.Result`); None while it is under way.
    """

    def __init__(self, namespace: str = "", domain: int | None = None) -> None:
        self._context = Context()
        rclpy.init(args=[], context=self._context, domain_id=domain)
        self._node = rclpy.create_node("search_client", namespace=namespace, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self.status: ExploreStatus | None = None
        self.gate: GateStatus | None = None
        self.clock = 0.0
        self.result: Any = None
        self.has_camera = False
        self._handle: Any = None
        self._action: ActionClient[Any, Any, Any] = ActionClient(self._node, ExploreToGoal, "explore_to_goal")
        listen = self._node.create_subscription
        listen(ExploreStatus, "explore/status", self._on_status, 10)
        listen(GateStatus, "gate/status", self._on_gate, 10)
        listen(Clock, "/clock", self._on_clock, qos_profile_sensor_data)
        listen(CameraInfo, "sensors/camera/camera_info", self._on_camera, qos_profile_sensor_data)

    def __enter__(self) -> SearchClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the network."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def spin(self, seconds: float) -> None:
        """Take messages for so long [s, real time]."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def wait_for(
        self,
        condition: Callable[[], bool],
        patience: float,
        what: str,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Take messages until the condition holds, calling `meanwhile` ten times a second.

        Raises CairnError naming `what` was waited for after `patience` real seconds.
        """
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise CairnError(f"expected {what} within {patience:g} s, got none")
            self.spin(0.1)
            meanwhile()

    def is_ready(self) -> bool:
        """Whether a goal can be sent: the explore node is there and has seen the camera's intrinsics."""
        ready = self.status is not None and not self.status.reason.startswith("waiting")
        return ready and bool(self._action.server_is_ready())

    def send(self, goal: ExploreToGoal.Goal, patience: float = 30.0) -> None:
        """Begin a search; `result` holds its end.  Raises CairnError when nobody accepts the goal."""
        self.result, self._handle = None, None
        if not self._action.wait_for_server(timeout_sec=patience):
            raise CairnError(
                f"no explore node offers {self._node.resolve_topic_name('explore_to_goal')}; is it started, "
                "on this ROS_DOMAIN_ID and in this namespace?"
            )
        accepted = self._action.send_goal_async(goal)
        self.wait_for(accepted.done, patience, "an answer to the goal")
        self._handle = accepted.result()
        if not self._handle.accepted:
            raise CairnError("the explore node did not accept the goal")
        self._handle.get_result_async().add_done_callback(self._on_result)

    def cancel(self, patience: float = 10.0) -> None:
        """Stop the search and wait for its result."""
        if self._handle is not None and self.result is None:
            self._handle.cancel_goal_async()
            self.wait_for(lambda: self.result is not None, patience, "the end of the cancelled search")

    def call(self, kind: Any, name: str, request: Any, patience: float = 30.0) -> Any:
        """The answer of a service.  Raises CairnError where there is none, or it reports a failure."""
        client: Any = self._node.create_client(kind, name)
        try:
            self.wait_for(client.service_is_ready, patience, f"the service {client.srv_name}")
            future = client.call_async(request)
            self.wait_for(future.done, patience, f"an answer of {client.srv_name}")
            response = future.result()
        finally:
            self._node.destroy_client(client)
        if not response.success:
            raise CairnError(response.message)
        return response

    def _on_result(self, future: Any) -> None:
        self.result = future.result().result

    def _on_status(self, message: ExploreStatus) -> None:
        self.status = message

    def _on_gate(self, message: GateStatus) -> None:
        self.gate = message

    def _on_clock(self, message: Clock) -> None:
        self.clock = seconds_from_stamp(message.clock)

    def _on_camera(self, message: CameraInfo) -> None:
        self.has_camera = True
