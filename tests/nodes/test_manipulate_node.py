"""The manipulate node between images and the arm's gate, each in a process of its own."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arm_rig import ArmRig
from cairn_interfaces.action import RunTask
from cairn_interfaces.msg import ArmDecision, ArmGateStatus
from cairn_interfaces.msg import HandStep as HandStepMessage
from example_bundles import PROVENANCE, files_of, image_input, tensor
from rclpy.action.client import ActionClient
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.policies.bundle import write_bundle

TASKS = ["go on", "go back"]
FORWARD = 0.004  # [m] a step when the picture is white
SILENCE = 0.6  # [s]
Result = RunTask.Result


def write_forward_bundle(path: Path) -> Path:
    """A policy that goes along x, the faster the brighter the picture."""
    manifest: dict[str, Any] = {
        "name": "forward",
        "description": "Goes along x.",
        "licence": "Apache-2.0",
        "rate": 5.0,
        "image": image_input(32, 24, mean=[0.0] * 3, std=[1.0] * 3),
        "goal": {"kind": "task", "tasks": TASKS, "encoding": "one_hot"},
        "actions": [
            {
                "kind": "end_effector_delta",
                "output": "act.actions",
                "units": ["m", "rad", "1"],
                "frame": "base_link",
                "relative_to": "previous_target",
                "gripper": "open",
                "limits": [0.05, 0.25],
                "horizon": 2,
                "blocking": False,
                "normalisation": {"kind": "z_score", "offset": "action_mean", "scale": "action_std"},
            }
        ],
        "graphs": {
            "act": {
                "file": "act.onnx",
                "inputs": {"image": tensor("B", 3, 24, 32), "task": tensor("B", len(TASKS))},
                "outputs": {"actions": tensor("B", 2, 7)},
            }
        },
        "statistics": "statistics.json",
        "provenance": PROVENANCE,
    }
    # Each output is the picture's mean, 1 for white, and the task's, .5.
    tiny = 1e-9
    statistics = {
        "action_mean": [-0.5 * FORWARD, 0, 0, 0, 0, 0, 1.0],
        "action_std": [FORWARD, tiny, tiny, tiny, tiny, tiny, tiny],
    }
    write_bundle(path, manifest, files_of(manifest, **{"statistics.json": json.dumps(statistics).encode()}))
    return path


class ManipulateRig(ArmRig):
    """Plays the camera too, and asks for tasks."""

    def __init__(self, bundle: Path) -> None:
        super().__init__()
        self.decisions: list[tuple[float, ArmDecision]] = []
        self.steps: list[tuple[float, HandStepMessage]] = []
        self.feedback: list[Any] = []
        self.sees = True
        self.clock = 0.0
        hear = self.node.create_subscription
        hear(ArmDecision, "manipulate/decision", self._keep(self.decisions), 100)
        hear(HandStepMessage, "arm_gate/policy", self._keep(self.steps), qos_profile_sensor_data)
        self._images = self.node.create_publisher(Image, "sensors/camera/image", 1)
        self.done = self.node.create_publisher(Bool, "task/done", 10)
        self._action = ActionClient(self.node, RunTask, "run_task")
        self._white = Image(height=24, width=32, encoding="rgb8", step=96, data=bytes([255]) * 24 * 96)
        self.node.create_timer(0.05, self._shoot)
        self.start_both()
        self.start("manipulate", bundle=str(bundle), silence=SILENCE, provider="cpu", use_sim_time=True)
        self.wait_for(self._action.server_is_ready, "for the manipulate node")
        self.wait_for(self._is_heard, "for the manipulate node to hear the gate")

    def _is_heard(self) -> bool:
        _, future = self.ask(RunTask.Goal(task="go on", time_budget=0.001))
        return bool(self.result(future).result != Result.BAD_GOAL)

    def _shoot(self) -> None:
        """A picture of now, by the clock of the arm."""
        if self.sees and self.state is not None:
            self._white.header.stamp = self.state.header.stamp
            self._images.publish(self._white)

    def ask(self, goal: RunTask.Goal) -> tuple[Any, Any]:
        """The goal's handle and the future of its result."""
        accepted = self._action.send_goal_async(goal, lambda message: self.feedback.append(message.feedback))
        self.wait_for(accepted.done, "for an answer to the goal")
        handle = accepted.result()
        return handle, handle.get_result_async()

    def result(self, future: Any) -> Any:
        self.wait_for(future.done, "for the end of the task")
        return future.result().result

    @property
    def forward(self) -> float:
        """Where the gate wants the hand to be along x [m]."""
        assert self.status is not None
        return float(self.status.target.position.x)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManipulateRig]:
    rig = ManipulateRig(write_forward_bundle(tmp_path_factory.mktemp("bundle") / "forward"))
    try:
        yield rig
    finally:
        rig.close()


@pytest.fixture(autouse=True)
def at_the_start(rig: ManipulateRig) -> None:
    """The arm where it was, nothing remembered."""
    rig.sees = True
    reset = rig.node.create_client(Trigger, "simulation/reset_to_start").call_async(Trigger.Request())
    rig.wait_for(reset.done, "for the arm to be reset")
    assert rig.call_arm() == "armed"
    moment = time.monotonic()
    rig.since(moment + 0.5, lambda status: status.state == ArmGateStatus.DRIVING)
    for kept in (rig.decisions, rig.steps, rig.feedback):
        kept.clear()


