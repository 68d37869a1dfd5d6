"""The checksum of TFRecord files: CRC-32C (RFC 3720, section 12.1) and TensorFlow's mask over it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_LANE = 256  # bytes; many lanes are walked at once
_MASK_DELTA = 0xA282EAD8


def crc32c(data: bytes) -> int:
    """The checksum, unmasked."""
    lanes = len(data) // _LANE
    remainder = 0xFFFFFFFF
    if lanes:
        block = np.frombuffer(data, np.uint8, lanes * _LANE).reshape(lanes, _LANE)
        starts = np.zeros(lanes, np.uint32)
        starts[0] = remainder
        # A remainder is linear in start and data: each lane's own, moved past the lanes that follow.
        first, *others = _advanced(starts, block).tolist()
        remainder = first
        low, second, third, high = _past_a_lane()
        for lane in others:
            remainder = (
                low[remainder & 255]
                ^ second[remainder >> 8 & 255]
                ^ third[remainder >> 16 & 255]
                ^ high[remainder >> 24]
                ^ lane
            )
    table = _table_list()
    for byte in data[lanes * _LANE :]:
        remainder = table[(remainder ^ byte) & 255] ^ remainder >> 8
    return remainder ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """As TFRecord files hold it: a checksum of data that holds checksums would be weak."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def _advanced(remainders: NDArray[np.uint32], block: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Remainders, shape (n,), after the bytes of `block`, shape (n, lane)."""
    table = _table()
    for column in np.ascontiguousarray(block.T):
        remainders = table[(remainders ^ column) & np.uint32(255)] ^ (remainders >> np.uint32(8))
    return remainders


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


@lru_cache(maxsize=1)
def _table_list() -> list[int]:
    values: list[int] = _table().tolist()
    return values


@lru_cache(maxsize=1)
def _past_a_lane() -> list[list[int]]:
    """What each of the four bytes of a remainder becomes after a lane of zeros."""
    bytes_ = np.arange(256, dtype=np.uint32)
    zeros = np.zeros((256, _LANE), np.uint8)
    return [_advanced(bytes_ << np.uint32(8 * place), zeros).tolist() for place in range(4)]
