"""Ask every node on the graph for its parameters, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from rcl_interfaces.srv import GetParameters, ListParameters
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.task import Future


class ParameterSnapshots:
    """Calls `on_snapshot` with a node's full name and its parameters as a ROS parameter file.

    Nothing blocks: `poll` looks for nodes not asked yet, and the answers come through the executor.  Later
    changes are on /parameter_events.
    """

    def __init__(self, node: Node, on_snapshot: Callable[[str, str], None]) -> None:
        self._node = node
        self._on_snapshot = on_snapshot
        self._waiting: dict[str, tuple[Client[Any, Any], Client[Any, Any]]] = {}
        self._done: set[str] = set()

    def poll(self) -> None:
        """Ask the nodes that have appeared and are ready to answer."""
        for name, namespace in self._node.get_node_names_and_namespaces():
            full_name = f"{namespace.rstrip('/')}/{name}"
            if full_name not in self._done and full_name not in self._waiting and not name.startswith("_"):
                self._waiting[full_name] = (
                    self._node.create_client(ListParameters, f"{full_name}/list_parameters"),
                    self._node.create_client(GetParameters, f"{full_name}/get_parameters"),
                )
        for full_name, clients in list(self._waiting.items()):
            if full_name not in self._done and all(client.service_is_ready() for client in clients):
                self._done.add(full_name)
                self._ask(full_name, *clients)

    def _ask(self, full_name: str, lister: Client[Any, Any], getter: Client[Any, Any]) -> None:
        def on_names(future: Future[Any]) -> None:
            if (answer := future.result()) is None:
                return
            names = list(answer.result.names)
            request = GetParameters.Request(names=names)
            getter.call_async(request).add_done_callback(lambda values: on_values(names, values))

        def on_values(names: list[str], future: Future[Any]) -> None:
            if (answer := future.result()) is None:
                return
            values = map(parameter_value_to_python, answer.values)
            self._on_snapshot(full_name, _parameter_file(full_name, dict(zip(names, values, strict=True))))
            for client in self._waiting.pop(full_name):
                self._node.destroy_client(client)

        lister.call_async(ListParameters.Request()).add_done_callback(on_names)


def _parameter_file(full_name: str, values: dict[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in sorted(values.items())}
    return str(yaml.safe_dump({full_name: {"ros__parameters": plain}}, sort_keys=False))


def _plain(value: Any) -> Any:
    """Arrays of numbers as lists, bytes as integers: what YAML can say."""
    if isinstance(value, bytes):
        return list(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