def test_a_step_a_period_until_the_time_is_spent(rig: ManipulateRig) -> None:
    before = rig.forward
    _, future = rig.ask(RunTask.Goal(task="go on", time_budget=2.0))
    result = rig.result(future)
    assert (result.result, result.reason) == (Result.TIME_BUDGET, "the time budget of 2 s is spent")
    assert result.time_taken == pytest.approx(2.0, abs=0.2)
    assert 8 <= result.steps <= 11
    rig.wait_for(lambda: len(rig.decisions) == result.steps, "for all decisions")
    told = [decision for _, decision in rig.decisions]
    assert [one.number for one in told] == list(range(result.steps))
    assert {one.task for one in told} == {"go on"}
    assert all(one.step.translation.x == pytest.approx(FORWARD, rel=1e-3) for one in told)
    assert all(len(one.plan) == 14 and one.inference_time > 0 and one.latency > 0 for one in told)
    assert len(told[0].bundle_sha256) == 64
    stamps = [one.header.stamp.sec + 1e-9 * one.header.stamp.nanosec for one in told]
    decided = [one.decided.sec + 1e-9 * one.decided.nanosec for one in told]
    ages = np.subtract(decided, stamps)
    assert (ages >= 0).all()
    print(f"age of what a step was planned from: median {np.median(ages):.3f} s, most {ages.max():.3f} s")
    assert np.median(np.diff(decided)) == pytest.approx(0.2, abs=0.03)
    assert rig.wait_for(lambda: rig.forward == pytest.approx(before + result.steps * FORWARD, abs=1e-4))
    assert rig.feedback[-1].gate == ArmGateStatus.DRIVING


def test_cancelling_ends_the_steps(rig: ManipulateRig) -> None:
    handle, future = rig.ask(RunTask.Goal(task="go back", time_budget=60.0))
    rig.wait_for(lambda: len(rig.steps) > 3, "for steps")
    rig.wait_for(handle.cancel_goal_async().done, "for the answer")
    assert rig.result(future).result == Result.CANCELLED
    ended = time.monotonic()
    rig.since(ended + 0.5, lambda _: True)
    assert not [at for at, _ in rig.steps if at > ended + 0.05]


def test_somebody_who_judges_ends_it_as_done(rig: ManipulateRig) -> None:
    _, future = rig.ask(RunTask.Goal(task="go on", time_budget=60.0))
    rig.wait_for(lambda: rig.steps, "for steps")
    rig.done.publish(Bool(data=False))
    rig.done.publish(Bool(data=True))
    assert rig.result(future).result == Result.DONE
    assert future.result().status == 4  # succeeded


def test_a_dead_camera_ends_steps_and_task(rig: ManipulateRig) -> None:
    _, future = rig.ask(RunTask.Goal(task="go on", time_budget=60.0))
    rig.wait_for(lambda: len(rig.steps) > 3, "for steps")
    rig.sees, died = False, time.monotonic()
    result = rig.result(future)
    assert result.result == Result.SILENT
    assert "no image" in result.reason
    last = max(at for at, _ in rig.steps)
    print(f"camera dead: the last step {last - died:.2f} s later, the task's end {SILENCE} s after it")
    # A plan of two steps was under way, and another of an image that was.
    assert last - died < 0.7
    rig.wait_for(lambda: rig.state and max(map(abs, rig.state.velocities)) < 0.02, "for the arm to stand")


def test_an_emergency_stop_ends_the_task(rig: ManipulateRig) -> None:
    _, future = rig.ask(RunTask.Goal(task="go on", time_budget=60.0))
    rig.wait_for(lambda: len(rig.steps) > 2, "for steps")
    rig.emergency_stop.publish(Bool(data=True))
    result = rig.result(future)
    assert result.result == Result.GATE_LATCHED
    assert "emergency stop" in result.reason
    _, refused = rig.ask(RunTask.Goal(task="go on"))
    assert "latched" in rig.result(refused).reason
    rig.emergency_stop.publish(Bool(data=False))
    rig.wait_for(lambda: rig.call_arm() == "armed", "for the gate to be armed")


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        (RunTask.Goal(task="fly"), "this policy knows the tasks go on, go back; got 'fly'"),
        (RunTask.Goal(), "exactly one of task, goal_image_path and goal_image, got 0"),
        (RunTask.Goal(task="go on", goal_image_path="/x.png"), "got 2"),
        (RunTask.Goal(goal_image_path="/x.png"), "knows the tasks go on, go back; got an image"),
        (RunTask.Goal(task="go on", time_budget=-1.0), "time_budget must be"),
    ],
)
def test_what_is_no_goal_of_this_policy_is_refused(
    rig: ManipulateRig, goal: RunTask.Goal, message: str
) -> None:
    _, future = rig.ask(goal)
    result = rig.result(future)
    assert result.result == Result.BAD_GOAL
    assert message in result.reason
    assert not rig.steps


def test_one_task_at_a_time(rig: ManipulateRig) -> None:
    handle, first = rig.ask(RunTask.Goal(task="go on", time_budget=60.0))
    _, second = rig.ask(RunTask.Goal(task="go on"))
    assert "a task is under way" in rig.result(second).reason
    handle.cancel_goal_async()
    assert rig.result(first).result == Result.CANCELLED


def test_a_node_that_ends_tells_whoever_asked(rig: ManipulateRig) -> None:
    """The last test of this file: the node is gone after it."""
    _, future = rig.ask(RunTask.Goal(task="go on", time_budget=60.0))
    rig.wait_for(lambda: rig.steps, "for steps")
    process = rig.processes["manipulate"]
    process.send_signal(signal.SIGTERM)
    result = rig.result(future)
    assert (result.result, result.reason) == (Result.CANCELLED, "the manipulate node shuts down")
    assert process.wait(20) == 0
