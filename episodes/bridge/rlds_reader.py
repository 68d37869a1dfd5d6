"""Demonstrations in the RLDS edition of Bridge Data, read without TensorFlow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bridge import rlds_layout as keys
from cairn.episodes.bridge.bridge_step import DIMENSIONS, BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeOpener, BridgeTrajectory
from cairn.episodes.bridge.tf_example import Values, parse_example
from cairn.episodes.bridge.tfrecord import read_records
from cairn.episodes.picture import Picture, PictureError
from cairn.hardware.errors import CairnError

_SHARD = re.compile(
    r"(?P<dataset>.+)-(?P<split>[A-Za-z0-9_.]+)\.tfrecord-(?P<shard>\d{5,})-of-(?P<shards>\d{5,})"
)
_CAMERA = re.compile(re.escape(keys.IMAGE) + r"(\d{1,2})")
_BLACK = 8  # JPEG's idea of black may be off by this
_LARGEST_DESCRIPTION = 2**24


def is_shard(path: Path) -> bool:
    """Whether its name is that of a file of a TFDS data set."""
    return _SHARD.fullmatch(path.name) is not None


def rlds_demonstrations(path: Path) -> Iterator[BridgeOpener]:
    """The demonstrations of a TFDS data set's directory, or of one of its files, one record at a time.

    Splits of which no file is there are passed over.  Raises CairnError where a file is missing or damaged,
    or holds more or fewer demonstrations than the data set says.
    """
    splits = _shards(path)
    lengths = _shard_lengths(path) if path.is_dir() else {}
    for split, files in splits.items():
        index = 0
        for shard, file in enumerate(files):
            expected = lengths.get(split, {}).get(shard)
            records = 0
            for record in read_records(file):
                yield partial(_opened, record, f"{split}-{index:06d}", file, split)
                index, records = index + 1, records + 1
            if expected not in (None, records):
                raise CairnError(f"{file}: expected {expected} demonstrations, got {records}")


def _opened(record: bytes, name: str, file: Path, split: str) -> BridgeTrajectory:
    try:
        features = parse_example(record)
    except CairnError as error:
        raise CairnError(f"{file}, {name}: {error}") from error
    return RldsTrajectory(features, name, file, split)


class RldsTrajectory(BridgeTrajectory):
    """One record.

    A camera that is black in all steps and not said to be there is a place filler.  Raises CairnError when
    the record lacks something, or its lists differ in length or kind.
    """

    def __init__(
        self, features: Mapping[str, tuple[str, Values]], name: str, source: Path, split: str
    ) -> None:
        self._place = f"{source}, {name}"
        self._features = features
        self._state = self._rows(keys.STATE)
        self._action = self._rows(keys.ACTION)
        if len(self._action) != len(self._state):
            raise CairnError(
                f"{self._place}: expected as many actions as states, "
                f"got {len(self._action)} and {len(self._state)}"
            )
        self._images = self._cameras()
        said = self._text(keys.LANGUAGE)
        number = self._values(keys.EPISODE_ID, "int")
        super().__init__(
            BridgeInfo(
                name=name,
                source=source,
                cameras=tuple(sorted(self._images)),
                language=(said,) if said else (),
                split=split,
                embedding=self._embedding(),
                episode_id=number[0] if number else None,
                provenance=self._text(keys.FILE_PATH),
            )
        )

    def steps(self) -> Iterator[BridgeStep]:
        self.left_out.clear()
        self.left_out.update(key for key in self._features if not _is_known(key))
        rewards = self._column(keys.REWARD, "float", 0.0)
        discounts = self._column(keys.DISCOUNT, "float", 1.0)
        terminals = self._column(keys.IS_TERMINAL, "int", 0)
        for t, (state, action) in enumerate(zip(self._state, self._action, strict=True)):
            try:
                yield BridgeStep(
                    {camera: Picture.compressed(images[t]) for camera, images in self._images.items()},
                    state,
                    action,
                    reward=rewards[t],
                    discount=discounts[t],
                    is_terminal=bool(terminals[t]),
                )
            except CairnError as error:
                raise CairnError(f"{self._place}, step {t}: {error}") from error

    def _values(self, key: str, kind: str) -> Sequence[Any]:
        """Empty where there are none."""
        found, values = self._features.get(key, (kind, ()))
        if found != kind:
            raise CairnError(f"{self._place}: expected {kind} in {key}, got {found}")
        return values

    def _column(self, key: str, kind: str, default: Any) -> Sequence[Any]:
        """One value a step."""
        values = self._values(key, kind) or [default] * len(self._state)
        if len(values) != len(self._state):
            raise CairnError(f"{self._place}: expected {len(self._state)} values of {key}, got {len(values)}")
        return values

    def _rows(self, key: str) -> NDArray[np.float64]:
        numbers = np.array(self._values(key, "float"), np.float64)
        if not numbers.size:
            there = ", ".join(sorted(self._features))
            raise CairnError(f"{self._place}: there is no {key}; there are {there:.400}")
        if numbers.size % DIMENSIONS:
            raise CairnError(
                f"{self._place}: expected {DIMENSIONS} numbers a step in {key}, got {numbers.size} in all"
            )
        return numbers.reshape(-1, DIMENSIONS)

    def _cameras(self) -> dict[int, Sequence[bytes]]:
        found = {}
        for key in self._features:
            if (match := _CAMERA.fullmatch(key)) is None:
                continue
            images = self._column(key, "bytes", b"")
            said = self._values(f"{keys.HAS_IMAGE}{match[1]}", "int")
            if (said and said[0]) or not _is_filler(images):
                found[int(match[1])] = images
        return found

    def _text(self, key: str) -> str:
        values = self._values(key, "bytes")
        return bytes(values[0]).decode("utf-8", "replace").strip() if values else ""

    def _embedding(self) -> NDArray[np.float32] | None:
        """That of the first step; None where there is none or only zeros."""
        numbers = np.array(self._values(keys.EMBEDDING, "float"), np.float32)
        if numbers.size not in (0, len(self._state) * keys.EMBEDDING_SIZE):
            raise CairnError(
                f"{self._place}: expected {keys.EMBEDDING_SIZE} numbers a step in {keys.EMBEDDING}, "
                f"got {numbers.size} in all"
            )
        first = numbers[: keys.EMBEDDING_SIZE]
        first.setflags(write=False)
        return first if first.any() else None


def _is_known(key: str) -> bool:
    return key.startswith((keys.IMAGE, keys.HAS_IMAGE)) or key in (
        *(keys.STATE, keys.ACTION, keys.LANGUAGE, keys.EMBEDDING, keys.REWARD, keys.DISCOUNT),
        *(keys.IS_FIRST, keys.IS_LAST, keys.IS_TERMINAL, keys.EPISODE_ID, keys.FILE_PATH, keys.HAS_LANGUAGE),
    )


def _is_filler(images: Sequence[bytes]) -> bool:
    """Whether all are one black image."""
    if any(image != images[0] for image in images):
        return False
    try:
        return bool(Picture.compressed(images[0]).pixels().max() < _BLACK)
    except PictureError:
        return False


def _shards(path: Path) -> dict[str, list[Path]]:
    """The files of each split, in order.  Raises CairnError where one is missing."""
    if not path.is_dir():
        match = _SHARD.fullmatch(path.name)
        if match is None:
            raise CairnError(f"expected NAME-SPLIT.tfrecord-00000-of-00001, got {path}")
        return {match["split"]: [path]}
    found: dict[str, dict[int, Path]] = {}
    totals: dict[str, int] = {}
    for file in sorted(path.iterdir()):
        if match := _SHARD.fullmatch(file.name):
            found.setdefault(match["split"], {})[int(match["shard"])] = file
            totals[match["split"]] = max(totals.get(match["split"], 0), int(match["shards"]))
    for split, files in found.items():
        if missing := sorted(set(range(totals[split])) - files.keys()):
            raise CairnError(f"{path}: of {totals[split]} files of {split}, number {missing[0]} is missing")
    return {split: [files[shard] for shard in sorted(files)] for split, files in found.items()}


def _shard_lengths(path: Path) -> dict[str, dict[int, int]]:
    """How many records each file holds by split, as the data set says; empty where it says nothing."""
    file = path / keys.INFO_FILE
    if not file.is_file():
        return {}
    try:
        if file.stat().st_size > _LARGEST_DESCRIPTION:
            raise ValueError("too large")
        splits = json.loads(file.read_text(encoding="utf-8"))["splits"]
        return {
            split["name"]: {shard: int(length) for shard, length in enumerate(split["shardLengths"])}
            for split in splits
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CairnError(f"{file} is no description of a TFDS data set: {error}") from error
