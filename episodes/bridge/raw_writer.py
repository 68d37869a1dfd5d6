"""The raw directories of Bridge Data."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import RATE, BridgeInfo, BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter, jpeg_of, unheld_scalars, with_last_observation
from cairn.episodes.bridge.raw_reader import (
    ACTIONS,
    AGENT,
    DATE_FORMAT,
    LANGUAGE,
    OBSERVATIONS,
    POLICY,
    STAMPS,
    STATE,
)
from cairn.episodes.formats.array_pickle import dump
from cairn.hardware.errors import CairnError

_UNKNOWN_TASK = "task"


class RawWriter(BridgeWriter):
    """Writes `<task>/00/<date>/raw/traj_group0/traj<j>/`, dated when it was written.

    Where a source has no observation after its last action, the last step's becomes that, for the format
    has one observation more than actions.  Rewards, discounts and embeddings have no place.

    Where a source has no stamps they are those of the nominal rate: the publishers' tools need some.

    Args:
        directory: exists, empty.
        quality: of images that were not stored as JPEG, 1 to 100.
    """

    def __init__(self, directory: Path, quality: int = 95) -> None:
        super().__init__()
        self._directory = directory
        self._quality = quality
        self._date = datetime.now().strftime(DATE_FORMAT)
        self._written: Counter[str] = Counter()

    def write(self, trajectory: BridgeTrajectory) -> int:
        info = trajectory.info
        task = _task(info)
        dated = self._directory / task / "00" / self._date
        folder = dated / "raw" / "traj_group0" / f"traj{self._written[task]}"
        try:
            folder.mkdir(parents=True)
            actions = self._write(trajectory, folder)
        except CairnError:
            self._remove(folder)
            raise
        self._written[task] += 1
        text = json.dumps({"task": task, "provenance": info.provenance}) + "\n"
        (dated / "collection_metadata.json").write_text(text, encoding="utf-8")
        return actions

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass

    def _remove(self, folder: Path) -> None:
        """With what would be left empty above it."""
        shutil.rmtree(folder)
        for parent in folder.parents:
            if parent == self._directory or any(parent.iterdir()):
                return
            parent.rmdir()

    def _write(self, trajectory: BridgeTrajectory, folder: Path) -> int:
        info = trajectory.info
        for camera in info.cameras:
            (folder / f"images{camera}").mkdir()
        steps, unheld = [], set()
        for t, step in enumerate(trajectory.steps()):
            unheld |= unheld_scalars([step])
            for camera in info.cameras:
                image = jpeg_of(step.pictures[camera], self._quality)
                (folder / f"images{camera}" / f"im_{t}.jpg").write_bytes(image)
            steps.append(_without_pictures(step))
        steps = with_last_observation(steps, trajectory, self.left_out)
        dump(_observations(steps), folder / OBSERVATIONS)
        dump([_policy(step) for step in steps[:-1]], folder / ACTIONS)
        dump({}, folder / AGENT)
        if info.language:
            text = "".join(f"{line}\n" for line in info.language)
            (folder / LANGUAGE).write_text(text, encoding="utf-8")
        self.left_out.update(trajectory.left_out)
        self.left_out.update(unheld)
        if _lacks_stamps(steps):
            self.left_out["stamps, for the source has none: steps are 0.2 s apart"] += 1
        if info.embedding is not None:
            self.left_out["language embedding"] += 1
        return len(steps) - 1


def _without_pictures(step: BridgeStep) -> BridgeStep:
    """So that not all images of a demonstration are in memory."""
    return BridgeStep({}, step.state, step.action, step.stamp, extras=step.extras)


def _observations(steps: list[BridgeStep]) -> dict[str, Any]:
    nominal = [t / RATE for t in range(len(steps))]
    content: dict[str, Any] = {
        STATE: np.stack([step.state for step in steps]),
        STAMPS: nominal if _lacks_stamps(steps) else [step.stamp for step in steps],
    }
    for key in steps[0].extras:
        if not key.startswith(POLICY):
            content[key] = np.stack([step.extras[key] for step in steps])
    return content


def _lacks_stamps(steps: list[BridgeStep]) -> bool:
    return any(step.stamp is None for step in steps)


def _policy(step: BridgeStep) -> dict[str, Any]:
    others = {key.removeprefix(POLICY): value for key, value in step.extras.items() if key.startswith(POLICY)}
    return {"actions": np.array(step.action), **others}


def _task(info: BridgeInfo) -> str:
    """A folder's name: that of the source, else what the language makes."""
    said = info.language[0] if info.language else ""
    return info.task or re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")[:80] or _UNKNOWN_TASK
