"""The source files of Cairn and what they import, for tests that read code."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAYERS = (
    "hardware",
    "episodes",
    "calibration",
    "policies",
    "navigation",
    "evaluation",
    "monitor",
    "nodes",
    "launch",
    "cli",
)


@dataclass(frozen=True)
class Import:
    """One imported module, at one line of one file."""

    file: Path
    line: int
    module: str

    @property
    def top(self) -> str:
        """The top-level name."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def source_files(root: Path = ROOT) -> list[Path]:
    """Every module of the installed packages."""
    return sorted(path for layer in LAYERS for path in (root / layer).rglob("*.py"))


@functools.cache
def parsed(root: Path = ROOT) -> tuple[tuple[Path, ast.Module], ...]:
    """Every module with its syntax tree."""
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"), path)) for path in source_files(root))


def imports(root: Path = ROOT) -> Iterator[Import]:
    """Every import of every module, also those inside functions."""
    for path, tree in parsed(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(path, node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: a relative import"
                yield Import(path, node.lineno, node.module or "")
                if node.module == "cairn":
                    for alias in node.names:
                        yield Import(path, node.lineno, f"cairn.{alias.name}")
