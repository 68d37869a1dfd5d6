"""Do tasks with the arm: from images to steps of the hand for the gate."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from cairn_interfaces.action import RunTask
from cairn_interfaces.msg import ArmDecision, ArmGateStatus, HandStep
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Bool

from cairn.hardware.errors import CairnError
from cairn.nodes.arm_messages import step_to_message
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.image_topics import IMAGE_TOPICS
from cairn.nodes.lifetime import run_node
from cairn.nodes.manipulate_settings import ManipulateSettings
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.planner_thread import MadePlan, PlannerThread
from cairn.nodes.qos_profiles import NEWEST
from cairn.nodes.single_goal_server import Handle, SingleGoalServer
from cairn.nodes.single_instance import SingleInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds
from cairn.policies.bridge_policy import BridgePolicy
from cairn.policies.goal_image import read_goal_image
from cairn.policies.plan_follower import DueStep, PlanFollower

Result = RunTask.Result
_LOOK = 0.01  # [s] between two looks at whether a step is due
_WATCH = 0.1  # [s] real time
_STANDS = ("arrived", "holding")


@dataclass
class _Task:
    """Under way: `began` by the ROS clock; `seen` and `gate_heard` by the monotonic one."""

    handle: Handle
    name: str
    goal: str | NDArray[np.uint8]
    budget: float
    follower: PlanFollower
    began: float
    seen: float
    gate_heard: float
    plan: MadePlan | None = None
    last: NDArray[np.float64] | None = None


class ManipulateNode(Node):
    """Plans from the newest image in time and sends each step when it is due, while a task is under way.

    Without an image no plan is made, without a plan no step sent, and the arm stays where its gate holds it.
    Raises CairnError on bad parameters, a bundle that is refused, or a second one here.
    """

    def __init__(self) -> None:
        super().__init__("manipulate")
        self._settings = NodeParameters(self, ManipulateSettings).value
        SingleInstance(self, "manipulate/decision", "manipulate node")
        self._policy = BridgePolicy.load(self._settings.bundle, self._settings.provider or None)
        self._bundle_sha256 = self._policy.runtime.bundle.fingerprint
        self._reader = ImageReader()
        self._gate: ArmGateStatus | None = None
        self._observed = 0.0
        self._planner = PlannerThread(self, self._on_plan, self._on_error)
        self._step = self.create_publisher(HandStep, "arm_gate/policy", 1)
        self._decision = self.create_publisher(ArmDecision, "manipulate/decision", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        kind, self._image_topic = IMAGE_TOPICS[self._settings.image]
        self.create_subscription(kind, self._image_topic, self._on_image, NEWEST)
        self.create_subscription(
            ArmGateStatus, "arm_gate/status", self._on_gate_status, qos_profile_sensor_data
        )
        self.create_subscription(Bool, "task/done", self._on_done, 10)
        self._tasks: SingleGoalServer[_Task] = SingleGoalServer(
            self, RunTask, "run_task", self._begin, _refusal, "a task"
        )
        self.create_timer(_LOOK, self._act)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_WATCH, self._watch, clock=steady)
        self.create_timer(1.0, self._report, clock=steady)
        for line in str(self._policy.runtime.report()).splitlines():
            self.get_logger().info(line)

    def close(self) -> None:
        """End the task and tell whoever asked for it."""
        task = self._tasks.work
        if task is not None:
            self._end(Result.CANCELLED, "the manipulate node shuts down")
            self._tasks.say_farewell(task.handle)
        self._planner.close()

    # What is sensed.

    def _on_image(self, message: Image | CompressedImage) -> None:
        task = self._tasks.work
        if task is None:
            return
        arrived, task.seen = time.perf_counter(), time.monotonic()
        observed = seconds_from_stamp(message.header.stamp)
        # The image after this one may come too late, the more so as cameras are not quite regular.
        between, self._observed = max(0.0, observed - self._observed), observed
        lead = self._planner.lead + 1.5 * min(between, 1.0 / self._policy.rate)
        if self._planner.is_busy or not task.follower.wants_plan(observed, lead):
            return
        goal, last = task.goal, task.last
        self._planner.begin(
            task,
            observed,
            arrived,
            lambda: self._policy.plan(self._reader.read(message).image, goal, last),
        )

    def _on_gate_status(self, message: ArmGateStatus) -> None:
        self._gate = message
        task = self._tasks.work
        if task is None:
            return
        task.gate_heard = time.monotonic()
        if message.state == ArmGateStatus.LATCHED:
            self._end(Result.GATE_LATCHED, f"the gate is latched: {message.reason}")
        elif message.phase in _STANDS:
            task.follower.hand_arrived(seconds_from_stamp(message.header.stamp))

    def _on_done(self, message: Bool) -> None:
        if message.data and self._tasks.work is not None:
            self._end(Result.DONE, "the task is done")

    # The task.

    def _begin(self, handle: Handle) -> _Task:
        """Make everything ready for a goal.  Raises CairnError where it is none of this policy's."""
        policy, settings = self._policy, self._settings
        goal = _read_goal(handle.request, policy.tasks)
        name = goal if isinstance(goal, str) else "image"
        if self._gate is None:
            raise CairnError(
                f"nothing came on {self.resolve_topic_name('arm_gate/status')}: is the arm's gate running?"
            )
        if self._gate.state == ArmGateStatus.LATCHED:
            raise CairnError(f"the gate is latched: {self._gate.reason}")
        ensemble = settings.ensemble if settings.ensemble >= 0.0 else None
        follower = PlanFollower(policy.output, policy.rate, ensemble, settings.patience)
        budget = handle.request.time_budget or settings.time_budget
        now = time.monotonic()
        self.get_logger().info(f"begins {name}")
        return _Task(handle, name, goal, budget, follower, self._now(), now, now)

    def _on_plan(self, plan: MadePlan) -> None:
        task = self._tasks.work
        if task is None or plan.task is not task:
            return
        try:
            task.follower.add(plan.actions, plan.observed)
        except CairnError as error:
            self._on_error(error)
            return
        task.plan = plan
        self._act()

    def _on_error(self, error: CairnError) -> None:
        # No step goes out, and the arm stays where it is.
        self.get_logger().error(f"no plan: {error}", throttle_duration_sec=1.0)

    def _act(self) -> None:
        """Send the step that is due, if one is."""
        task = self._tasks.work
        if task is None or task.plan is None:
            return
        due = task.follower.due(self._now())
        if due is None:
            return
        step = step_to_message(due.step, stamp_from_seconds(due.observed))
        self._step.publish(step)
        task.last = np.array([*due.step.translation, *due.step.rotation, due.step.opening])
        self._tell(task, task.plan, due, step)

    def _tell(self, task: _Task, plan: MadePlan, due: DueStep, step: HandStep) -> None:
        decision = ArmDecision(
            header=step.header,
            decided=self.get_clock().now().to_msg(),
            task=task.name,
            number=due.number,
            ahead=due.ahead,
            step=step,
            plan=plan.actions.ravel().tolist(),
            inference_time=plan.inference,
            latency=plan.latency,
            bundle_sha256=self._bundle_sha256,
        )
        self._decision.publish(decision)
        gate = self._gate or ArmGateStatus()
        task.handle.publish_feedback(
            RunTask.Feedback(
                decision=decision, gate=gate.state, gate_reason=gate.reason, elapsed=self._now() - task.began
            )
        )

    def _watch(self) -> None:
        """What must happen although no image comes."""
        task = self._tasks.work
        if task is None:
            return
        now, limit = time.monotonic(), self._settings.silence
        if task.handle.is_cancel_requested:
            self._end(Result.CANCELLED, "cancelled")
        elif self._now() - task.began >= task.budget:
            self._end(Result.TIME_BUDGET, f"the time budget of {task.budget:g} s is spent")
        elif now - task.seen > limit:
            self._end(Result.SILENT, f"no image for {now - task.seen:.1f} s")
        elif now - task.gate_heard > limit:
            self._end(Result.SILENT, f"no word of the gate for {now - task.gate_heard:.1f} s")

    def _end(self, code: int, reason: str) -> None:
        task = self._tasks.work
        assert task is not None
        taken, steps = self._now() - task.began, task.follower.steps
        self.get_logger().info(f"{task.name} ended after {taken:.1f} s, {steps} steps: {reason}")
        result = Result(result=code, reason=reason, time_taken=taken, steps=steps)
        self._tasks.end(result, code == Result.DONE)

    def _now(self) -> float:
        return 1e-9 * self.get_clock().now().nanoseconds

    def _report(self) -> None:
        """State and health, once a second."""
        task = self._tasks.work
        level, message = DiagnosticStatus.OK, f"doing {task.name}" if task else "idle"
        if self._gate is None:
            level, message = DiagnosticStatus.WARN, "nothing heard of the arm's gate yet"
        values: dict[str, object] = {
            f"images refused: {why.value}": n for why, n in self._reader.refused.items()
        }
        if task is not None and task.plan is not None:
            values["inference [ms]"] = f"{1000 * task.plan.inference:.1f}"
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(diagnostics(f"{self.get_name()}: policy", level, message, values, stamp))


