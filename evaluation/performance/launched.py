"""Benchmarks between real processes: a few nodes under the supervisor until one of them ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from cairn.hardware.errors import CairnError

Entity = dict[str, Any]


def node(name: str, parameters: dict[str, Any], file: str = "") -> Entity:
    """The launch entity of one of our nodes; `file` of parameters, if any, is overridden by `parameters`."""
    listed: list[dict[str, Any]] = [{"from": file}] if file else []
    listed += [{"name": key, "value": value} for key, value in parameters.items()]
    return {"node": {"pkg": "cairn", "exec": name, "name": name, "param": listed}}


def run_until(ends: str, nodes: list[Entity], folder: Path, benchmark: str, timeout: float) -> None:
    """Launch `nodes`, on a domain of their own, until the one named `ends` has ended.

    Raises CairnError, naming the benchmark, when that takes more than `timeout` seconds or fails.
    """
    launch_file = folder / f"{ends}.launch.yaml"
    launch_file.write_text(yaml.safe_dump({"launch": nodes}), encoding="utf-8")
    command = [sys.executable, "-c", "from cairn.cli.main import main; main()", "launch", str(launch_file)]
    command += ["--exit-when", ends]
    environment = {**os.environ, "ROS_DOMAIN_ID": str(1 + os.getpid() % 100)}
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise CairnError(f"{benchmark} took more than {timeout:.0f} s") from None
    if result.returncode != 0:
        said = (result.stdout + result.stderr)[-2000:]
        raise CairnError(f"{benchmark} ended with {result.returncode}: {said}")
