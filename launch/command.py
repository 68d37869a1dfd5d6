"""The command line that starts a node: its executable and the standard `--ros-args`."""

import importlib.util
import json
import math
import os
import sys
from pathlib import Path

from cairn.launch.errors import LaunchError
from cairn.launch.node_description import NodeDescription, ParameterValue
from cairn.launch.share import prefixes

_NODES = Path(__file__).resolve().parent.parent / "nodes"


def node_command(node: NodeDescription) -> list[str]:
    """The argument vector of `node`'s process.

    Raises:
        LaunchError: its package has no such executable.
    """
    ros: list[str] = []
    for parameter in node.parameters:
        if isinstance(parameter, Path):
            ros += ["--params-file", str(parameter)]
        else:
            name, value = parameter
            ros += ["-p", f"{name}:={_yaml(value)}"]
    for source, target in node.remappings:
        ros += ["-r", f"{source}:={target}"]
    if node.name is not None:
        ros += ["-r", f"__node:={node.name}"]
    if node.namespace is not None:
        ros += ["-r", f"__ns:={node.namespace}"]
    ros += node.ros_arguments
    return [
        *executable(node.package, node.executable),
        *node.arguments,
        *(["--ros-args", *ros] if ros else []),
    ]


def executable(package: str, name: str) -> list[str]:
    """How to start `name` of `package`: Cairn's nodes by this Python, others from `lib/<package>/`.

    Raises:
        LaunchError: there is no such executable; the message lists those there are.
    """
    if package == "cairn":
        if importlib.util.find_spec(f"cairn.nodes.{name}_node") is not None:
            return [sys.executable, "-m", f"cairn.nodes.{name}_node"]
        valid = sorted(path.name.removesuffix("_node.py") for path in _NODES.glob("*_node.py"))
    else:
        folders = [prefix / "lib" / package for prefix in prefixes()]
        found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        for path in found:
            if path.name == name and os.access(path, os.X_OK):
                return [str(path)]
        valid = sorted(path.name for path in found if os.access(path, os.X_OK))
    raise LaunchError(
        f"the package `{package}` has no executable `{name}`; valid: {', '.join(valid) or 'none found'}"
    )


def _yaml(value: ParameterValue) -> str:
    """YAML that keeps the type: strings quoted, floats with a point."""
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(item) for item in value) + "]"
    if isinstance(value, float):
        if not math.isfinite(value):
            return {"inf": ".inf", "-inf": "-.inf"}.get(str(value), ".nan")
        text = repr(value)
        mantissa, exponent_mark, exponent = text.partition("e")
        return text if "." in mantissa else f"{mantissa}.0{exponent_mark}{exponent}"
    return json.dumps(value, ensure_ascii=False)
