"""Rows survive being cut off, and never mix with those of other settings."""

import pytest

from cairn.evaluation.row_file import RowFile
from cairn.hardware.errors import CairnError

HEADER = {"bundle": "recon", "budget": 10.0}


def test_rows_are_found_again(tmp_path):
    path = tmp_path / "new" / "rows.jsonl"
    file = RowFile(path, HEADER)
    file.add({"method": "cairn", "seed": 1000, "x": 1.5})
    again = RowFile(path, HEADER)
    assert ("cairn", 1000) in again
    assert ("cairn", 1001) not in again
    assert again.rows == [{"method": "cairn", "seed": 1000, "x": 1.5}]


def test_a_row_cut_off_while_being_written_is_run_again(tmp_path):
    path = tmp_path / "rows.jsonl"
    RowFile(path, HEADER).add({"method": "cairn", "seed": 1000})
    with path.open("a") as file:
        file.write('{"method": "cairn", "se')
    file = RowFile(path, HEADER)
    assert len(file.rows) == 1
    file.add({"method": "cairn", "seed": 1001})
    assert [row["seed"] for row in RowFile(path, HEADER).rows] == [1000, 1001]


def test_what_failed_is_tried_again(tmp_path):
    file = RowFile(tmp_path / "rows.jsonl", HEADER)
    file.add({"method": "cairn", "seed": 1000, "error": "no path"})
    assert ("cairn", 1000) not in file
    file.add({"method": "cairn", "seed": 1000})
    assert ("cairn", 1000) in file


def test_rows_of_other_settings_are_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    RowFile(path, HEADER)
    with pytest.raises(CairnError, match=r"another benchmark \(differing: budget\)"):
        RowFile(path, HEADER | {"budget": 20.0})


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("hello\nworld\n")
    with pytest.raises(CairnError, match="not a file of benchmark rows"):
        RowFile(path, HEADER)
