"""Map every top-level folder to `cairn.<folder>`; `cairn` itself is a namespace package."""

import sys
import xml.etree.ElementTree as ElementTree
from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

# Not `requires-python`: colcon reads this package's metadata as a printed literal, which a range is not.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit(f"Cairn needs Python 3.10 or newer, this is {sys.version.split()[0]}")

FOLDERS = (
    "hardware",
    "policies",
    "navigation",
    "episodes",
    "calibration",
    "evaluation",
    "monitor",
    "nodes",
    "launch",
    "cli",
)

package_dir = {f"cairn.{folder}": folder for folder in FOLDERS}
packages = [f"cairn.{folder}" for folder in FOLDERS]
for folder in FOLDERS:
    packages += [f"cairn.{folder}.{name}" for name in find_packages(folder)]

# nodes/command_gate_node.py is the executable `command_gate` of the ROS 2 package.
nodes = [Path(path).stem for path in sorted(glob("nodes/*_node.py"))]


def shared(pattern):
    """Files for the share directory, at the paths they have here: launch files name them by those."""
    return [
        (f"share/cairn/{Path(path).parent}", [path])
        for path in sorted(glob(pattern, recursive=True))
        if Path(path).is_file()
    ]


setup(
    # Named here too for the setuptools of Ubuntu 22.04, which does not read pyproject.toml.
    name="cairn-robotics",
    version=ElementTree.parse("package.xml").findtext("version"),
    packages=packages,
    package_dir=package_dir,
    package_data={"": ["*.html", "*.xml"], "cairn.monitor": ["web/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/cairn"]),
        ("share/cairn", ["package.xml"]),
        *shared("launch/*.launch.yaml"),
        *shared("launch/parameters/**/*.yaml"),
        *shared("launch/layouts/**/*.json"),
        *shared("policies/bundles/**/*"),
    ],
    entry_points={
        "console_scripts": [
            "cairn = cairn.cli.main:main",
            *(f"{node.removesuffix('_node')} = cairn.nodes.{node}:main" for node in nodes),
        ]
    },
)
