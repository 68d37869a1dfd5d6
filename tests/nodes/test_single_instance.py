import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Header, String

from cairn.nodes.single_instance import SecondInstance, SingleInstance

PATIENCE = 60.0
LONG, SHORT = 50.0, 0.2


class Stage:
    """Nodes of one process, each spun by itself."""

    def __init__(self) -> None:
        rclpy.init(args=[])
        self._executors: list[SingleThreadedExecutor] = []
        self.nodes: list[Node] = []

    def add(self, namespace: str = "") -> Node:
        node = Node("worker", namespace=namespace)
        self._executors.append(SingleThreadedExecutor())
        self._executors[-1].add_node(node)
        self.nodes.append(node)
        return node

    def spin_until(self, condition: Callable[[], Any], patience: float = PATIENCE) -> list[SecondInstance]:
        """Spin all in turn; returns what was raised."""
        raised: list[SecondInstance] = []
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"waited {patience} s in vain"
            for executor in self._executors:
                try:
                    executor.spin_once(timeout_sec=0.01)
                except SecondInstance as error:
                    raised.append(error)
                    executor.shutdown()
                    self._executors.remove(executor)
                    return raised
        return raised

    def close(self) -> None:
        for executor in self._executors:
            executor.shutdown()
        for node in self.nodes:
            node.destroy_node()
        rclpy.shutdown()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def never() -> bool:
    return False


def test_who_is_alone_begins_when_the_time_to_look_is_over(stage: Stage) -> None:
    began: list[float] = []
    node = stage.add()
    created = time.monotonic()
    alone = SingleInstance(node, "work", "worker", 1.0, lambda: began.append(time.monotonic()))
    node.create_publisher(String, "work", 1)
    assert not alone.has_settled
    assert stage.spin_until(lambda: began) == []
    assert alone.has_settled
    assert began[0] - created >= 1.0


def test_who_comes_later_is_refused(stage: Stage) -> None:
    first = SingleInstance(stage.add(), "work", "worker", SHORT)
    stage.spin_until(lambda: first.has_settled)
    SingleInstance(stage.add(), "work", "worker", LONG)
    (error,) = stage.spin_until(never)
    message = r"expected to be the only worker, but /work belongs to /worker, process \d+ on .+ already; stop"
    with pytest.raises(SecondInstance, match=message):
        raise error


def test_who_is_refused_does_not_begin_while_it_closes(stage: Stage) -> None:
    first = SingleInstance(stage.add(), "work", "worker", SHORT)
    stage.spin_until(lambda: first.has_settled)
    began: list[bool] = []
    node = stage.add()
    second = SingleInstance(node, "work", "worker", 1.0, lambda: began.append(True))
    assert len(stage.spin_until(never)) == 1
    closing = SingleThreadedExecutor()
    closing.add_node(node)
    deadline = time.monotonic() + 1.5
    while (left := deadline - time.monotonic()) > 0:
        closing.spin_once(timeout_sec=left)
    closing.shutdown()
    assert not second.has_settled
    assert began == []


def test_of_two_new_ones_the_first_to_start_goes_on(stage: Stage) -> None:
    first = SingleInstance(stage.add(), "work", "worker", 2.0)
    second = SingleInstance(stage.add(), "work", "worker", 2.0)
    assert len(stage.spin_until(never)) == 1
    assert stage.spin_until(lambda: first.has_settled) == []
    assert not second.has_settled


def test_who_has_settled_stays_and_says_that_there_are_two(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    """As when two networks become one."""
    alone = SingleInstance(stage.add(), "work", "worker", SHORT)
    stage.spin_until(lambda: alone.has_settled)
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    stage.add().create_publisher(Header, "work/_claim", latched).publish(Header(frame_id="/another"))
    said: list[str] = []

    def is_said() -> bool:
        said.append(capfd.readouterr().err)
        return "there are two workers: /work is also /another's" in "".join(said)

    assert stage.spin_until(is_said) == []


def test_a_publisher_without_a_claim_counts_too(stage: Stage) -> None:
    stage.add().create_publisher(String, "work", 1)
    SingleInstance(stage.add(), "work", "worker", LONG)
    (error,) = stage.spin_until(never)
    assert "/work has a publisher already" in str(error)


def test_other_namespaces_are_other_robots(stage: Stage) -> None:
    both = [SingleInstance(stage.add(name), "work", "worker", SHORT) for name in ("/one", "/two")]
    assert stage.spin_until(lambda: all(one.has_settled for one in both)) == []
