"""Where built engines are kept."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cairn.policies.runtime.errors import ProviderError


def engine_directory() -> Path:
    """`$XDG_CACHE_HOME/cairn/engines`, by default below `~/.cache`; made for the user alone.

    Engines are executable code, so a directory that others could write to is refused.

    Raises:
        ProviderError: of another owner, or open to others.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    directory = root / "cairn" / "engines"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        got = f"user {status.st_uid} with mode {stat.S_IMODE(status.st_mode):04o}"
        raise ProviderError(
            f"{directory} must belong to user {os.getuid()} with mode 0700, got {got}: "
            f"`chmod 700 {directory}`, or remove it"
        )
    return directory


class EngineCache:
    """Engines by everything that they depend on."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or engine_directory()

    @staticmethod
    def key(content: bytes, tensorrt: str, gpu: str, flags: Mapping[str, Any]) -> str:
        """sha256 of the ONNX file's sha256, TensorRT's module and version, the GPU and the flags."""
        facts = [hashlib.sha256(content).hexdigest(), tensorrt, gpu, dict(flags)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def path(self, key: str) -> Path:
        """Of an engine, whether it exists or not."""
        return self._directory / f"{key}.engine"

    def load(self, key: str) -> bytes | None:
        """An engine, or None where there is none.

        Raises:
            ProviderError: the file is not what was stored.
        """
        path, record = self.path(key), self._record(key)
        if not record.is_file():  # written last: without it the engine is not complete
            return None
        try:
            stored = json.loads(record.read_text())["sha256"]
            engine = path.read_bytes()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(
                f"engine {path} can't be read ({error!r}): remove it and compile again"
            ) from error
        sha256 = hashlib.sha256(engine).hexdigest()
        if sha256 != stored:
            raise ProviderError(
                f"engine {path} must have sha256 {stored}, got {sha256}: remove it and compile again"
            )
        return engine

    def store(self, key: str, engine: bytes, facts: Mapping[str, Any]) -> Path:
        """Keep an engine, with a record beside it of what it was built from."""
        record = {"sha256": hashlib.sha256(engine).hexdigest(), **facts}
        _write(self.path(key), engine)
        _write(self._record(key), json.dumps(record, indent=1).encode())
        return self.path(key)

    def _record(self, key: str) -> Path:
        return self._directory / f"{key}.json"


def _write(path: Path, content: bytes) -> None:
    """Under its name only when it is whole."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
