"""Recordings of any known format as frames that the policy can learn from."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from math import inf, pi
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.alignment import Alignment
from cairn.episodes.fan_out import FanOut, one_by_one
from cairn.episodes.open_trajectories import ReadingOptions, TrajectorySource, find_sources
from cairn.episodes.quality_gate import JudgedStep, QualityGate
from cairn.episodes.quality_limits import QualityLimits
from cairn.episodes.step import LIDAR_BEAMS, Step
from cairn.episodes.step_tally import DropReason
from cairn.episodes.trajectory import Trajectory
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.collect import BEAMS, FIELDS, LIDAR_LIMIT, RATE, beam_bearings
from cairn.policies.recon.dataset import COLUMNS
from cairn.policies.recon.growing_array import GrowingArray
from cairn.policies.recon.recorded_drive import RecordedDrive
from cairn.policies.training.recording import Recording

_FORMAT = 1  # of the cache; another number makes every recording be converted again
_INDEX = "drives.json"
# A robot that backs off from an obstacle is worth learning from.
_LIMITS = QualityLimits(max_reverse=100.0)
_LONGEST = 30_000  # steps of a session, which are counted in 16 bits


@dataclass(frozen=True)
class ConversionSettings:
    """How recordings become frames.

    Attributes:
        view: the policy's camera.
        camera: that took the images of recordings that do not say it.
        camera_fov: horizontal field of view [degrees] of the pinhole to assume where the intrinsics are
            unknown; without this and `camera` such recordings are refused.
    """

    view: CylindricalView
    camera_fov: float | None = None
    camera: CameraModel | None = None


def convert_recordings(
    recordings: Sequence[Recording],
    directory: Path,
    settings: ConversionSettings,
    report: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    fan_out: FanOut = one_by_one,
) -> list[RecordedDrive]:
    """Write the frames of every trajectory below `directory`, a step at a time; what is there is kept.

    A source is converted anew when its path, size or time of change, or the settings, are others than
    before.

    Steps with a damaged or stale image or where odometry jumped are left out, and interrupt the drive.  A
    trajectory in which no step follows another at the policy's rate has no frames.

    Args:
        report: called with sources done and sources in all.
        should_stop: asked whenever a source is done; then those under way are finished and the list is of
            what is done.
        fan_out: runs the conversions of the sources.

    Raises CairnError when there is nothing to read, a source is damaged, or its camera is unknown.
    """
    found = [(source, recording) for recording in recordings for source in find_sources(recording.path)]
    twice = {source.path.resolve() for source, _ in found}
    if len(twice) < len(found):
        raise CairnError(f"{len(found) - len(twice)} recordings were given twice")
    folders = [directory / _cache_name(source.path, settings) for source, _ in found]
    missing = [
        (source, folder, settings)
        for (source, _), folder in zip(found, folders, strict=True)
        if not folder.exists()
    ]
    done = len(found) - len(missing)
    report(done, len(found))
    with closing(fan_out(_convert_source, missing)) as converted:
        for _ in converted:
            done += 1
            report(done, len(found))
            if should_stop():
                break
    return [
        drive
        for (source, recording), folder in zip(found, folders, strict=True)
        if folder.exists()
        for drive in _drives_in(folder, recording, source.path)
    ]


def _cache_name(path: Path, settings: ConversionSettings) -> str:
    """Of a folder that holds what this source has now, seen through this view."""
    files = sorted(entry for entry in path.rglob("*") if entry.is_file()) if path.is_dir() else [path]
    facts = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    view = settings.view
    lens = settings.camera or settings.camera_fov
    seen = (view.width, view.height, view.horizontal_fov, view.top, view.bottom, lens)
    digest = hashlib.sha256(repr((_FORMAT, str(path.resolve()), facts, seen, RATE, BEAMS)).encode())
    return f"{path.stem[:80] or 'recording'}_{digest.hexdigest()[:16]}"


def _drives_in(folder: Path, recording: Recording, source: Path) -> list[RecordedDrive]:
    try:
        rows = json.loads((folder / _INDEX).read_text())
        return [
            RecordedDrive(
                recording=recording.path,
                source=source,
                name=row["name"],
                frames=row["frames"],
                scanned=row["scanned"],
                dropped=row["dropped"],
                directory=folder / row["folder"],
                weight=recording.weight,
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CairnError(f"{folder} is no folder of converted frames, delete it: {error}") from error


def _convert_source(source: TrajectorySource, folder: Path, settings: ConversionSettings) -> None:
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        rows: list[dict[str, Any]] = []
        reading = ReadingOptions(Alignment(RATE), camera=settings.camera)
        for number, trajectory in enumerate(source.trajectories(reading)):
            place = partial / f"{number:05d}"
            place.mkdir()
            counts = _convert_trajectory(trajectory, place, settings)
            rows.append({"name": trajectory.info.name, "folder": place.name, **counts})
        (partial / _INDEX).write_text(json.dumps(rows, indent=1))
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _convert_trajectory(trajectory: Trajectory, folder: Path, settings: ConversionSettings) -> dict[str, int]:
    """How many frames there are, how many with lidar, and how many steps were left out."""
    info, view = trajectory.info, settings.view
    if info.rate < 0.9 * RATE:
        raise CairnError(
            f"{info.name} in {info.source} has {info.rate:g} steps a second, expected at least {RATE:g}"
        )
    shapes = {**COLUMNS, "image": ("uint8", (view.height, view.width, 3))}
    frames = scanned = session = number = 0
    linked = False
    gate, refused = QualityGate(_LIMITS, info.rate), Counter[DropReason]()
    with ExitStack() as stack:
        columns = {
            name: stack.enter_context(GrowingArray(folder / f"{name}.npy", *shapes[name])) for name in FIELDS
        }
        for judged, following, collided in _at_rate(_judged(trajectory, gate, refused), info.rate):
            step, image = judged.step, judged.image
            lidar, clearance = _scan(step.lidar)
            row: dict[str, Any] = {
                "image": view(image, info.camera or _assumed_camera(trajectory, image, settings)),
                "pose": step.pose,
                "twist": _twist(step, following),
                "lidar": lidar,
                "clearance": clearance,
                "session": session,
                "step": number,
                "collided": collided,
            }
            for name, column in columns.items():
                column.append(row[name])
            frames, scanned, linked = frames + 1, scanned + (step.lidar is not None), linked or number > 0
            number += 1
            if following is None or number == _LONGEST:
                session, number = session + 1, 0
            if session > np.iinfo(np.int16).max:
                raise CairnError(f"{info.name} in {info.source} is interrupted more than {session - 1} times")
    left_out = refused + trajectory.tally.dropped
    # A command that was sent twice within one tick of the clock is no step that is missing.
    dropped = left_out.total() - left_out[DropReason.REPEATED_STAMP]
    if not linked:
        frames, scanned, dropped = 0, 0, dropped + frames
    return {"frames": frames, "scanned": scanned, "dropped": dropped}


def _judged(trajectory: Trajectory, gate: QualityGate, refused: Counter[DropReason]) -> Iterator[JudgedStep]:
    """Steps fit to learn from; the others are counted."""
    for step in trajectory.steps():
        judged = gate.judge(step)
        if isinstance(judged, JudgedStep):
            yield judged
        else:
            refused[judged] += 1


def _at_rate(steps: Iterator[JudgedStep], rate: float) -> Iterator[tuple[JudgedStep, Step | None, bool]]:
    """Steps a quarter of a second apart, each with the one that follows at once and whether the robot hit
    something up to it; None for what follows where the recording was interrupted."""
    period, held, due = 1 / RATE, None, -inf
    bumped = collided = interrupted = False
    for judged in steps:
        step = judged.step
        bumped |= step.collision is not None and step.collision.any
        interrupted |= judged.after_gap
        if rate > 1.05 * RATE and step.stamp < due - 0.5 / rate:
            continue
        if held is not None:
            yield held, None if interrupted else step, collided
        due = (step.stamp if interrupted or held is None else due) + period
        held, collided, bumped, interrupted = judged, bumped, False, False
    if held is not None:
        yield held, None, collided


def _assumed_camera(
    trajectory: Trajectory, image: NDArray[np.uint8], settings: ConversionSettings
) -> CameraModel:
    if settings.camera_fov is None:
        raise CairnError(
            f"nothing says through which lens {trajectory.info.name} in {trajectory.info.source} was taken: "
            "record camera_info, give a calibration file by --camera-info, or "
            "give --camera-fov DEGREES to assume a pinhole of that horizontal view"
        )
    return CameraModel.pinhole(image.shape[1], image.shape[0], settings.camera_fov)


def _twist(step: Step, following: Step | None) -> tuple[float, float]:
    """Commanded, else measured, else what led to the next pose [m/s, rad/s]."""
    told = step.command or step.velocity
    if told is not None:
        return told.linear, told.angular
    if following is None:
        return 0.0, 0.0
    a, b, seconds = step.pose, following.pose, following.stamp - step.stamp
    forward = (b.x - a.x) * np.cos(a.yaw) + (b.y - a.y) * np.sin(a.yaw)
    return float(forward / seconds), float(((b.yaw - a.yaw + pi) % (2 * pi) - pi) / seconds)


_NEAREST_DEGREE = np.round(np.degrees(beam_bearings())).astype(int) % LIDAR_BEAMS


def _scan(ranges: NDArray[np.float32] | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of a step's 360 beams the policy's: what blocks the view, and what blocks the way, each (BEAMS,).

    The nearest degree for each beam, and the least of it and its neighbours; all NaN without a scan.
    """
    if ranges is None:
        return np.full(BEAMS, np.nan, np.float32), np.full(BEAMS, np.nan, np.float32)
    # Nothing was hit where a range is not finite; one of zero is a beam that failed and says as little.
    reached = np.where(np.isfinite(ranges) & (ranges > 0), ranges, LIDAR_LIMIT)
    capped = np.minimum(reached, LIDAR_LIMIT).astype(np.float32)
    around = np.minimum.reduce([np.roll(capped, shift) for shift in (-1, 0, 1)])
    return capped[_NEAREST_DEGREE], around[_NEAREST_DEGREE]
