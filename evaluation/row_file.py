"""Rows on disk as they come, so that a benchmark that was cut off goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cairn.hardware.errors import CairnError

Row = dict[str, Any]


class RowFile:
    """JSON lines: what was asked for first, then one row a line, each flushed.

    Raises CairnError when the file exists and holds rows of other settings, or is no such file.
    """

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        self._path = path
        self._header = json.loads(json.dumps(header))
        self.rows: list[Row] = self._read() if path.exists() else []
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._append(self._header)

    def __contains__(self, key: tuple[str, int]) -> bool:
        """Whether that method was run in that world; what failed is tried again."""
        return any((row["method"], row["seed"]) == key for row in self.rows if "error" not in row)

    def add(self, row: Row) -> None:
        self._append(row)
        self.rows.append(row)

    def _append(self, entry: Row) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _read(self) -> list[Row]:
        text = self._path.read_text(encoding="utf-8")
        lines = text.split("\n")
        # Each line ends with a newline: what follows the last one was cut off while being written.
        if lines[-1]:
            self._path.write_text("\n".join(lines[:-1]) + "\n" * (len(lines) > 1), encoding="utf-8")
        try:
            entries = [json.loads(line) for line in lines[:-1]]
        except json.JSONDecodeError as error:
            raise CairnError(f"{self._path} is not a file of benchmark rows: {error}") from error
        if not entries or entries[0] != self._header:
            found = entries[0] if entries and isinstance(entries[0], dict) else {}
            differing = sorted(
                k for k in self._header.keys() | found.keys() if self._header.get(k) != found.get(k)
            )
            raise CairnError(
                f"{self._path} holds rows of another benchmark (differing: {', '.join(differing)}); expected "
                f"{self._header}; remove the file or choose another --json"
            )
        return entries[1:]
