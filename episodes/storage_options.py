"""How a bag is stored."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import InvalidSetting, check_settings, setting


@dataclass(frozen=True)
class StorageOptions:
    """Limits and periods of a `BagWriter`.  Raises InvalidSetting when a value is out of range."""

    max_queue_mb: float = setting(
        "memory for messages that wait for the disk [MB]; what comes on top is dropped and counted",
        256.0,
        minimum=0.001,
        maximum=65536.0,
        fixed=True,
    )
    chunk_kb: int = setting(
        "uncompressed size at which a chunk is closed [kB]", 1024, minimum=1, maximum=65536, fixed=True
    )
    compression: str = setting(
        "of chunks: zstd is smaller, lz4 faster", "lz4", choices=("zstd", "lz4", "none"), fixed=True
    )
    flush_period: float = setting(
        "longest time that a message stays in memory only, and so the most that a crash costs [s]",
        1.0,
        minimum=0.01,
        maximum=60.0,
        fixed=True,
    )
    min_free_mb: float = setting(
        "recording ends, with a complete bag, when the disk has less than this left [MB]",
        500.0,
        minimum=0.0,
        maximum=1e6,
        fixed=True,
    )

    warn_free_mb: float = setting(
        "the recorder warns when the disk has less than this left [MB]",
        2000.0,
        minimum=0.0,
        maximum=1e6,
        fixed=True,
    )
    split_mb: float = setting(
        "size after which a bag goes on in another file, exceeded by a chunk at most [MB]; 0: never",
        0.0,
        minimum=0.0,
        maximum=1e6,
        fixed=True,
    )
    split_seconds: float = setting(
        "duration after which a bag goes on in another file [s]; 0: never",
        0.0,
        minimum=0.0,
        maximum=86400.0,
        fixed=True,
    )
    split_at_episodes: bool = setting(
        "give each episode, and what lies between two, files of its own", False, fixed=True
    )
    drop_discarded: bool = setting(
        "when the bag is closed, remove files that hold nothing but a discarded episode; "
        "needs split_at_episodes",
        False,
        fixed=True,
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.drop_discarded and not self.split_at_episodes:
            raise InvalidSetting(
                "parameter drop_discarded: expected split_at_episodes to be true as well, since only whole "
                "files can be removed"
            )
