"""Jobs on a real Ray cluster of this machine; skipped where the extra `ray` is not installed."""

import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "episodes"))

from drive_bags import write_drive, write_full_drive

from cairn.cli.main import main
from cairn.evaluation.ray_pool import run_on_ray
from cairn.hardware.errors import CairnError
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.convert_recordings import ConversionSettings, convert_recordings
from cairn.policies.training.recording import Recording

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="no module ray (extra `ray`)")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Address of a cluster of two CPUs, in processes of its own, for whoever knows its token."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    start = ["start", "--head", "--block", "--num-cpus=2", "--node-ip-address=127.0.0.1", f"--port={port}"]
    quiet = ["--include-dashboard=false", "--disable-usage-stats"]
    with (
        tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Read when Ray is imported first, which no other test does.
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        command = [sys.executable, "-m", "ray.scripts.scripts", *start, *quiet, f"--temp-dir={folder}"]
        head = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert head.stdout is not None
            said = []
            for line in head.stdout:
                said.append(line)
                if "Ray runtime started" in line:
                    break
            else:
                pytest.fail("".join(said))
            yield address
        finally:
            head.terminate()
            head.communicate(timeout=60)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def convert(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    with pytest.raises(SystemExit) as ended:
        main(["episodes", "convert", "bags", "--to", "gnm", "--json", *words])
    return ended.value.code, json.loads(capsys.readouterr().out)


def test_a_cluster_converts_what_one_process_does(cluster, tmp_path, monkeypatch, capsys):
    write_drive(tmp_path / "bags/park", seconds=4.0)
    write_full_drive(tmp_path / "bags/yard", steps=16)
    (tmp_path / "bags/torn").mkdir()
    (tmp_path / "bags/torn/torn.mcap").write_bytes(b"not a bag")
    # Relative paths are those of the command, not of the cluster.
    monkeypatch.chdir(tmp_path)
    code, report = convert(capsys, "-o", "one")
    assert (code, report["trajectories"]) == (1, 2)
    assert ["bags/torn" in source["problem"] for source in report["sources"]] == [False, True, False]
    assert convert(capsys, "-o", "two", "--ray", cluster) == (1, {**report, "output": "two"})
    assert files(tmp_path / "two") == files(tmp_path / "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bags", "one", "two"]


def test_a_cluster_makes_the_frames_that_training_learns_from(cluster, tmp_path):
    bags, settings = tmp_path / "bags", ConversionSettings(CylindricalView())
    write_drive(bags / "park", seconds=3.0)
    write_full_drive(bags / "yard", steps=12)
    on_ray = partial(run_on_ray, address=cluster)
    drives = convert_recordings([Recording(bags)], tmp_path / "two", settings, fan_out=on_ray)
    assert [drive.name for drive in drives] == ["park", "yard_first"]
    convert_recordings([Recording(bags)], tmp_path / "one", settings)
    assert files(tmp_path / "two") == files(tmp_path / "one")


def test_an_error_of_a_job_is_that_of_all(cluster):
    with pytest.raises(
        CairnError, match=r"expected PATH or PATH=WEIGHT such as bags/park=2.0, got 'yard=much'"
    ):
        list(run_on_ray(Recording.parse, [("yard=much",)], cluster))


def test_other_failures_of_a_job_say_that_they_were_on_the_cluster(cluster):
    with pytest.raises(CairnError, match=r"(?s)a job on Ray failed: .*ZeroDivisionError"):
        list(run_on_ray(divmod, [(1, 0)], cluster))


def test_results_come_as_they_finish_and_an_early_end_waits_for_none(cluster):
    jobs = run_on_ray(time.sleep, [(60.0,), (0.0,)], cluster)
    began = time.monotonic()
    assert next(jobs) is None
    jobs.close()
    assert time.monotonic() - began < 50


def test_a_cluster_that_is_not_there_is_named_at_once():
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(CairnError, match=rf"no Ray cluster at '{address}': .*refused; expected HOST:PORT"):
        list(run_on_ray(divmod, [(1, 1)], address))
    assert list(partial(run_on_ray, address=address)(divmod, [])) == []
