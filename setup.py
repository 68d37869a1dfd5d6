"""Map every top-level folder to `cairn.<folder>`; `cairn` itself is a namespace package."""

from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

FOLDERS = ("hardware", "policies", "navigation", "episodes", "evaluation", "nodes", "launch", "cli")

package_dir = {f"cairn.{folder}": folder for folder in FOLDERS}
packages = [f"cairn.{folder}" for folder in FOLDERS]
for folder in FOLDERS:
    packages += [f"cairn.{folder}.{name}" for name in find_packages(folder)]

setup(
    packages=packages,
    package_dir=package_dir,
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/cairn"]),
        ("share/cairn", ["package.xml"]),
        ("share/cairn/launch", sorted(glob("launch/*.launch.yaml"))),
        ("share/cairn/launch/parameters", sorted(glob("launch/parameters/*.yaml"))),
        ("share/cairn/launch/layouts", sorted(glob("launch/layouts/*.json"))),
    ]
    + [
        (f"share/cairn/{Path(path).parent}", [path])
        for path in sorted(glob("policies/bundles/**/*", recursive=True))
        if Path(path).is_file()
    ],
)
