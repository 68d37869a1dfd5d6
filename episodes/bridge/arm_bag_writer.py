"""Demonstrations of Bridge Data as bags."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_builder import BagBuilder
from cairn.episodes.bridge import arm_bag_messages as messages
from cairn.episodes.bridge.arm_bag_reader import STEPS_RECORD
from cairn.episodes.bridge.arm_topics import HAND, STATE, STATUS, TELEOP
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import RATE, BridgeInfo, BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter, jpeg_of, unheld_scalars, with_last_observation
from cairn.episodes.episode import METADATA_PREFIX, Episode, Verdict
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.message_factory import SECOND
from cairn.episodes.topic import Topic
from cairn.hardware.arm.bridge_pose import pose_of_state
from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.arm.widowx_250s import JOINTS
from cairn.hardware.errors import CairnError

_TYPES = {
    STATE: "cairn_interfaces/msg/ArmState",
    STATUS: "cairn_interfaces/msg/ArmGateStatus",
    HAND: "geometry_msgs/msg/PoseStamped",
    TELEOP: "cairn_interfaces/msg/HandStep",
}
_LONGEST_TASK = 200


class ArmBagWriter(BridgeWriter):
    """Writes `<name>/`, a bag with the topics of a recorded arm and the demonstration as its kept episode.

    The target begins where the hand is, or at `desired_state` where that is known, and moves by the actions.
    `arm/state` has joints only where the source knows those of a WidowX 250s, so the hand's own pose is on
    `arm/hand_pose`.  Where a source has no stamps they are those of the nominal rate.

    Args:
        directory: exists, empty.
        quality: of images that were not stored as JPEG, 1 to 100.
    """

    def __init__(self, directory: Path, quality: int = 95) -> None:
        super().__init__()
        self._directory = directory
        self._quality = quality

    def write(self, trajectory: BridgeTrajectory) -> int:
        info = trajectory.info
        steps = with_last_observation(list(trajectory.steps()), trajectory, self.left_out)
        stamps = _stamps(steps)
        with BagBuilder(self._directory / info.name, f"converted from {info.source.name}") as builder:
            topics: dict[str, Topic] = {}
            for step, stamp, target in zip(steps, stamps, _targets(steps), strict=True):
                for name, kind, message in self._messages(info, step, stamp, target):
                    if name not in topics:
                        topics[name] = messages.topic_of(f"/{name}", kind)
                        builder.add_topic(topics[name])
                    data = messages.serialise(message)
                    builder.add(BagMessage(topics[name], stamp, stamp, 0, data))
            task = info.language[0][:_LONGEST_TASK] if info.language else info.task
            episode = Episode("000", stamps[0], stamps[-1], Verdict.KEPT, task=task)
            builder.describe(METADATA_PREFIX + episode.name, episode.as_metadata())
            builder.describe(STEPS_RECORD, {"name": info.name, "provenance": info.provenance})
        self._count_left_out(trajectory, steps)
        return len(steps) - 1

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass

    def _messages(
        self, info: BridgeInfo, step: BridgeStep, stamp: int, target: NDArray[np.float64]
    ) -> Iterator[tuple[str, str, Any]]:
        hand, opening = pose_of_state(step.state)
        joints = _joints(step)
        empty = np.zeros(0)
        yield (
            STATE,
            _TYPES[STATE],
            messages.arm_state(
                stamp,
                JOINTS if joints else (),
                joints.get("qpos", empty),
                joints.get("qvel", empty),
                joints.get("joint_effort", empty),
                opening,
            ),
        )
        yield HAND, _TYPES[HAND], messages.hand_pose(stamp, hand)
        yield STATUS, _TYPES[STATUS], messages.gate_status(stamp, target)
        for camera in info.cameras:
            jpeg = jpeg_of(step.pictures[camera], self._quality)
            name = f"sensors/camera{f'_{camera}' if camera else ''}/image/compressed"
            kind = "sensor_msgs/msg/CompressedImage"
            yield name, kind, messages.compressed_image(stamp, camera, jpeg)
        if step.action is not None:
            yield TELEOP, _TYPES[TELEOP], messages.hand_step(stamp, step.action)

    def _count_left_out(self, trajectory: BridgeTrajectory, steps: list[BridgeStep]) -> None:
        info = trajectory.info
        self.left_out.update(trajectory.left_out)
        held = {"desired_state"} | _joints(steps[0]).keys()
        self.left_out.update([*(steps[0].extras.keys() - held), *unheld_scalars(steps)])
        for what, is_there in (
            ("stamps, for the source has none: steps are 0.2 s apart", _lacks_stamps(steps)),
            ("further descriptions of the task", len(info.language) > 1),
            ("language embedding", info.embedding is not None),
        ):
            self.left_out[what] += is_there
        self.left_out = +self.left_out


def _joints(step: BridgeStep) -> dict[str, NDArray[np.float64]]:
    """Those of a WidowX 250s, where the positions are known."""
    found = {
        name: step.extras[name]
        for name in ("qpos", "qvel", "joint_effort")
        if name in step.extras and step.extras[name].shape == (len(JOINTS),)
    }
    return found if "qpos" in found else {}


def _targets(steps: list[BridgeStep]) -> list[NDArray[np.float64]]:
    """Poses, shape (4, 4): that of the first step, moved on by the actions."""
    start = steps[0].extras.get("desired_state", steps[0].state)
    target, _ = pose_of_state(start if start.shape == (7,) else steps[0].state)
    targets = [target]
    for step in steps[:-1]:
        assert step.action is not None
        x, y, z, roll, pitch, yaw, opening = step.action.tolist()
        targets.append(HandStep((x, y, z), (roll, pitch, yaw), opening).from_pose(targets[-1]))
    return targets


def _lacks_stamps(steps: list[BridgeStep]) -> bool:
    return any(step.stamp is None for step in steps)


def _stamps(steps: list[BridgeStep]) -> list[int]:
    """[ns], from 1 on: a header of zero counts as not set.  Raises CairnError unless they grow."""
    if _lacks_stamps(steps):
        return [SECOND + round(t * SECOND / RATE) for t in range(len(steps))]
    stamps = [max(1, round(step.stamp * SECOND)) for step in steps if step.stamp is not None]
    if any(later <= earlier for earlier, later in pairwise(stamps)) or stamps[-1] >= 2**31 * SECOND:
        raise CairnError("the stamps of a demonstration must grow from 0 to 2^31 s for a bag")
    return stamps
