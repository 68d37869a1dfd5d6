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
    urdf: str = setting(
        "file of the robot's description to keep in the bag; `robot_description` is recorded in any case",
        "",
        fixed=True,
    )
    command_line: str = setting("how the run was started; empty: the recorder's own command", "", fixed=True)

    autostart: bool = setting("begin a bag at once, instead of waiting for recorder/start", True, fixed=True)
    task: str = setting("what is being done, in words; an episode that names none is about this", "")
    operator: str = setting("who is at the controls; an episode that names nobody is theirs", "")
    snapshot_seconds: float = setting(
        "how much of what came last is kept in memory for recorder/snapshot [s]; 0: nothing",
        0.0,
        minimum=0.0,
        maximum=3600.0,
        fixed=True,
    )
    snapshot_mb: float = setting(
        "memory for it; the oldest messages give way [MB]", 256.0, minimum=0.001, maximum=65536.0, fixed=True
    )
    snapshot_on_mark: bool = setting("a MARK takes a snapshot as well", False, fixed=True)

    def bag(self, name: str, kind: str = "") -> Path:
        """The directory of a bag to make.

        Args:
            name: of the directory; empty: date and time, never one that exists.
            kind: follows date and time.

        Raises InvalidSetting when the name is no name of a directory.
        """
        parent = Path(self.directory).expanduser()
        if not name:
            return _free_name(parent, f"{datetime.now():%Y-%m-%d_%H-%M-%S}{kind}")
        if Path(name).name != name or name == ".." or not name.isprintable():
            raise InvalidSetting(f"parameter name: expected the name of a directory, got {name!r}")
        return parent / name

    @property
    def storage(self) -> StorageOptions:
        """Only what concerns the file."""
        return StorageOptions(**{field.name: getattr(self, field.name) for field in fields(StorageOptions)})


def _free_name(parent: Path, name: str) -> Path:
    """Two bags may begin in the same second."""
    names = (name, *(f"{name}_{number}" for number in range(2, 1000)))
    return next((parent / free for free in names if not (parent / free).exists()), parent / name)
