"""`cairn episodes convert`, as its user runs it."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from cairn.cli.main import main
from cairn.episodes.formats.array_pickle import dump
from cairn.episodes.open_trajectories import open_trajectories
from cairn.hardware.camera_model import CameraModel


def gnm_folder(path: Path, speed: float = 1.0, steps: int = 24) -> Path:
    """A drive straight ahead at `speed` [m/s], at 4 Hz."""
    path.mkdir(parents=True)
    rows = np.arange(32)[:, None, None] * np.ones((1, 48, 3))
    for number in range(steps):
        stream = BytesIO()
        Image.fromarray(((rows * 7 + number * 5) % 256).astype(np.uint8)).save(stream, "JPEG")
        (path / f"{number}.jpg").write_bytes(stream.getvalue())
    along = speed * np.arange(steps) / 4
    dump({"position": np.stack([along, 0 * along], 1), "yaw": np.zeros(steps)}, path / "traj_data.pkl")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_info:
        main(["episodes", "convert", *map(str, words)])
    output = capsys.readouterr()
    return exit_info.value.code, output.out, output.err


def test_it_converts_and_says_what_it_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gnm_folder(tmp_path / "in/ahead")
    gnm_folder(tmp_path / "in/back", speed=-1.0)
    code, output, errors = run(capsys, tmp_path / "in", "--to", "recon", "-o", tmp_path / "out")
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].endswith("out: 1 trajectories, 24 of 48 steps, from 2 sources")
    # The first step of the drive backwards has no way behind it that would tell.
    assert lines[1:] == ["  left out: 23 reversed driving", "  left out: 1 too short"]
    with h5py.File(tmp_path / "out/ahead.hdf5") as file:
        assert file["jackal/position"].shape == (24, 3)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ahead.hdf5"]


def test_thresholds_are_options_and_the_report_is_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gnm_folder(tmp_path / "in/back", speed=-1.0)
    gnm_folder(tmp_path / "in/fast", speed=20.0)
    options = ("--max-reverse", "2", "--max-speed", "10", "--min-steps", "24", "--jobs", "2", "--json")
    code, output, _ = run(capsys, tmp_path / "in", "--to", "gnm", "-o", tmp_path / "out", *options)
    report = json.loads(output)
    assert code == 0
    assert (report["steps_read"], report["steps_kept"], report["trajectories"]) == (48, 24, 1)
    assert report["dropped"] == {"odometry jump": 23, "too short": 1}
    assert report["sources"][0]["trajectories"] == {"back": 24}
    assert report["output"] == str(tmp_path / "out")


def test_a_source_that_is_damaged_is_told_and_the_others_converted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gnm_folder(tmp_path / "in/good")
    (gnm_folder(tmp_path / "in/bad") / "traj_data.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    code, output, errors = run(capsys, tmp_path / "in", "--to", "gnm", "-o", tmp_path / "out")
    assert code == 1
    assert "1 trajectories, 24 of 24 steps" in output
    assert "it calls os.system" in errors
    assert "Traceback" not in errors


def test_nothing_left_is_an_error_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gnm_folder(tmp_path / "in/back", speed=-1.0)
    code, _, errors = run(capsys, tmp_path / "in", "--to", "gnm", "-o", tmp_path / "out")
    assert code == 2
    assert "nothing is left of 24 steps: 23 reversed driving, 1 too short" in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize("kind", ["gnm", "bag"])
def test_a_disk_that_refuses_ends_it_with_nothing_left(tmp_path: Path, kind: str) -> None:
    gnm_folder(tmp_path / "in/ahead")
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)); "
        "from cairn.cli.main import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", script, "episodes", "convert", str(tmp_path / "in"), "--to", kind]
    result = subprocess.run(
        [*command, "-o", str(tmp_path / "out")], capture_output=True, text=True, timeout=100
    )
    assert result.returncode == 2, result.stderr
    assert "can't be written" in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_a_cluster_without_ray_names_the_extra(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    gnm_folder(tmp_path / "in/ahead")
    to = ("--to", "recon", "-o", tmp_path / "out")
    code, _, errors = run(capsys, tmp_path / "in", *to, "--ray", "10.0.0.5:6379")
    assert code == 2
    assert errors == "cairn: the module `ray` is absent: `pip install 'cairn-robotics[ray]'`\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--to", "csv"), "format 'csv' is unknown; valid: recon, gnm, lerobot, bag"),
        (("--to", "gnm", "--rate", "0"), "a rate must lie in"),
        (("--to", "gnm", "--align", "sonar=hold"), "expected STREAM=METHOD"),
        (("--to", "gnm", "--include", "all"), "--include takes undecided, kept, discarded, got all"),
        (("--to", "gnm", "--min-steps", "0"), "min_steps"),
        (("--to", "gnm", "--jpeg-quality", "0"), r"JPEG quality must lie in"),
        (("--to", "gnm", "--topics", "none.yaml"), "none.yaml can't be read"),
    ],
)
def test_wrong_options_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    gnm_folder(tmp_path / "in/ahead")
    code, _, errors = run(capsys, tmp_path / "in", "-o", tmp_path / "out", *words)
    assert code == 2
    assert message in " ".join(errors.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


CALIBRATION = """
image_width: 480
image_height: 320
camera_matrix: {rows: 3, cols: 3, data: [200.0, 0, 250.0, 0, 190.0, 150.0, 0, 0, 1]}
distortion_model: equidistant
distortion_coefficients: {rows: 1, cols: 4, data: [-0.04, -0.01, 0.004, -0.001]}
"""


def test_given_intrinsics_are_written_in_the_size_of_the_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gnm_folder(tmp_path / "in/ahead")
    calibration = tmp_path / "fisheye.yaml"
    calibration.write_text(CALIBRATION)
    lens = ("--camera-info", calibration)
    code, _, errors = run(capsys, tmp_path / "in", "--to", "bag", "-o", tmp_path / "bags", *lens)
    assert (code, errors) == (0, "")
    (drive,) = open_trajectories(tmp_path / "bags")
    camera = CameraModel(48, 32, 20.0, 19.0, 25.0, 15.0, "equidistant", (-0.04, -0.01, 0.004, -0.001))
    assert drive.info.camera == camera

    # What a recording says itself is not gainsaid.
    calibration.write_text(CALIBRATION.replace("200.0", "100.0"))
    assert run(capsys, tmp_path / "bags", "--to", "recon", "-o", tmp_path / "recon", *lens)[0] == 0
    (drive,) = open_trajectories(tmp_path / "recon")
    assert drive.info.camera == camera


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[-0.04", "[.nan", "distortion_coefficients.data must be 4 finite numbers, got [nan"),
        (
            "equidistant",
            "fisheye",
            "distortion_model 'fisheye' is unknown; valid: ['equidistant'",
        ),
        ("image_height: 320", "image_height: 480", "the image is 48x32, but the camera's pictures have the"),
    ],
)
def test_intrinsics_that_can_not_be_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    gnm_folder(tmp_path / "in/ahead")
    calibration = tmp_path / "fisheye.yaml"
    calibration.write_text(CALIBRATION.replace(old, new))
    code, _, errors = run(
        capsys, tmp_path / "in", "--to", "recon", "-o", tmp_path / "out", "--camera-info", calibration
    )
    assert code == 2
    assert message in errors
    assert not (tmp_path / "out").exists()
