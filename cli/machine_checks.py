"""What Cairn needs of a machine, each looked at for real and in a process of its own.

A library that crashes or hangs on import (a wrong driver, a wrong build) must not take the check with it.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_TIMEOUT_S = 60.0
_MEGABYTE = 1 << 20
_OLD_DAYS = 180


class Verdict(Enum):
    """How a check ended."""

    OK = "ok"
    ABSENT = "absent"
    """An optional part is not installed."""
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """The result of one check; `advice` is empty where nothing needs doing."""

    check: str
    verdict: Verdict
    detail: str
    advice: str = ""


def run_checks() -> list[Finding]:
    """Look at everything, in the order of importance; takes a few seconds."""
    return [check() for check in _CHECKS]


def _python() -> Finding:
    detail = f"{platform.python_version()} at {sys.executable}, {os.cpu_count()} cores"
    if sys.version_info < (3, 10):  # noqa: UP036  (the check itself)
        return Finding("python", Verdict.FAILED, detail, "expected Python 3.10 or newer")
    return Finding("python", Verdict.OK, detail)


_ROS = """
import json, os, rclpy
from rclpy.utilities import get_rmw_implementation_identifier
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
rclpy.init()
name = get_rmw_implementation_identifier()
rclpy.shutdown()
print(json.dumps(f"{os.environ.get('ROS_DISTRO', 'wheels')}, {name}"))
"""


def _ros() -> Finding:
    detail, error = _probe(_ROS)
    if error:
        advice = "source a ROS 2 installation (Humble to Lyrical), or `make setup`"
        return Finding("ros 2", Verdict.FAILED, error, advice)
    return Finding("ros 2", Verdict.OK, str(detail))


_INTERFACES = """
import json
import cairn_interfaces.action, cairn_interfaces.msg, cairn_interfaces.srv, tf2_msgs.msg
from rclpy.serialization import serialize_message
serialize_message(cairn_interfaces.msg.GateStatus())
serialize_message(tf2_msgs.msg.TFMessage())
print(json.dumps("cairn_interfaces, tf2_msgs"))
"""


def _interfaces() -> Finding:
    detail, error = _probe(_INTERFACES)
    if error:
        advice = "`make setup`, or `pip install ./ros_ws/src/tf2_msgs ./ros_ws/src/cairn_interfaces`"
        return Finding("interfaces", Verdict.FAILED, error, advice)
    return Finding("interfaces", Verdict.OK, str(detail))


_OPENGL = """
import json, os, time
import cairn.hardware.sim
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><light pos='0 0 3'/>"
    "<geom type='sphere' size='.5' rgba='1 0 0 1'/></worldbody></mujoco>"
)
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
with mujoco.Renderer(model, 48, 64) as renderer:
    renderer.update_scene(data)
    started = time.perf_counter()
    picture = renderer.render()
    took = time.perf_counter() - started
    assert picture.max() > picture.min(), "the picture is empty"
    from OpenGL.GL import GL_RENDERER, glGetString
    name = (glGetString(GL_RENDERER) or b"unknown").decode()
