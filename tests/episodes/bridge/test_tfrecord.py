"""Records, checksums and messages of TensorFlow, without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bridge_samples import real_data

from cairn.episodes.bridge.crc32c import crc32c, masked_crc32c
from cairn.episodes.bridge.tf_example import parse_example, serialise_example
from cairn.episodes.bridge.tfrecord import RecordFile, read_records
from cairn.hardware.errors import CairnError


def bitwise(data: bytes) -> int:
    """The checksum by its definition."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def test_the_checksum_is_that_of_the_standard():
    # RFC 3720, B.4, and the usual check value.
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(b"") == 0


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 1023, 5000])
def test_long_data_has_the_checksum_of_its_bits(size: int):
    data = np.random.default_rng(size).bytes(size)
    assert crc32c(data) == bitwise(data)
    assert crc32c(data[:-1] + bytes([data[-1] ^ 1])) != crc32c(data)


def written(path: Path, records: list[bytes]) -> Path:
    with RecordFile(path) as file:
        for record in records:
            file.add(record)
    return path


def test_records_come_back(tmp_path: Path):
    records = [b"", b"one", bytes(100_000)]
    assert list(read_records(written(tmp_path / "x", records))) == records


def test_an_independent_reader_accepts_the_records(tmp_path: Path):
    stub = pytest.importorskip(
        "tensorboard.compat.tensorflow_stub.pywrap_tensorflow", reason="tensorboard is not installed"
    )
    reader = stub.PyRecordReader_New(str(written(tmp_path / "x", [b"one", bytes(5000)])))
    found = []
    for _ in range(2):
        reader.GetNext()
        found.append(reader.record())
    assert found == [b"one", bytes(5000)]


@pytest.mark.parametrize("kept", [1, 8, 11, 12, 13, 17, 18])
def test_a_cut_file_gives_what_is_whole_and_says_what_is_not(tmp_path: Path, kept: int):
    path = written(tmp_path / "x", [b"whole", b"cut"])
    whole = 16 + len(b"whole")
    path.write_bytes(path.read_bytes()[: whole + kept])
    records = read_records(path)
    assert next(records) == b"whole"
    with pytest.raises(CairnError, match=r"record 1 is cut off: \d+ of 1?\d bytes"):
        next(records)


@pytest.mark.parametrize(
    ("place", "words"), [(0, "its length"), (9, "its length"), (13, "its data"), (18, "its data")]
)
def test_a_flipped_bit_is_noticed(tmp_path: Path, place: int, words: str):
    path = written(tmp_path / "x", [b"whole"])
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)
    with pytest.raises(
        CairnError, match=f"record 0: {words} is damaged: expected CRC-32C [0-9a-f]{{8}}, got"
    ):
        list(read_records(path))


def test_a_length_that_can_not_be_reserves_nothing(tmp_path: Path):
    head = (2**50).to_bytes(8, "little")
    path = tmp_path / "x"
    path.write_bytes(head + masked_crc32c(head).to_bytes(4, "little") + b"rest")
    with pytest.raises(CairnError, match="record 0 has 1125899906842624 bytes"):
        list(read_records(path))


def test_features_come_back_with_their_kinds():
    features = {"a": ("bytes", [b"x", b""]), "b": ("float", [0.5, -1.0]), "c": ("int", [-1, 2**40])}
    found = parse_example(serialise_example({**features, "empty": ("int", [])}))
    assert {name: (kind, list(values)) for name, (kind, values) in found.items()} == features
    assert serialise_example(features) == serialise_example(dict(reversed(features.items())))


def test_what_is_no_example_is_refused():
    with pytest.raises(CairnError, match=r"3 bytes are no tf\.train\.Example"):
        parse_example(b"\xff\xff\xff")


def test_real_records_are_whole():
    (file,) = real_data().glob("*.tfrecord-*")
    records = list(read_records(file))
    assert len(records) == 25
    kind, states = parse_example(records[0])["steps/observation/state"]
    assert (kind, len(states)) == ("float", 70)
