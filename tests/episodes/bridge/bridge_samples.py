"""Demonstrations for the tests: small ones made up, and real ones where they are there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeTrajectory
from cairn.episodes.bridge.open_bridge import bridge_sources
from cairn.episodes.picture import Picture

_SHARED = Path(os.environ.get("CAIRN_TEST_DATA", Path(__file__).parents[4] / "shared/data"))


def real_data() -> Path:
    """25 real demonstrations in RLDS; skips the test where they are not there."""
    path = _SHARED / "bridge_rlds"
    if not path.is_dir():
        pytest.skip(
            f"no real demonstrations: set CAIRN_TEST_DATA to a folder with bridge_rlds, looked for {path}"
        )
    return path


class SampleTrajectory(BridgeTrajectory):
    """Steps in memory."""

    def __init__(self, info: BridgeInfo, steps: Sequence[BridgeStep]) -> None:
        super().__init__(info)
        self._steps = steps

    def steps(self) -> Iterator[BridgeStep]:
        yield from self._steps


def sample(
    name: str = "sample",
    actions: int = 5,
    cameras: tuple[int, ...] = (0, 2),
    language: tuple[str, ...] = ("put the carrot on the plate", "carrot onto plate"),
    split: str = "",
    has_last_observation: bool = True,
) -> SampleTrajectory:
    """All that a demonstration may have."""
    seed = np.random.default_rng(sum(name.encode()))
    steps = [
        BridgeStep(
            {camera: Picture.compressed(jpeg(seed)) for camera in cameras},
            seed.normal(size=7),
            seed.normal(size=7) if t < actions else None,
            stamp=100.0 + 0.2 * t,
            extras={"qpos": seed.normal(size=6), "eef_transform": seed.normal(size=(4, 4))}
            | ({"policy/new_robot_transform": seed.normal(size=(4, 4))} if t < actions else {}),
        )
        for t in range(actions + has_last_observation)
    ]
    embedding = seed.normal(size=512).astype(np.float32)
    info = BridgeInfo(
        name, Path("here"), cameras, language, "put_carrot", split, embedding, 7, "/nfs/somewhere/out.npy"
    )
    return SampleTrajectory(info, steps)


def jpeg(seed: np.random.Generator) -> bytes:
    """Of a smooth picture, 32x24."""
    stream = BytesIO()
    small = Image.fromarray(seed.integers(0, 255, (3, 4, 3), np.uint8))
    small.resize((32, 24), Image.Resampling.BILINEAR).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def opened(path: Path) -> list[BridgeTrajectory]:
    """All demonstrations in a directory, by name."""
    found = [opener() for source in bridge_sources(path) for opener in source()]
    return sorted(found, key=lambda trajectory: trajectory.info.name)


class Calls:
    """Pickles as a call that would leave a mark."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> object:
        return os.system, (f"touch {self._mark}",)
