"""`cairn episodes bridge`, as its user runs it."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cairn.cli.main import main
from cairn.episodes.formats.array_pickle import dump

STEPS = 12


def raw_folder(path: Path, language: str = "put the carrot on the plate") -> Path:
    """A demonstration in which a bright square moves to the right."""
    (path / "images0").mkdir(parents=True)
    for t in range(STEPS + 1):
        pixels = np.full((48, 64, 3), 40, np.uint8)
        pixels[16:32, 4 * t : 4 * t + 12] = (220, 160, 60)
        stream = BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=95)
        (path / "images0" / f"im_{t}.jpg").write_bytes(stream.getvalue())
    states = np.zeros((STEPS + 1, 7))
    states[:, 0] = 0.2 + 0.01 * np.arange(STEPS + 1)
    dump({"full_state": states, "time_stamp": [0.2 * t for t in range(STEPS + 1)]}, path / "obs_dict.pkl")
    actions = np.array([0.01, 0, 0, 0, 0, 0.1, 0.0])
    dump([{"actions": actions} for _ in range(STEPS)], path / "policy_out.pkl")
    (path / "lang.txt").write_text(f"{language}\nconfidence: 1.0\n")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_info:
        main(["episodes", "bridge", *map(str, words)])
    output = capsys.readouterr()
    return exit_info.value.code, output.out, output.err


def test_it_converts_and_says_what_it_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw_folder(tmp_path / "in/traj0")
    raw_folder(tmp_path / "in/traj1")
    out = tmp_path / "out"
    code, output, errors = run(capsys, "convert", tmp_path / "in", "--to", "rlds", "-o", out)
    assert (code, errors) == (0, "")
    assert output.splitlines()[0].endswith("out: 2 demonstrations, 24 steps")
    assert "  left out of 2: observation after the last action" in output
    assert {file.name for file in out.iterdir()} >= {"dataset_info.json", "features.json"}
    code, output, _ = run(capsys, "show", out, "--json")
    shown = json.loads(output)
    assert (code, shown["problems"]) == (0, [])
    assert [row["steps"] for row in shown["demonstrations"]] == [12, 12]
    assert shown["demonstrations"][0]["language"] == ["put the carrot on the plate"]


def test_damage_is_named_and_the_exit_status_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw_folder(tmp_path / "in/traj0")
    (raw_folder(tmp_path / "in/traj1") / "images0/im_3.jpg").unlink()
    code, output, errors = run(capsys, "convert", tmp_path / "in", "--to", "numpy", "-o", tmp_path / "out")
    assert code == 1
    assert output.splitlines()[0].endswith("out: 1 demonstrations, 12 steps")
    assert "traj1/images0: expected 13 images, one a state, got 12" in errors
    code, output, errors = run(capsys, "show", tmp_path / "in")
    assert code == 1
    assert "traj1/images0" in errors
    assert "put the carrot on the plate" in output


def test_nothing_to_convert_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (raw_folder(tmp_path / "in/traj0") / "policy_out.pkl").unlink()
    options = ("--to", "rlds", "-o", tmp_path / "out")
    code, _, errors = run(capsys, "convert", tmp_path / "in", *options)
    assert code == 2
    assert "nothing is left" in errors
    assert not (tmp_path / "out").exists()
    code, _, errors = run(capsys, "show", tmp_path / "in")
    assert code == 2
    code, _, errors = run(capsys, "convert", tmp_path / "in", "--to", "zarr", "-o", tmp_path / "out")
    assert (code, "valid: raw, numpy, rlds" in errors) == (2, True)


def test_sheets_show_images_and_actions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for index in range(3):
        raw_folder(tmp_path / f"in/traj{index}")
    sheets = tmp_path / "sheets"
    code, output, _ = run(capsys, "show", tmp_path / "in", "--limit", "2", "-o", sheets)
    assert code == 0
    assert "the first 2; see --limit" in output
    assert sorted(path.name for path in sheets.iterdir()) == ["000-traj0.png", "001-traj1.png"]
    with Image.open(sheets / "000-traj0.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape[1] == 1650
    square = np.abs(pixels - (220, 160, 60)).max(2) < 25
    columns = np.flatnonzero(square.any(0))
    # Eight moments side by side, and the movement along x drawn in blue below them.
    assert columns.max() - columns.min() > 1000
    rows = np.flatnonzero(square.any(1))
    blue = np.flatnonzero((np.abs(pixels - (0, 114, 178)).max(2) < 10).sum(1) > 500)
    assert blue.min() > rows.max()
