"""`cairn demo` from the command line to the report, with a policy that knows nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from example_bundles import files_of, recon_manifest

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.recorded_run import RecordedRun
from cairn.hardware.errors import CairnError
from cairn.nodes.sim_settings import SimSettings
from cairn.policies.bundle import write_bundle

WORLD = """
<mujoco model="yard">
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1" rgba=".4 .5 .4 1"/>
    <geom type="box" pos="6 0 1" size=".5 6 1" rgba=".7 .3 .2 1"/>
    <geom type="box" pos="-6 0 1" size=".5 6 1" rgba=".2 .3 .7 1"/>
    <site name="start" pos="-2 1 0"/>
    <site name="goal" pos="3 -3 0" euler="0 0 90"/>
  </worldbody>
</mujoco>"""


def demo(*options: object, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from cairn.cli.main import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, "demo", *map(str, options)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.fixture
def world(tmp_path: Path) -> Path:
    path = tmp_path / "yard.xml"
    path.write_text(WORLD)
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    manifest = recon_manifest()
    return write_bundle(tmp_path / "recon", manifest, files_of(manifest)).directory


@pytest.mark.timeout(300)
def test_a_search_without_success_is_recorded_judged_and_reported(world, bundle, tmp_path) -> None:
    run = tmp_path / "run"
    done = demo(
        "--world", world, "--bundle", bundle, "--budget", 10, "--speed", 0, "--output", run
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(r"discovery, judged by the simulator: (out of time|gave up|false)", done.stdout)
    assert f"report: {run / 'report.html'}" in done.stdout
    assert (run / "goal.png").is_file()
    assert (run / "map.cairnmap").is_file()

    reader = BagReader(run / "bag")
    assert reader.complete
    for topic in ("/gate/status", "/cmd_vel", "/sensors/camera/image/compressed", "/explore/status", "/tf"):
        assert reader.topics[topic][1] > 0, topic
    settings = SimSettings(world=str(world))
    simulation = settings.open()
    try:
        task = settings.task(simulation)
        visits = RecordedRun(run / "bag").visits(["discovery"], task, simulation.truth)
    finally:
        simulation.close()
    trace = visits[0].trace
    assert visits[0].name == "discovery"
    assert not visits[0].success
    assert tuple(trace.truth[0][:2]) == pytest.approx((-2.0, 1.0), abs=0.05)
    assert len(trace) >= 3
    assert visits[0].seconds <= 11.0
    assert visits[0].last_image.shape == (360, 480, 3)
    report = (run / "report.html").read_text()
    assert "discovery" in report
    assert "data:image/png;base64," in report


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "TAKEN"], "--output must be a new directory, but"),
        (["--output", "/proc/run"], "can't write to /proc/run"),
        (["--world", "desert"], "a world must be one of suburb, campus"),
        (["--bundle", "/nowhere/recon"], "/nowhere/recon must be the directory of a bundle"),
        (["--ros"], "there is no `ros2` on the PATH"),
    ],
)
@pytest.mark.timeout(300)
def test_what_can_not_be_shown_is_refused_with_a_message(world, tmp_path, options, message) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    options = [str(taken) if option == "TAKEN" else option for option in options]
    if "--output" not in options:
        options += ["--output", str(tmp_path / "run")]
    if "--world" not in options:
        options += ["--world", str(world)]
    done = demo(*options, PATH="/usr/bin:/bin")
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(100)
def test_without_opengl_it_says_what_to_install(world, tmp_path) -> None:
    done = demo("--world", world, "--output", tmp_path / "run", MUJOCO_GL="osmesa", LD_LIBRARY_PATH="")
    if done.returncode == 1:
        pytest.skip("osmesa is installed here")
    assert done.returncode == 2
    assert "apt-get install libegl1 libgl1-mesa-dri" in done.stderr


def test_a_bag_without_a_search_is_no_run(tmp_path) -> None:
    with pytest.raises(CairnError):
        RecordedRun(tmp_path)
