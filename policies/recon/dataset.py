"""Recorded frames in memory and the groups of views that a training step compares."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.recon.collect import BEAMS, FIELDS, LIDAR_LIMIT, RATE, beam_bearings
from cairn.policies.recon.odometry_labels import label_drive
from cairn.policies.recon.pair_labels import PairLabels, label_pairs


@dataclass(frozen=True)
class WorldFrames:
    """All frames of one world, or of one recorded drive.

    Attributes:
        image: uint8 (N, H, W, 3), the policy's view.
        pose: float32 (N, 3), x, y [m], yaw [rad] in the world; of a recorded drive, by odometry.
        twist: float32 (N, 2), commanded over the next step [m/s, rad/s].
        lidar: float16 (N, L) [m], of one plane: what blocks the view; NaN where a recording had no lidar.
        clearance: float16 (N, L) [m], the nearest of several planes: what blocks the way; NaN as above.
        session: int16 (N,).
        step: int16 (N,), control step within the session, -1 for a single view.
        collided: bool (N,).
        odometry: whether poses drift, so that they say little about frames far apart on the drive.

    Raises CairnError for arrays of other types or sizes, and when nothing in it was driven.
    """

    image: NDArray[np.uint8]
    pose: NDArray[np.float32]
    twist: NDArray[np.float32]
    lidar: NDArray[np.float16]
    clearance: NDArray[np.float16]
    session: NDArray[np.int16]
    step: NDArray[np.int16]
    collided: NDArray[np.bool_]
    odometry: bool = False

    def __post_init__(self) -> None:
        count = len(self.image)
        for name, (dtype, shape) in COLUMNS.items():
            array: NDArray[np.generic] = getattr(self, name)
            fits = len(array.shape) == len(shape) + 1 and all(
                want in (got, -1) for want, got in zip(shape, array.shape[1:], strict=True)
            )
            if array.dtype != dtype or not fits or len(array) != count:
                raise CairnError(
                    f"{name} must be {dtype} of shape {(count, *shape)}, -1 for any size, got {array.dtype} "
                    f"of {array.shape}"
                )
        if not (self.step >= 0).any():
            raise CairnError(f"none of {count} frames was driven: every step is -1")

    @classmethod
    def load(cls, path: Path) -> WorldFrames:
        """Read one file of `cairn train recon`'s collection.  Raises CairnError when it is not one."""
        try:
            with path.open("rb") as stream, np.lib.npyio.NpzFile(stream, allow_pickle=False) as file:
                missing = [name for name in FIELDS if name not in file.files]
                if missing:
                    raise CairnError(f"it lacks the arrays {missing}, expected {list(FIELDS)}")
                return cls(**{name: file[name] for name in FIELDS})
        except (CairnError, OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise CairnError(f"{path} is not a file of collected frames: {error}") from error

    @classmethod
    def open(cls, folder: Path) -> WorldFrames:
        """Map the arrays of a converted recording.  Raises CairnError when they are damaged."""
        try:
            arrays = {
                name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode=_MODES.get(name)))
                for name in FIELDS
            }
            return cls(**arrays, odometry=True)
        except (CairnError, OSError, ValueError, EOFError) as error:
            raise CairnError(f"{folder} is not a folder of converted frames: {error}") from error

    @cached_property
    def path(self) -> NDArray[np.float64]:
        """Metres driven up to each frame, shape (N,)."""
        moved = np.diff(self.pose[:, :2].astype(np.float64), axis=0)
        return np.concatenate([[0.0], np.cumsum(np.hypot(moved[:, 0], moved[:, 1]))])


_MODES: dict[str, Literal["r"]] = {"image": "r", "lidar": "r", "clearance": "r"}
"""Arrays that stay on disk."""

COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "image": ("uint8", (-1, -1, 3)),
    "pose": ("float32", (3,)),
    "twist": ("float32", (2,)),
    "lidar": ("float16", (BEAMS,)),
    "clearance": ("float16", (BEAMS,)),
    "session": ("int16", ()),
    "step": ("int16", ()),
    "collided": ("bool", ()),
}


