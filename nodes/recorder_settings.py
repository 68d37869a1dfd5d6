"""What the recorder can be told."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from cairn.episodes.storage_options import StorageOptions
from cairn.hardware.setting import InvalidSetting, setting


@dataclass(frozen=True, kw_only=True)
class RecorderSettings(StorageOptions):
    """The recorder's settings; all are fixed while it records."""

    directory: str = setting("where bags are made; created if missing", fixed=True)
    name: str = setting("of the bag; empty: date and time of its start", "", fixed=True)
    topics: tuple[str, ...] = setting(
        "topics to record, names or patterns with * and ?, relative to the namespace", ("*",), fixed=True
    )
    exclude: tuple[str, ...] = setting("topics not to record, as in `topics`", (), fixed=True)
    depth: int = setting(
        "messages of a topic that the middleware keeps while the recorder is busy",
        500,
        minimum=1,
        maximum=10000,
        fixed=True,
    )
    linger: float = setting(
        "how long to go on recording after the signal to stop, for the last words of the others [s]",
        0.3,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    attachments: tuple[str, ...] = setting(
        "files to keep in the bag, such as a calibration or parameter files", (), fixed=True
    )
    bundle: str = setting(
        "policy bundle in use, a directory or a shipped name, to keep its manifest and hash", "", fixed=True
    )
    command_line: str = setting("how the run was started; empty: the recorder's own command", "", fixed=True)

    @property
    def bag(self) -> Path:
        """The directory of the bag to make.  Raises InvalidSetting when its name is a path."""
        name = self.name or f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
        if Path(name).name != name:
            raise InvalidSetting(f"parameter name: expected the name of a directory, got {name!r}")
        return Path(self.directory).expanduser() / name

    @property
    def storage(self) -> StorageOptions:
        """Only what concerns the file."""
        return StorageOptions(**{field.name: getattr(self, field.name) for field in fields(StorageOptions)})
