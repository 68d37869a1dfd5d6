"""How the RLDS edition of Bridge Data names and describes its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATE = "steps/observation/state"
ACTION = "steps/action"
IMAGE = "steps/observation/image_"
LANGUAGE = "steps/language_instruction"
EMBEDDING = "steps/language_embedding"
EMBEDDING_SIZE = 512
REWARD = "steps/reward"
DISCOUNT = "steps/discount"
IS_FIRST = "steps/is_first"
IS_LAST = "steps/is_last"
IS_TERMINAL = "steps/is_terminal"
EPISODE_ID = "episode_metadata/episode_id"
FILE_PATH = "episode_metadata/file_path"
HAS_LANGUAGE = "episode_metadata/has_language"
HAS_IMAGE = "episode_metadata/has_image_"

DATASET = "bridge_dataset"
VERSION = "1.0.0"
CAMERAS = 4
INFO_FILE = "dataset_info.json"
FEATURES_FILE = "features.json"

_FEATURES = "tensorflow_datasets.core.features"


def shard_name(split: str, shard: int, shards: int) -> str:
    """Of a file, as TFDS finds it."""
    return f"{DATASET}-{split}.tfrecord-{shard:05d}-of-{shards:05d}"


def describe_dataset(splits: Mapping[str, tuple[list[int], int]], description: str) -> dict[str, Any]:
    """Content of dataset_info.json: records of each shard, and bytes, by split."""
    return {
        "citation": "Ebert et al. 2021, arXiv:2109.13396; Walke et al. 2023, arXiv:2308.12952",
        "description": description,
        "fileFormat": "tfrecord",
        "moduleName": f"{DATASET}.{DATASET}_dataset_builder",
        "name": DATASET,
        "releaseNotes": {VERSION: "Initial release."},
        "splits": [
            {
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
                "name": name,
                "numBytes": str(size),
                "shardLengths": [str(length) for length in lengths],
            }
            for name, (lengths, size) in splits.items()
        ],
        "version": VERSION,
    }


def describe_features(size: tuple[int, int] | None, has_embedding: bool) -> dict[str, Any]:
    """Content of features.json; width and height are None where images differ in size."""
    observation = {f"image_{camera}": _image(size, camera) for camera in range(CAMERAS)}
    observation["state"] = _tensor(
        (7,), "float32", "x, y, z [m], roll, pitch, yaw [rad] of the end effector in base_link, gripper"
    )
    step = {
        "observation": _dict(observation),
        "action": _tensor(
            (7,),
            "float32",
            "change of x, y, z [m] and of roll, pitch, yaw [rad], absolute gripper (1 open, 0 closed)",
        ),
        "language_instruction": _text("what is to be done"),
        "reward": _scalar("float32", "1 on the last step of a demonstration that succeeded, where known"),
        "discount": _scalar("float32", "1 where nothing else was recorded"),
        "is_first": _scalar("bool", "first step of the episode"),
        "is_last": _scalar("bool", "last step of the episode"),
        "is_terminal": _scalar("bool", "last step of an episode that ended by itself"),
    }
    if has_embedding:
        step["language_embedding"] = _tensor(
            (EMBEDDING_SIZE,), "float32", "of the language; zeros where there is none"
        )
    metadata = {
        "episode_id": _scalar("int32", "number in this data set, or that of its source"),
        "file_path": _text("where it comes from"),
        "has_language": _scalar("bool", "whether the language is known"),
        **{
            f"has_image_{camera}": _scalar("bool", f"whether image_{camera} is more than black")
            for camera in range(CAMERAS)
        },
    }
    return _dict(
        {
            "steps": {
                "pythonClassName": f"{_FEATURES}.dataset_feature.Dataset",
                "sequence": {"feature": _dict(step), "length": "-1"},
            },
            "episode_metadata": _dict(metadata),
        }
    )


def _dict(features: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pythonClassName": f"{_FEATURES}.features_dict.FeaturesDict",
        "featuresDict": {"features": dict(features)},
    }


def _tensor(shape: tuple[int, ...], kind: str, description: str) -> dict[str, Any]:
    dimensions = {"dimensions": [str(size) for size in shape]} if shape else {}
    return {
        "pythonClassName": f"{_FEATURES}.tensor_feature.Tensor",
        "tensor": {"shape": dimensions, "dtype": kind, "encoding": "none"},
        "description": description,
    }


def _scalar(kind: str, description: str) -> dict[str, Any]:
    return {**_tensor((), kind, description), "pythonClassName": f"{_FEATURES}.scalar.Scalar"}


def _text(description: str) -> dict[str, Any]:
    return {
        "pythonClassName": f"{_FEATURES}.text_feature.Text",
        "text": {},
        "description": description,
    }


def _image(size: tuple[int, int] | None, camera: int) -> dict[str, Any]:
    width, height = ("-1", "-1") if size is None else map(str, size)
    return {
        "pythonClassName": f"{_FEATURES}.image_feature.Image",
        "image": {
            "shape": {"dimensions": [height, width, "3"]},
            "dtype": "uint8",
            "encodingFormat": "jpeg",
        },
        "description": f"camera {camera}",
    }