@dataclass(frozen=True)
class Batch:
    """G groups of M views, or some of them; views of one group come from one world or drive.

    Attributes:
        worlds: int64 (of all groups,): which place; views of two groups of one place may show the same.
        share: which of all groups are the G that are here.
        images: uint8 (G*M, H, W, 3).
        ranges: float32 (G*M, S): free distance [m] by sector of the field of view, left to right; NaN where
            unknown.
        labels: PairLabels with arrays (G, M, M).
        hindsight: int64 (P, 2): indices (now, later), into the views of all groups, of one session, at most
            `max_steps` apart.
        hindsight_steps, hindsight_twist, hindsight_waypoints: their labels, (P,), (P, 2), (P, W, 2).
    """

    worlds: NDArray[np.int64]
    share: range
    images: NDArray[np.uint8]
    ranges: NDArray[np.float32]
    labels: PairLabels
    hindsight: NDArray[np.int64]
    hindsight_steps: NDArray[np.float32]
    hindsight_twist: NDArray[np.float32]
    hindsight_waypoints: NDArray[np.float32]


class GroupSampler:
    """Draws batches; each group holds pieces of a drive and other views of the same neighbourhood.

    Args:
        places: of each world, a number; worlds of one number may show the same place.  Each world is a place
            of its own if absent.
        chances: of each world, that a group comes from it, summing to 1; equal if absent.
        share: which of a number of groups to read, as `Ranks.share`; the same are drawn whatever it is.
    """

    def __init__(
        self,
        worlds: Sequence[WorldFrames],
        seed: int,
        *,
        horizontal_fov: float,
        sectors: int,
        waypoints: int,
        groups: int = 8,
        views: int = 16,
        max_steps: int = 20,
        places: Sequence[int] | None = None,
        chances: Sequence[float] | None = None,
        share: Callable[[int], range] = range,
    ) -> None:
        if not worlds:
            raise CairnError("nothing to train on: no world was given")
        if groups < 2 or views < 4:
            raise CairnError(f"a batch needs at least 2 groups of 4 views, got {groups} of {views}")
        for name, given in (("places", places), ("chances", chances)):
            if given is not None and len(given) != len(worlds):
                raise CairnError(f"expected {name} of {len(worlds)} worlds, got {len(given)}")
        self._worlds = worlds
        self._places = range(len(worlds)) if places is None else places
        self._chances = chances
        self._random = np.random.default_rng(seed)
        self._fov, self._sectors, self._waypoints = horizontal_fov, sectors, waypoints
        self._groups, self._views, self._max_steps = groups, views, max_steps
        self._share = share(groups)
        self._bearings = beam_bearings()

    @property
    def state(self) -> str:
        """What decides the batches to come, as text: a sampler of the same worlds goes on from it."""
        return json.dumps(self._random.bit_generator.state)

    @state.setter
    def state(self, text: str) -> None:
        self._random.bit_generator.state = json.loads(text)

    def __call__(self) -> Batch:
        numbers, drawn = zip(*(self._group() for _ in range(self._groups)), strict=True)
        picks = [drawn[group] for group in self._share]
        images = np.concatenate([world.image[index] for world, index in picks])
        labels = [self._label(world, index) for world, index in picks]
        clearances = [world.clearance[index].astype(np.float32) for world, index in picks]
        ranges = np.concatenate(
            [sector_ranges(scan, self._bearings, self._fov, self._sectors) for scan in clearances]
        )
        pairs, steps, twists, waypoints = [], [], [], []
        for group, (world, index) in zip(self._share, picks, strict=True):
            for i, j, gap in self._hindsight(world, index):
                pairs.append((group * self._views + i, group * self._views + j))
                steps.append(gap)
                twists.append(world.twist[index[i]])
                waypoints.append(self._future(world, int(index[i]), gap))
        return Batch(
            np.array(numbers, np.int64),
            self._share,
            images,
            ranges,
            PairLabels(*(np.stack(arrays) for arrays in zip(*labels, strict=True))),
            np.array(pairs, np.int64).reshape(-1, 2),
            np.array(steps, np.float32),
            np.array(twists, np.float32).reshape(-1, 2),
            np.array(waypoints, np.float32).reshape(-1, self._waypoints, 2),
        )

    def _label(self, world: WorldFrames, index: NDArray[np.int64]) -> PairLabels:
        pose, scan = world.pose[index], world.lidar[index].astype(np.float32)
        if not world.odometry:
            return label_pairs(pose, scan, self._bearings, LIDAR_LIMIT, self._fov, RATE)
        path, session = world.path[index], world.session[index]
        return label_drive(pose, path, session, scan, self._bearings, LIDAR_LIMIT, self._fov, RATE)

    def _group(self) -> tuple[int, tuple[WorldFrames, NDArray[np.int64]]]:
        """The number of a place, and a world there with M of its frames."""
        random = self._random
        number = int(random.choice(len(self._worlds), p=self._chances))
        world = self._worlds[number]
        driven = np.nonzero(world.step >= 0)[0]
        centre = int(driven[random.integers(len(driven))])
        chosen: list[int] = [centre]
        # Half of the group: the same drive, at gaps from one step to twice the hindsight horizon.
        gaps = np.unique(np.round(random.exponential(7.0, self._views // 2) + 1).astype(int))
        for gap in gaps[: self._views // 2 - 1]:
            other = centre + int(gap)
            if (
                other < len(world.step)
                and world.session[other] == world.session[centre]
                and world.step[other] >= 0
            ):
                chosen.append(other)
        # The other half: whatever was seen nearby, by any session, and a few views from far away.
        distance = np.hypot(*(world.pose[:, :2] - world.pose[centre, :2]).T)
        far = np.nonzero(distance > 12.0)[0]
        if len(far):
            chosen.extend(random.choice(far, min(3, len(far)), replace=False))
        near = np.nonzero(distance < random.choice((3.0, 8.0, 14.0)))[0]
        need = max(0, self._views - len(chosen))
        chosen.extend(random.choice(near, need, replace=len(near) < need))
        return self._places[number], (world, np.array(chosen[: self._views], np.int64))

    def _hindsight(self, world: WorldFrames, index: NDArray[np.int64]) -> list[tuple[int, int, int]]:
        """Pairs (i, j, steps) within the group where j was reached from i without a collision between."""
        pairs = []
        for i, a in enumerate(index):
            for j, b in enumerate(index):
                gap = int(world.step[b]) - int(world.step[a])
                same = world.session[a] == world.session[b] and world.step[a] >= 0 and world.step[b] >= 0
                if same and 0 < gap <= self._max_steps and not world.collided[a : b + 1].any():
                    pairs.append((i, j, gap))
        return pairs

    def _future(self, world: WorldFrames, start: int, gap: int) -> NDArray[np.float32]:
        """Positions over the next steps in the frame of `start`, shape (W, 2), held from the goal on."""
        offsets = np.minimum(np.arange(1, self._waypoints + 1), gap)
        x, y, yaw = world.pose[start]
        delta = world.pose[start + offsets, :2] - (x, y)
        c, s = np.cos(yaw), np.sin(yaw)
        return np.stack([c * delta[:, 0] + s * delta[:, 1], -s * delta[:, 0] + c * delta[:, 1]], -1)


def sector_ranges(
    lidar: NDArray[np.float32], bearings: NDArray[np.float64], horizontal_fov: float, sectors: int
) -> NDArray[np.float32]:
    """Nearest return [m] in each sector of the field of view, (N, sectors), left (positive bearing) first."""
    half = np.radians(horizontal_fov) / 2
    edges = np.linspace(half, -half, sectors + 1)
    width = bearings[1] - bearings[0]
    result = np.empty((len(lidar), sectors), np.float32)
    for sector in range(sectors):
        inside = (bearings <= edges[sector] + width / 2) & (bearings >= edges[sector + 1] - width / 2)
        result[:, sector] = lidar[:, inside].min(1)
    return result
