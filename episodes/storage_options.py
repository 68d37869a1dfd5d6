"""How a bag is stored."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting


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

    def __post_init__(self) -> None:
        check_settings(self)
