"""`cairn doctor` looks for real: a library that fails or crashes is reported, and the exit code tells."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CAIRN = str(Path(sys.executable).with_name("cairn"))


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    """Run the verb with modules of this test in front of the installed ones."""

    def run(modules: dict[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        done = subprocess.run([CAIRN, "doctor", "--json"], capture_output=True, text=True, check=False)
        return done.returncode, {row["check"]: row for row in json.loads(done.stdout)}

    return run


def test_what_is_missing_broken_or_crashing_is_told_apart(doctor):
    code, rows = doctor(
        {
            "pyrealsense2": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
            "torch": "raise ModuleNotFoundError(\"No module named 'torch'\")\n",
            "mujoco": "raise ImportError('libEGL.so.1: cannot open shared object file')\n",
        }
    )
    assert code == 1
    assert rows["realsense"]["verdict"] == "warning"
    assert rows["realsense"]["detail"] == "crashed with signal 11"
    assert (rows["training"]["verdict"], rows["training"]["advice"]) == (
        "absent",
        "`pip install 'cairn-robotics[train]'`",
    )
    assert rows["simulator"]["verdict"] == "failed"
    assert "libEGL.so.1" in rows["simulator"]["detail"]
    assert "libegl1" in rows["simulator"]["advice"]
    for check in ("python", "ros 2", "interfaces", "inference"):
        assert rows[check]["verdict"] == "ok", rows[check]
    assert "rmw_" in rows["ros 2"]["detail"]
    assert "CPUExecutionProvider" in rows["inference"]["detail"]


def test_without_ros_the_advice_says_how_to_get_it(doctor):
    code, rows = doctor({"rclpy": "raise ModuleNotFoundError(\"No module named 'rclpy'\")\n"})
    assert code == 1
    assert rows["ros 2"]["verdict"] == "failed"
    assert "source a ROS 2 installation" in rows["ros 2"]["advice"]
