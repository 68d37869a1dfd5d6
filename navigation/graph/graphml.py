"""The graph memory as GraphML, for networkx, Gephi and the like."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from cairn.navigation.graph.graph_memory import GraphMemory

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_KEYS = {
    "node": {"x": "double", "y": "double", "yaw": "double", "stamp": "double", "visits": "int"},
    "edge": {
        "kind": "string",
        "steps": "double",
        "traversals": "int",
        "mean_time": "double",
        "failures": "int",
        "seconds": "double",
    },
}


def write_graphml(graph: GraphMemory, path: Path, stamp: float | None = None) -> None:
    """Write nodes (pose in `map`, visits) and edges (evidence, expected `seconds` at `stamp`).

    `stamp` defaults to the newest visit.  Raises OSError when `path` can't be written.
    """
    root = ElementTree.Element("graphml", xmlns=_NAMESPACE)
    for domain, keys in _KEYS.items():
        for name, kind in keys.items():
            attributes = {"id": f"{domain}_{name}", "for": domain, "attr.name": name, "attr.type": kind}
            ElementTree.SubElement(root, "key", attributes)
    body = ElementTree.SubElement(root, "graph", id="cairn", edgedefault="directed")
    for row, node in enumerate(graph.ids.tolist()):
        x, y, yaw = graph.poses[row].tolist()
        element = ElementTree.SubElement(body, "node", id=str(node))
        values = {"x": x, "y": y, "yaw": yaw, "stamp": graph.stamps[row], "visits": graph.visits[row]}
        _data(element, "node", values)
    if stamp is None:
        stamp = float(graph.last_visits.max()) if len(graph) else 0.0
    for edge, seconds in zip(graph.edge_list(), graph.edges.costs(stamp).tolist(), strict=True):
        element = ElementTree.SubElement(body, "edge", source=str(edge.source), target=str(edge.target))
        values = {
            "kind": edge.kind.name.lower(),
            "steps": edge.steps,
            "traversals": edge.traversals,
            "mean_time": edge.mean_time,
            "failures": edge.failures,
            "seconds": seconds,
        }
        _data(element, "edge", values)
    tree = ElementTree.ElementTree(root)
    ElementTree.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _data(element: ElementTree.Element, domain: str, values: dict[str, object]) -> None:
    for name, value in values.items():
        ElementTree.SubElement(element, "data", key=f"{domain}_{name}").text = str(value)