print(json.dumps(f"mujoco {mujoco.__version__}, {os.environ['MUJOCO_GL']}, {name}, {took * 1000:.0f} ms"))
"""


def _simulator() -> Finding:
    detail, error = _probe(_OPENGL)
    if error and "No module named 'mujoco'" in error:
        return Finding("simulator", Verdict.ABSENT, error, "`pip install 'cairn-robotics[sim]'`")
    if error:
        advice = "`apt-get install libegl1 libgl1-mesa-dri`, or set MUJOCO_GL to a backend that is here"
        return Finding("simulator", Verdict.FAILED, error, advice)
    return Finding("simulator", Verdict.OK, str(detail))


_INFERENCE = """
import json
from importlib.metadata import distributions
import onnxruntime
builds = sorted({d.name for d in distributions() if d.name in ("onnxruntime", "onnxruntime-gpu")})
print(json.dumps([onnxruntime.__version__, onnxruntime.get_available_providers(), builds]))
"""


def _inference() -> Finding:
    answer, error = _probe(_INFERENCE)
    if error or not isinstance(answer, list):
        return Finding("inference", Verdict.FAILED, error, "`pip install 'cairn-robotics[cpu]'` or `[gpu]`")
    version, providers, builds = answer
    detail = f"ONNX Runtime {version}: {', '.join(providers)}"
    if len(builds) > 1:
        advice = "both builds share one directory and break each other: uninstall both, then install one"
        return Finding("inference", Verdict.FAILED, f"{detail}; installed: {', '.join(builds)}", advice)
    return Finding("inference", Verdict.OK, detail)


def _training() -> Finding:
    detail, error = _probe(
        "import json, torch\n"
        "print(json.dumps(f'torch {torch.__version__}, ' + (torch.cuda.get_device_name() if "
        "torch.cuda.is_available() else f'CPU, {torch.get_num_threads()} threads')))"
    )
    return _optional("training", detail, error, "train")


def _realsense() -> Finding:
    detail, error = _probe(
        "import json, pyrealsense2 as rs\n"
        "names = [d.get_info(rs.camera_info.name) for d in rs.context().query_devices()]\n"
        "print(json.dumps(', '.join(names) or 'driver present, no camera connected'))"
    )
    return _optional("realsense", detail, error, "realsense")


def _shared_memory() -> Finding:
    # Each process maps 16 MB for camera images (launch/fastdds.xml); containers often have 64 MB in all.
    free = shutil.disk_usage("/dev/shm").free // _MEGABYTE
    if free < 256:
        advice = "expected 256 MB or more in /dev/shm; in Docker: `--shm-size=512m`"
        return Finding("shared memory", Verdict.WARNING, f"{free} MB free", advice)
    return Finding("shared memory", Verdict.OK, f"{free} MB free")


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free // _MEGABYTE
    detail = f"{free / 1024:.0f} GB free in {Path.cwd()}"
    if free < 5 * 1024:
        return Finding("disk", Verdict.WARNING, detail, "raw VGA video at 10 Hz takes 33 GB an hour")
    return Finding("disk", Verdict.OK, detail)


def calibration_finding() -> Finding:
    """What is calibrated, how long ago and how well."""
    from cairn.calibration.stored import stored_calibrations
    from cairn.hardware.calibration_folder import calibration_folder

    folder = calibration_folder()
    found = stored_calibrations(folder)
    if not found:
        return Finding("calibration", Verdict.ABSENT, f"none in {folder}", "`cairn calibrate --help`")
    told = []
    for one in found:
        age = "of unknown age" if one.days is None else f"{one.days:.0f} days old"
        told.append(f"{one.name} {one.kind}: {one.fault or ', '.join(filter(None, (age, one.error)))}")
    broken = [one.name for one in found if one.fault]
    if broken:
        return Finding("calibration", Verdict.WARNING, "; ".join(told), f"calibrate {', '.join(broken)} anew")
    old = [one.name for one in found if one.days is not None and one.days > _OLD_DAYS]
    advice = f"`cairn calibrate check --camera {old[0]}`: older than {_OLD_DAYS} days" if old else ""
    return Finding("calibration", Verdict.WARNING if old else Verdict.OK, "; ".join(told), advice)


def _optional(check: str, detail: object, error: str, extra: str) -> Finding:
    if error and "No module named" in error:
        return Finding(check, Verdict.ABSENT, error, f"`pip install 'cairn-robotics[{extra}]'`")
    if error:
        return Finding(
            check, Verdict.WARNING, error, f"reinstall it: `pip install 'cairn-robotics[{extra}]'`"
        )
    return Finding(check, Verdict.OK, str(detail))


def _probe(code: str) -> tuple[object, str]:
    """Run `code` in a new Python; its last line of output as JSON, or what went wrong in one line."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {_TIMEOUT_S:.0f} s"
    if done.returncode < 0:
        return None, f"crashed with signal {-done.returncode}"
    try:
        if done.returncode == 0:
            return json.loads(done.stdout.splitlines()[-1]), ""
    except (IndexError, json.JSONDecodeError):
        pass
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}, no message"]
    return None, lines[-1]


_CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _ros,
    _interfaces,
    _inference,
    _simulator,
    _shared_memory,
    _disk,
    calibration_finding,
    _realsense,
    _training,
)
