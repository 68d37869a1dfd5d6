"""The RLDS edition of Bridge Data, written without TensorFlow."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from cairn.episodes.bridge import rlds_layout as keys
from cairn.episodes.bridge.bridge_split import split_of
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter, jpeg_of
from cairn.episodes.bridge.tf_example import Values, serialise_example
from cairn.episodes.bridge.tfrecord import RecordFile
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError

_SHARD_SIZE = 256 * 2**20
Features = dict[str, tuple[str, Values]]


class RldsWriter(BridgeWriter):
    """Writes a data set that `tfds.builder_from_directory` opens.

    Cameras that a demonstration lacks are black there, as in the published data.  Numbers become float32;
    stamps, other arrays and an observation without an action have no place.

    Args:
        directory: exists, empty.
        quality: of images that were not stored as JPEG, 1 to 100.
        val_share: of demonstrations whose source knows no split.
    """

    def __init__(self, directory: Path, quality: int = 95, val_share: float = 0.1) -> None:
        super().__init__()
        self._directory = directory
        self._quality = quality
        self._val_share = val_share
        self._open: dict[str, RecordFile] = {}
        self._lengths: dict[str, list[int]] = {}
        self._bytes: dict[str, int] = {}
        self._sizes: set[tuple[int, int]] = set()
        self._has_embedding: bool | None = None
        self._written = 0

    def write(self, trajectory: BridgeTrajectory) -> int:
        info = trajectory.info
        observed = list(trajectory.steps())
        steps = [step for step in observed if step.action is not None]
        if not steps:
            raise CairnError(f"{info.source}, {info.name} has no step with an action")
        if self._has_embedding is None:
            self._has_embedding = info.embedding is not None
        features, sizes = self._features(info, steps)
        split = split_of(info, self._val_share)
        data = serialise_example(features)
        self._record_file(split, len(data)).add(data)
        self._lengths[split][-1] += 1
        self._bytes[split] += len(data)
        self._sizes |= sizes
        self._written += 1
        self.left_out["observation after the last action"] += len(observed) - len(steps)
        self._count_left_out(trajectory, steps)
        return len(steps)

    def close(self) -> None:
        self.abandon()
        for split, lengths in self._lengths.items():
            for shard in range(len(lengths)):
                name = keys.shard_name(split, shard, len(lengths))
                self._unfinished(split, shard).rename(self._directory / name)
        splits = {split: (lengths, self._bytes[split]) for split, lengths in sorted(self._lengths.items())}
        size = next(iter(self._sizes)) if len(self._sizes) == 1 else None
        for name, content in (
            (keys.INFO_FILE, keys.describe_dataset(splits, "Demonstrations in the format of Bridge Data.")),
            (keys.FEATURES_FILE, keys.describe_features(size, bool(self._has_embedding))),
        ):
            text = json.dumps(content, indent=2) + "\n"
            (self._directory / name).write_text(text, encoding="utf-8")

    def abandon(self) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _features(self, info: BridgeInfo, steps: list[BridgeStep]) -> tuple[Features, set[tuple[int, int]]]:
        """And the sizes of the images."""
        count = len(steps)
        images, sizes = self._images(info, steps)
        said = info.language[0] if info.language else ""
        number = self._written if info.episode_id is None else info.episode_id
        features: Features = {
            keys.STATE: ("float", np.concatenate([step.state for step in steps]).tolist()),
            keys.ACTION: ("float", np.concatenate([step.action for step in steps]).tolist()),
            keys.LANGUAGE: ("bytes", [said.encode()] * count),
            keys.REWARD: ("float", [step.reward for step in steps]),
            keys.DISCOUNT: ("float", [step.discount for step in steps]),
            keys.IS_FIRST: ("int", [1] + [0] * (count - 1)),
            keys.IS_LAST: ("int", [0] * (count - 1) + [1]),
            keys.IS_TERMINAL: ("int", [int(step.is_terminal) for step in steps]),
            keys.EPISODE_ID: ("int", [number]),
            keys.FILE_PATH: ("bytes", [(info.provenance or str(info.source)).encode()]),
            keys.HAS_LANGUAGE: ("int", [int(bool(said))]),
        }
        for camera in range(keys.CAMERAS):
            features[f"{keys.IMAGE}{camera}"] = ("bytes", images[camera])
            features[f"{keys.HAS_IMAGE}{camera}"] = ("int", [int(camera in info.cameras)])
        if self._has_embedding:
            embedding = np.zeros(keys.EMBEDDING_SIZE) if info.embedding is None else info.embedding
            features[keys.EMBEDDING] = ("float", embedding.tolist() * count)
        return features, sizes

    def _images(
        self, info: BridgeInfo, steps: list[BridgeStep]
    ) -> tuple[dict[int, list[bytes]], set[tuple[int, int]]]:
        if unheld := [camera for camera in info.cameras if camera >= keys.CAMERAS]:
            raise CairnError(
                f"{info.source}, {info.name} has camera {unheld[0]}; "
                f"cameras 0 to {keys.CAMERAS - 1} can be held"
            )
        images = {
            camera: [jpeg_of(step.pictures[camera], self._quality) for step in steps]
            for camera in info.cameras
        }
        sizes = {Picture.compressed(pictures[0]).size for pictures in images.values()}
        black = _black(min(sizes, default=(64, 64)))
        return {camera: images.get(camera, [black] * len(steps)) for camera in range(keys.CAMERAS)}, sizes

    def _record_file(self, split: str, size: int) -> RecordFile:
        """The file under way, or a new one when it is large enough."""
        lengths = self._lengths.setdefault(split, [])
        total = self._bytes.setdefault(split, 0)
        if lengths and total // _SHARD_SIZE == (total + size) // _SHARD_SIZE:
            return self._open[split]
        if split in self._open:
            self._open.pop(split).close()
        self._open[split] = RecordFile(self._unfinished(split, len(lengths)))
        lengths.append(0)
        return self._open[split]

    def _unfinished(self, split: str, shard: int) -> Path:
        return self._directory / f".{split}-{shard:05d}.tfrecord"

    def _count_left_out(self, trajectory: BridgeTrajectory, steps: list[BridgeStep]) -> None:
        info = trajectory.info
        self.left_out.update(trajectory.left_out)
        self.left_out.update(steps[0].extras.keys())
        for name, is_there in (
            ("stamps", steps[0].stamp is not None),
            ("further descriptions of the task", len(info.language) > 1),
            ("language embedding", info.embedding is not None and not self._has_embedding),
        ):
            self.left_out[name] += is_there
        self.left_out = +self.left_out


def _black(size: tuple[int, int]) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size).save(stream, "JPEG")
    return stream.getvalue()
