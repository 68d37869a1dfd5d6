"""Where a recording comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cairn.episodes.bag_error import BagError

_MEDIA_TYPES = {
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


@dataclass(frozen=True)
class Attachment:
    """A file kept inside a bag, such as a calibration or the parameters of a node."""

    name: str
    data: bytes

    @property
    def media_type(self) -> str:
        """By the ending of its name."""
        return _MEDIA_TYPES.get(Path(self.name).suffix.lower(), "application/octet-stream")

    @classmethod
    def read(cls, path: Path) -> Attachment:
        """Attach a file under its own name.  Raises BagError when it can't be read."""
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            raise BagError(f"{path} can't be attached to the bag: {error.strerror}") from error


@dataclass(frozen=True)
class Provenance:
    """What is written into a bag before its first message.

    Attributes:
        clock_source: what the log times are, "system" or "simulation".
        command_line: how the run was started.
        git_revision: of the software, with "-dirty" after it when the files differed; empty when unknown.
        bundle_sha256: of the policy bundle's manifest; empty when none is in use.
        ros_distro: empty when unknown.
        attachments: parameters, calibration and the like.
        further: any other key-value pairs.
    """

    clock_source: str
    command_line: str
    git_revision: str = ""
    bundle_sha256: str = ""
    ros_distro: str = ""
    attachments: tuple[Attachment, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)

    def as_entries(self) -> dict[str, str]:
        """Key-value pairs for a bag's metadata."""
        return {
            "cairn.clock_source": self.clock_source,
            "cairn.command_line": self.command_line,
            "cairn.git_revision": self.git_revision,
            "cairn.bundle_sha256": self.bundle_sha256,
            **self.further,
        }
