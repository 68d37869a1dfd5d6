"""Two processes of torchrun learn what one process learns, also when one of them is killed."""

from pathlib import Path

import pytest
from drive_bags import write_drive, write_full_drive
from small_training import make_small
from torchrun import torchrun

from cairn.cli.main import main
from cairn.policies.bundle import load_bundle
from cairn.policies.recon import train_recon as recipe
from cairn.policies.training.curves import read_curves

HERE = Path(__file__).parent


@pytest.fixture
def bags(tmp_path: Path) -> Path:
    write_drive(tmp_path / "bags/park", seconds=5.0)
    write_full_drive(tmp_path / "bags/yard", steps=20)
    write_full_drive(tmp_path / "bags/lane", steps=16)
    return tmp_path / "bags"


def command(bags: Path, to: Path) -> list[str]:
    options = "--worlds 0 --steps 6 --learning-rate 0.005 --jobs 1 --device cpu --threshold 0.5"
    return [
        "train",
        "recon",
        str(bags),
        "--work",
        str(to / "work"),
        "--output",
        str(to / "bundle"),
        *options.split(),
    ]


@pytest.mark.timeout(300)
def test_two_processes_one_of_them_killed_learn_what_one_does(bags, tmp_path, monkeypatch):
    together, alone, listing = tmp_path / "together", tmp_path / "alone", tmp_path / "together/listing.txt"
    program = HERE / "training_process.py"
    with torchrun(program, listing, *command(bags, together), restarts=1) as running:
        make_small(recipe, monkeypatch)
        with pytest.raises(SystemExit, match="0"):
            main(command(bags, alone))
        said, _ = running.communicate(timeout=240)
    assert running.returncode == 0, said
    assert "Traceback" not in said

    # Where process 1 was killed there was a checkpoint and no trace of a bundle.
    left = listing.read_text().splitlines()
    assert "work/checkpoint.pt" in left
    assert not [name for name in left if "bundle" in name]

    # Rounding differs as it does between one thread and two, and grows from step to step.
    rows, expected = (read_curves(to / "work/curves.jsonl") for to in (together, alone))
    assert [row["step"] for row in rows] == [row["step"] for row in expected] == [2, 4, 6]
    for row, one, tolerance in zip(rows, expected, (2e-4, 2e-3, 1e-2), strict=True):
        assert row.keys() == one.keys()
        assert {**row, "seconds": 0} == pytest.approx({**one, "seconds": 0}, rel=tolerance, abs=1e-4)
    manifest, other = (load_bundle(to / "bundle").manifest for to in (together, alone))
    assert manifest.provenance.data == other.provenance.data
    assert sorted(path.name for path in together.iterdir()) == ["bundle", "listing.txt", "work"]
    assert not [name for name in (together / "work").iterdir() if name.name.startswith(".")]
