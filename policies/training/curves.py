"""The losses over a whole training, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


class Curves:
    """Appends rows to a file that survives interruptions of the training.

    Args:
        path: of the file; made when missing.
        step: from which training goes on: rows of later steps are of work that was lost, and dropped.
    """

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        kept = [row for row in read_curves(path) if row["step"] <= step] if path.exists() else []
        temporary = path.with_name(f".{path.name}.partial")
        temporary.write_text("".join(_line(row) for row in kept))
        temporary.rename(path)

    def append(self, row: Mapping[str, float]) -> None:
        """One row with its `step`; on disk when this returns."""
        with self._path.open("a") as file:
            file.write(_line(row))


def read_curves(path: Path) -> list[dict[str, float]]:
    """All whole rows, oldest first; a last line that was cut off by a crash is left out."""
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("}\n")]


def _line(row: Mapping[str, float]) -> str:
    return json.dumps({name: round(value, 6) for name, value in row.items()}) + "\n"
