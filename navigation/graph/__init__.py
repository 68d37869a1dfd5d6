"""The graph memory: places seen, ways driven, and what is done with them."""

from cairn.navigation.graph.edge import Edge, EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.node import Node
from cairn.navigation.graph.planner import Planner, Route

__all__ = ["Edge", "EdgeKind", "GraphMemory", "Node", "Planner", "Route"]
