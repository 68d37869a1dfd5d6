"""Which demonstrations are kept apart for validation."""

from __future__ import annotations

from hashlib import blake2b

from cairn.episodes.bridge.bridge_trajectory import BridgeInfo

SPLITS = ("train", "val")


def split_of(info: BridgeInfo, val_share: float) -> str:
    """That of the source; where it knows none, what its name decides, the same in every run."""
    if info.split in SPLITS:
        return info.split
    digest = blake2b(f"{info.source.name}/{info.name}".encode(), digest_size=8).digest()
    return SPLITS[int.from_bytes(digest, "big") < val_share * 2**64]
