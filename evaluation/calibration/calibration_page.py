"""A calibration as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import jinja2

from cairn.evaluation.whole_file import write_whole


@dataclass(frozen=True)
class Row:
    """A row of a table; `mark` is "", "chosen" or "bad"."""

    cells: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Section:
    """A picture (PNG), a table, or both, and what they mean."""

    title: str
    picture: bytes = b""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    note: str = ""

    @property
    def inline(self) -> str:
        """The picture as text."""
        return base64.b64encode(self.picture).decode()


@dataclass(frozen=True)
class CalibrationPage:
    """What a report says: large figures, small details, why it is refused, and sections."""

    title: str
    verdict: str
    figures: Mapping[str, str]
    details: Mapping[str, str]
    problems: Sequence[str] = ()
    sections: Sequence[Section] = field(default_factory=tuple)

    def render(self) -> str:
        """The HTML; all pictures are inside it."""
        folder = resources.files("cairn.evaluation.calibration")
        source = folder.joinpath("calibration_page.html").read_text("utf-8")
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        return environment.from_string(source).render(page=self)

    def write(self, path: Path) -> None:
        """Render to `path`.  Raises CairnError when it can't be written; nothing is left there then."""
        write_whole(path, self.render())
