"""Replay the commands of a bag in the simulator, and judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.replay.drive_replay import ReplayedDrive, replay_drive
from cairn.evaluation.replay.drive_verdict import AxisVerdict, DriveVerdict, Tolerances, judge
from cairn.evaluation.replay.recorded_drive import COMMAND, RecordedDrive, find_namespace, read_drives
from cairn.evaluation.replay.recorded_world import OPEN_GROUND, RecordedWorld
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.evaluation.replay.velocity_response import RATE, sampled, velocity_response
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import TIMESTEP, Simulation
from cairn.navigation.pose import Pose, between

Array = NDArray[np.float64]
Pairs = tuple[tuple[RecordedDrive, ReplayedDrive], ...]


@dataclass(frozen=True)
class CommandReplay:
    """A bag's drives beside their replays.

    Attributes:
        world: its name and conditions.
        drives: recorded and replayed, in the bag's order.
    """

    bag: Path
    world: str
    drives: Pairs
    verdict: DriveVerdict


def replay_commands(
    reader: BagReader,
    bag: Path,
    window: TimeWindow,
    tolerances: Tolerances,
    world: RecordedWorld | None = None,
    namespace: str = "",
    progress: Callable[[float, float], None] = lambda done, total: None,
) -> CommandReplay:
    """Drive and judge.

    Args:
        world: instead of the one that the bag was recorded in.
        namespace: of the robot's topics; empty: the only one that there is.
        progress: called with recorded seconds done and in all.

    Raises CairnError when the bag lacks commands or odometry, or the world can't be had.
    """
    namespace = namespace or find_namespace(reader, COMMAND)
    drives = read_drives(reader, window, namespace)
    chosen = world or RecordedWorld.of(reader, namespace)
    if chosen is None:
        raise CairnError(
            "the bag does not say in which world it was recorded (no parameters of a simulator in it): "
            f"choose one by --world, for example --world {OPEN_GROUND} for bare level ground"
        )
    total = sum(float(np.ptp(drive.odometry[:, 0])) for drive in drives)
    done, replays = 0.0, []
    simulation = chosen.open()
    try:
        drawn = _drawn_start(chosen, simulation, drives[0])
        for number, drive in enumerate(drives):
            first = drive.odometry[0, 0]
            before = done

            def report(stamp: float, first: float = first, before: float = before) -> None:
                progress(before + stamp - first, total)

            replays.append(replay_drive(simulation, drive, drawn, _placed_at(drives, number), report))
            done += float(np.ptp(drive.odometry[:, 0]))
        name = f"{simulation.world.name}, {simulation.world.conditions}"
    finally:
        simulation.close()
    pairs = tuple(zip(drives, replays, strict=True))
    notes = (
        *_notes(pairs, tolerances),
        *([] if reader.complete else ["the bag is cut: replayed up to the cut"]),
    )
    return CommandReplay(bag, name, pairs, _judge(pairs, _axes(pairs, chosen), tolerances, notes))


def _drawn_start(world: RecordedWorld, simulation: Simulation, drive: RecordedDrive) -> Pose:
    """Where the simulator puts the robot; a world that has no such place will do where the truth is known."""
    try:
        return world.start(simulation)
    except CairnError:
        if drive.has_truth:
            return Pose(*drive.truth[0].tolist())
        raise


def _placed_at(drives: list[RecordedDrive], number: int) -> float:
    """When the simulator put the robot at its start [s]."""
    drive = drives[number]
    if drive.carried:
        return float(drives[number - 1].odometry[-1, 0]) + TIMESTEP
    return TIMESTEP if drive.has_truth else float(drive.odometry[0, 0])


def _axes(pairs: Pairs, world: RecordedWorld) -> dict[str, AxisVerdict]:
    """How the recorded and the simulated robot answered to the commands."""
    if all(_is_exact(drive, replay) for drive, replay in pairs):
        expected = [replay for _, replay in pairs]
    else:
        expected = _on_open_ground([drive for drive, _ in pairs], world)
    axes = {}
    for name, commanded, measured in (("linear", 2, 4), ("angular", 3, 5)):
        signals: list[list[Array]] = [[], [], []]
        for (drive, _), replay in zip(pairs, expected, strict=True):
            grid = np.arange(drive.odometry[0, 0], drive.odometry[-1, 0], 1 / RATE)
            signals[0].append(sampled(drive.commands[:, 0], drive.commands[:, commanded], grid, hold=True))
            signals[1].append(sampled(drive.odometry[:, 0], drive.odometry[:, measured], grid))
            signals[2].append(sampled(replay.odometry[:, 0], replay.odometry[:, measured], grid))
        command, recorded, simulated = map(np.concatenate, signals)
        axes[name] = AxisVerdict(velocity_response(command, recorded), velocity_response(command, simulated))
    return axes


def _on_open_ground(drives: list[RecordedDrive], world: RecordedWorld) -> list[ReplayedDrive]:
    """The same commands with nothing in the way: a robot that went astray may lean against a wall."""
    expected = []
    simulation: Simulation = RecordedWorld(OPEN_GROUND, world.seed, odometry_noise=0.0).open()
    try:
        for drive in drives:
            blind = replace(drive, truth=np.full_like(drive.truth, np.nan))
            expected.append(replay_drive(simulation, blind, Pose(), float(drive.odometry[0, 0])))
    finally:
        simulation.close()
    return expected


def _is_exact(drive: RecordedDrive, replay: ReplayedDrive) -> bool:
    return replay.exact_until is not None and replay.exact_until >= drive.odometry[-1, 0]


def _judge(
    pairs: Pairs,
    axes: dict[str, AxisVerdict],
    tolerances: Tolerances,
    notes: tuple[str, ...],
) -> DriveVerdict:
    """Each drive by its own distance travelled, as seen from where it began."""
    time, distance, position, heading = [], [], [], []
    elapsed = 0.0
    for drive, replay in pairs:
        recorded, simulated = drive.odometry[:, 1:4], replay.odometry[:, 1:4]
        off = between(between(recorded[:1], recorded), between(simulated[:1], simulated))
        time.append(drive.odometry[:, 0] - drive.odometry[0, 0] + elapsed)
        distance.append(drive.distance)
        position.append(np.hypot(off[:, 0], off[:, 1]))
        heading.append(off[:, 2])
        elapsed = float(time[-1][-1])
    return judge(
        np.concatenate(time),
        np.concatenate(distance),
        np.concatenate(position),
        np.concatenate(heading),
        axes,
        tolerances,
        notes,
    )


def _notes(pairs: Pairs, tolerances: Tolerances) -> list[str]:
    notes = []
    for number, (drive, replay) in enumerate(pairs, start=1):
        name = f"drive {number}" if len(pairs) > 1 else "the drive"
        if replay.exact_until is not None:
            length = replay.exact_until - drive.odometry[0, 0]
            whole = _is_exact(drive, replay)
            notes.append(
                f"{name} was repeated to the last digits "
                + (f"({length:.0f} s)" if whole else f"for its first {length:.1f} s only")
            )
        delay = 1e3 * (replay.commands.delay or 0.0)
        if delay > tolerances.lag:
            # A busy machine does that too, and the wheels are told at the right moment all the same.
            notes.append(f"{name}: the commands come {delay:.0f} ms earlier than they took effect")
        if replay.commands.doubt:
            notes.append(f"{name}: {replay.commands.doubt}")
        if replay.collisions:
            notes.append(f"the replay of {name} has {replay.collisions} contact(s)")
    return notes
