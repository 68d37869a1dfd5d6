"""Imports go down only, and each heavy library stays where it belongs."""

import ast
from pathlib import Path

import pytest
from source_files import ROOT, Import, imports, parsed, source_files

BELOW: dict[str, tuple[str, ...]] = {
    "hardware": (),
    "episodes": ("hardware",),
    "calibration": ("hardware", "episodes"),
    "policies": ("hardware", "episodes"),
    "navigation": ("hardware", "episodes", "policies"),
    "evaluation": ("hardware", "episodes", "calibration", "policies", "navigation"),
    "monitor": ("hardware",),
    "nodes": ("hardware", "episodes", "calibration", "policies", "navigation", "evaluation", "monitor"),
    "launch": ("hardware", "episodes", "policies", "navigation", "evaluation"),
    "cli": (
        "hardware",
        "episodes",
        "calibration",
        "policies",
        "navigation",
        "evaluation",
        "monitor",
        "nodes",
        "launch",
    ),
}
"""Each layer and those it may import, besides itself (ARCHITECTURE.md)."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "rclpy": ("nodes",),
    "mujoco": ("hardware/sim", "hardware/arm/kinematics.py"),
    "mink": ("hardware/arm/kinematics.py",),
    "torch": ("policies/recon", "policies/bridge", "policies/training"),
    "onnxruntime": ("policies",),
    "pyrealsense2": ("hardware",),
    "evdev": ("hardware",),
    "typer": ("cli",),
    "aiohttp": ("monitor",),
    "rich": ("cli", "evaluation"),
    "ray": ("evaluation/ray_pool.py",),
}
ROS_MESSAGES = ("_msgs", "_interfaces", "_srvs")

ALL = list(imports())


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def test_there_is_something_to_check():
    assert len(source_files()) > 50
    assert {layer(item.file) for item in ALL} == set(BELOW)


def test_no_layer_imports_one_above_it():
    def goes_up(item: Import) -> bool:
        if item.top != "cairn" or item.module == "cairn":
            return False
        target = item.module.split(".")[1]
        own = layer(item.file)
        return target != own and target not in BELOW[own]

    assert [str(item) for item in ALL if goes_up(item)] == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_place(library):
    def strays(item: Import) -> bool:
        path = item.file.relative_to(ROOT)
        return item.top == library and not any(path.is_relative_to(place) for place in ONLY_IN[library])

    assert [str(item) for item in ALL if strays(item)] == []


def test_ros_messages_are_only_in_nodes_and_in_verbs_that_ask_them():
    allowed = ("nodes", "cli")
    strays = [item for item in ALL if item.top.endswith(ROS_MESSAGES) and layer(item.file) not in allowed]
    assert [str(item) for item in strays] == []


def test_every_module_says_what_it_is_for():
    silent = [path for path, tree in parsed() if tree.body and not ast.get_docstring(tree)]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_the_check_sees_imports_inside_functions(tmp_path):
    (tmp_path / "hardware").mkdir()
    (tmp_path / "hardware" / "bad.py").write_text(
        "def late():\n    import rclpy.node\n    from cairn import nodes\n"
    )
    assert [item.module for item in imports(tmp_path)] == ["rclpy.node", "cairn", "cairn.nodes"]