def _read_goal(goal: RunTask.Goal, tasks: tuple[str, ...]) -> str | NDArray[np.uint8]:
    """A task or an image, as the bundle wants.  Raises CairnError."""
    content = bytes(goal.goal_image.data)
    kinds = [bool(goal.task), bool(goal.goal_image_path), bool(content)]
    if sum(kinds) != 1:
        raise CairnError(
            f"a goal must be exactly one of task, goal_image_path and goal_image, got {sum(kinds)} of them"
        )
    if goal.time_budget < 0 or not np.isfinite(goal.time_budget):
        raise CairnError(f"time_budget must be a number of seconds, 0: the node's; got {goal.time_budget}")
    if tasks:
        if goal.task not in tasks:
            got = repr(goal.task)[:80] if goal.task else "an image"
            raise CairnError(f"this policy knows the tasks {', '.join(tasks)}; got {got}")
        return str(goal.task)
    if goal.task:
        raise CairnError(f"this policy is told what to do by an image, got the task {goal.task!r:.80}")
    return read_goal_image(goal.goal_image_path or content)


def _refusal(reason: str) -> Any:
    return Result(result=Result.BAD_GOAL, reason=reason)


def main() -> int:
    """Do tasks until a signal; returns the exit status."""
    return run_node(ManipulateNode)


if __name__ == "__main__":
    sys.exit(main())
