"""What is installed: executables, shared files, messages, declared dependencies."""

import ast
import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
from source_files import LAYERS, ROOT, imports

NODES = sorted(path.stem for path in (ROOT / "nodes").glob("*_node.py"))
INTERFACES = ROOT / "ros_ws" / "src"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the sources, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in (*LAYERS, "resource"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "package.xml", "LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "out", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next((folder / "out").glob("*.whl")))


def test_the_wheel_has_every_module(wheel):
    names = set(wheel.namelist())
    sources = {f"cairn/{path.relative_to(ROOT)}" for layer in LAYERS for path in (ROOT / layer).rglob("*.py")}
    assert sources - names == set()


def test_the_wheel_has_the_files_that_modules_read_beside_themselves(wheel):
    names = set(wheel.namelist())
    assert "cairn/launch/fastdds.xml" in names
    assert "cairn/evaluation/report_template.html" in names
    assert {
        "cairn/monitor/web/index.html",
        "cairn/monitor/web/main.js",
        "cairn/monitor/web/icon.svg",
    } <= names


def test_the_wheel_shares_launch_files_parameters_layouts_and_bundles(wheel):
    shared = {name.partition(".data/data/share/cairn/")[2] for name in wheel.namelist()}
    for pattern in (
        "package.xml",
        "launch/*.launch.yaml",
        "launch/parameters/**/*.yaml",
        "launch/layouts/**/*.json",
        "policies/bundles/**/*",
    ):
        expected = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern) if path.is_file()}
        assert expected - shared == set(), pattern
    assert "launch/parameters/gate.yaml" in shared
    assert any(name.endswith("share/ament_index/resource_index/packages/cairn") for name in wheel.namelist())


def test_every_node_is_an_executable_and_has_a_main(wheel):
    text = wheel.read(next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))).decode()
    for node in NODES:
        assert f"{node.removesuffix('_node')} = cairn.nodes.{node}:main\n" in text
        functions = [
            item.name
            for item in ast.parse((ROOT / "nodes" / f"{node}.py").read_text()).body
            if isinstance(item, ast.FunctionDef)
        ]
        assert "main" in functions, f"nodes/{node}.py"
    assert "cairn = cairn.cli.main:main\n" in text
    assert "command_gate_node" in NODES


def test_one_version_everywhere():
    files = [ROOT / "package.xml", *INTERFACES.glob("*/package.xml")]
    assert len(files) == 3
    versions = {ElementTree.parse(file).findtext("version") for file in files}
    assert versions == {importlib.metadata.version("cairn-robotics")}


@pytest.mark.parametrize(
    "file", sorted(INTERFACES.glob("*/*/*.*")), ids=lambda path: f"{path.parts[-3]}.{path.stem}"
)
def test_every_interface_is_built_and_current(file):
    package, kind = file.parts[-3], file.parts[-2]
    if kind not in ("msg", "srv", "action"):
        pytest.skip("not an interface")
    built = getattr(importlib.import_module(f"{package}.{kind}"), file.stem)
    # The first section of the definition is the message itself, the request or the goal.
    first = {"msg": lambda: built, "srv": lambda: built.Request, "action": lambda: built.Goal}[kind]()
    section = file.read_text().partition("---")[0]
    lines = [line.partition("#")[0].strip() for line in section.splitlines()]
    fields = [line.split()[1] for line in lines if line and "=" not in line]
    assert [
        name for name in first.get_fields_and_field_types() if name != "structure_needs_at_least_one_member"
    ] == (fields), "run `make setup`: the installed interfaces are older than ros_ws/src"


def test_every_import_is_a_declared_dependency():
    """A library that is here only because another one needs it may be gone tomorrow."""
    requirements = importlib.metadata.requires("cairn-robotics") or []
    declared = {re.split(r"[^\w-]", item)[0].lower().replace("_", "-") for item in requirements}
    distributions = importlib.metadata.packages_distributions()
    undeclared = set()
    for item in imports():
        if item.top in sys.stdlib_module_names or item.top == "cairn":
            continue
        # An optional library that is not here is taken for one of the same name.
        owners = {name.lower().replace("_", "-") for name in distributions.get(item.top, [item.top])}
        asks_ros = any(item.file.is_relative_to(ROOT / folder) for folder in ("nodes", "cli"))
        from_ros = asks_ros and (
            item.top.endswith(("_msgs", "_interfaces", "_srvs")) or item.top.startswith(("rclpy", "rosidl"))
        )
        if not from_ros and not owners & declared:
            undeclared.add(f"{item} (from {', '.join(sorted(owners))})")
    # NVIDIA's builder and what it needs are installed only where they are asked for.
    absent = {item for item in undeclared if item.endswith(("(from tensorrt-rtx)", "(from cuda)"))}
    assert undeclared - absent == set()


def test_messages_that_nodes_import_are_dependencies_of_the_ros_package():
    declared = {item.text for item in ElementTree.parse(ROOT / "package.xml").findall("exec_depend")}
    used = {
        item.top
        for item in imports()
        if item.file.is_relative_to(ROOT / "nodes")
        and (item.top.endswith(("_msgs", "_interfaces", "_srvs")) or item.top == "rclpy")
    }
    # The makers' own messages exist only where their software does, and all else runs without.
    assert used - declared == {"clearpath_platform_msgs", "interbotix_xs_msgs"}


def test_nothing_but_the_interfaces_has_to_be_sourced():
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("AMENT", "COLCON", "ROS_"))
    }
    for key in ("PYTHONPATH", "LD_LIBRARY_PATH", "_ROS_WHEELS_BOOTSTRAP_COMPLETE"):
        clean.pop(key, None)
    code = (
        "from cairn_interfaces.msg import GateStatus; from tf2_msgs.msg import TFMessage; print('imported')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean, cwd=Path("/"), capture_output=True, text=True, check=False
    )
    assert done.stdout == "imported\n", done.stderr
