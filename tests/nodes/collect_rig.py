"""A walled yard, a gate, teleoperation, a recorder and whoever is to collect: every one a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import Episode
from cairn.episodes.episode_index import read_episodes

YARD = """
<mujoco model="yard">
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1" rgba=".4 .5 .4 1"/>
    <geom type="box" pos="8 0 1" size=".5 8 1" rgba=".7 .3 .2 1"/>
    <geom type="box" pos="-8 0 1" size=".5 8 1" rgba=".2 .3 .7 1"/>
    <geom type="box" pos="0 8 1" size="8 .5 1" rgba=".2 .7 .3 1"/>
    <geom type="box" pos="0 -8 1" size="8 .5 1" rgba=".7 .7 .3 1"/>
    <site name="start" pos="-4 0 0"/>
    <site name="goal" pos="5 5 0" euler="0 0 90"/>
  </worldbody>
</mujoco>"""


def launch_collect(
    directory: Path, exit_when: str, patience: float = 240.0, **arguments: str
) -> tuple[int, str]:
    """Run `cairn launch collect` until a node ends; returns its status and everything that was printed."""
    world = directory / "yard.xml"
    world.write_text(YARD)
    given = {"world": str(world), "bags": str(directory), "bag": "run", **arguments}
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from cairn.cli.main import main; main()",
            "launch",
            "collect",
            *(f"{name}:={value}" for name, value in given.items()),
            "--exit-when",
            exit_when,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            output, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        raise AssertionError(f"not over after {patience:g} s:\n{output}") from None
    return process.returncode, output


def recorded(directory: Path) -> tuple[BagReader, tuple[Episode, ...]]:
    """The bag of the run and its episodes."""
    deadline = time.monotonic() + 10
    while not (directory / "run" / "metadata.yaml").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    reader = BagReader(directory / "run")
    return reader, read_episodes(reader)
