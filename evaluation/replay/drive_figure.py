"""A recorded drive and its replay, as one picture."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cairn.evaluation.figures.palette import INK, QUIET, VISIT_COLOURS, quieten
from cairn.evaluation.replay.command_replay import CommandReplay
from cairn.navigation.pose import between

_RECORDED, _REPLAYED = VISIT_COLOURS[:2]


def drive_figure(replay: CommandReplay) -> Figure:
    """Both paths by odometry, the errors over the distance and over time, and the velocities."""
    figure = Figure(figsize=(11.0, 8.2), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=(1.0, 1.25))
    _paths(figure.add_subplot(grid[:2, 0]), replay)
    verdict = replay.verdict
    position, heading = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    edges = np.flatnonzero(np.diff(verdict.distance) < 0) + 1
    for part in np.split(np.arange(len(verdict.distance)), edges):
        position.plot(verdict.distance[part], verdict.position_error[part], color=_REPLAYED, linewidth=1.4)
    reach = np.array([0.0, float(verdict.distance.max())])
    allowed = np.maximum(verdict.tolerances.distance * reach, 0.05)
    position.plot(reach, allowed, color=INK, linewidth=1, linestyle=":", label="tolerance")
    position.set(xlabel="distance travelled [m]", ylabel="position\noff by [m]", ylim=(0, None))
    heading.plot(verdict.time, verdict.heading_error, color=_REPLAYED, linewidth=1.2)
    heading.axhline(verdict.tolerances.heading, color=INK, linewidth=1, linestyle=":", label="tolerance")
    heading.set(xlabel="time [s]", ylabel="heading\noff by [degrees]", ylim=(0, None))
    for axes in (position, heading):
        axes.legend(frameon=False, fontsize=9, loc="upper left")
    _velocities(figure.add_subplot(grid[2, 0]), replay, 4, "forward [m/s]")
    _velocities(figure.add_subplot(grid[2, 1]), replay, 5, "turn [rad/s]")
    for axes in figure.axes:
        quieten(axes)
    return figure


def _paths(axes: Axes, replay: CommandReplay) -> None:
    for number, (drive, simulated) in enumerate(replay.drives):
        label = number == 0
        for rows, colour, style, name in (
            (drive.odometry, _RECORDED, "-", "recorded odometry"),
            (simulated.odometry, _REPLAYED, "--", "replayed"),
        ):
            place = between(rows[:1, 1:4], rows[:, 1:4])
            axes.plot(*place[:, :2].T, style, color=colour, linewidth=1.6, label=name if label else None)
    axes.plot(0, 0, "s", color=INK, markersize=6, label="start")
    axes.set(aspect="equal", xlabel="x [m]", ylabel="y [m]")
    axes.set_adjustable("datalim")
    axes.legend(frameon=False, fontsize=9)


def _velocities(axes: Axes, replay: CommandReplay, column: int, label: str) -> None:
    """The beginning of the motion, where a lag can be seen."""
    drive, simulated = replay.drives[0]
    moving = np.flatnonzero(np.abs(drive.commands[:, 2:]).max(axis=1) > 0.05)
    first = drive.commands[moving[0], 0] - 0.5 if len(moving) else drive.odometry[0, 0]
    span = (first, first + 8.0)
    commands = drive.commands[(drive.commands[:, 0] >= span[0]) & (drive.commands[:, 0] <= span[1])]
    axes.step(
        commands[:, 0], commands[:, column - 2], where="post", color=QUIET, linewidth=1, label="command"
    )
    for rows, colour, name in (
        (drive.odometry, _RECORDED, "recorded"),
        (simulated.odometry, _REPLAYED, "replayed"),
    ):
        shown = rows[(rows[:, 0] >= span[0]) & (rows[:, 0] <= span[1])]
        axes.plot(shown[:, 0], shown[:, column], color=colour, linewidth=1.1, label=name)
    axes.set(xlabel="recorded time [s]", ylabel=label, xlim=span)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper left")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
