"""Launch files and small real programs to launch."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = {
    # Writes what it got, then waits for a signal and leaves cleanly.
    "waiter": """
import os, signal, sys, time
def leave(number, frame):
    print("got", signal.Signals(number).name, flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGTERM, leave)
print("pid", os.getpid(), flush=True)
print("args", *sys.argv[1:], flush=True)
print("env", os.environ.get("PROBE", "unset"), os.environ["OMP_NUM_THREADS"], flush=True)
while True:
    time.sleep(60)
""",
    "stubborn": """
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
while True:
    time.sleep(60)
""",
    "quitter": """
import sys
print("quitting", flush=True)
sys.exit(int(sys.argv[1]))
""",
}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ROS 2 prefix with the package `probe`, whose executables are the programs above."""
    folder = tmp_path / "prefix" / "lib" / "probe"
    folder.mkdir(parents=True)
    for name, text in PROGRAMS.items():
        (folder / name).write_text(f"#!{sys.executable} -IS\n{text}")
        (folder / name).chmod(0o755)
    share = tmp_path / "prefix" / "share" / "probe"
    share.mkdir(parents=True)
    (share / "package.xml").write_text("<package/>")
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path / "prefix"))
    return tmp_path / "prefix"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a launch file and return its path."""

    def write_file(text: str, name: str = "test.launch.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition, calling `step` meanwhile; the deadline is one that a loaded machine can meet."""

    def wait(condition: Callable[[], object], step: Callable[[], object] | None = None) -> None:
        deadline = time.monotonic() + 30.0
        while not condition():
            assert time.monotonic() < deadline, "the deadline of 30 s has passed"
            if step is not None:
                step()
            time.sleep(0.01)

    return wait
