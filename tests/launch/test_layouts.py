"""The viewer's layouts name panels, topics and fields that exist."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "launch" / "layouts"
TYPES = {
    "/arm/command": "cairn_interfaces/ArmCommand",
    "/arm/state": "cairn_interfaces/ArmState",
    "/arm_gate/status": "cairn_interfaces/ArmGateStatus",
    "/arm_teleop/status": "cairn_interfaces/TeleopStatus",
    "/diagnostics": "diagnostic_msgs/DiagnosticArray",
    "/explore/graph": "visualization_msgs/MarkerArray",
    "/explore/status": "cairn_interfaces/ExploreStatus",
    "/gate/status": "cairn_interfaces/GateStatus",
    "/platform/odom/filtered": "nav_msgs/Odometry",
    "/sensors/camera/camera_info": "sensor_msgs/CameraInfo",
    "/sensors/camera/image/compressed": "sensor_msgs/CompressedImage",
    "/simulation/ground_truth": "nav_msgs/Odometry",
}
LAYOUTS = sorted(FOLDER.glob("*.json"))


def panels_in(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    else:
        yield from panels_in(tree["first"])
        yield from panels_in(tree["second"])


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings_in(key)
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, str):
        yield value


def test_there_is_one_for_each_robot() -> None:
    assert {"arm.json", "explore.json"} <= {path.name for path in LAYOUTS}


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.name)
def test_every_panel_is_placed_once_and_described(path: Path) -> None:
    layout = json.loads(path.read_text(encoding="utf-8"))
    placed = list(panels_in(layout["layout"]))
    assert sorted(placed) == sorted(layout["configById"])
    assert {panel.split("!")[0] for panel in placed} >= {"Image", "Plot", "StateTransitions", "3D"}


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.name)
def test_topics_and_fields_exist(path: Path) -> None:
    pytest.importorskip("cairn_interfaces")
    layout = json.loads(path.read_text(encoding="utf-8"))
    found = [text for text in strings_in(layout["configById"]) if text.startswith("/")]
    assert found
    for text in found:
        topic, *fields = text.split(".")
        package, name = TYPES[topic].split("/")
        message = getattr(importlib.import_module(f"{package}.msg"), name)()
        for field in fields:
            assert field in message.get_fields_and_field_types(), text
            message = getattr(message, field)
