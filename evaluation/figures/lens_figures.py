"""What views say of a lens."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cairn.calibration.intrinsics.coverage import GRID
from cairn.evaluation.figures.palette import INK, QUIET, VISIT_COLOURS, WALL, quieten
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project, rays

_ANGLES = (10, 20, 30, 40, 50, 60, 70, 80)


def coverage_figure(cells: NDArray[np.int64], points: NDArray[np.float64], camera: CameraModel) -> Figure:
    """Points found (n, 2) over the image, and circles of equal angle off the optical axis."""
    figure = Figure(figsize=(6.4, 6.4 * camera.height / camera.width + 0.3), layout="constrained")
    axes = figure.add_subplot()
    extent = (0, camera.width, camera.height, 0)
    axes.imshow(cells, extent=extent, cmap="Greens", vmin=0, vmax=max(1, cells.max() * 2), aspect="equal")
    for row, column in np.argwhere(cells == 0):
        x, y = column * camera.width / GRID[0], row * camera.height / GRID[1]
        axes.fill(
            [x, x + camera.width / GRID[0], x + camera.width / GRID[0], x],
            [y, y, y + camera.height / GRID[1], y + camera.height / GRID[1]],
            facecolor="none",
            edgecolor="#d55e00",
            hatch="//",
            lw=0,
        )
    axes.plot(*points.T, ".", ms=1.6, color=VISIT_COLOURS[0], alpha=0.7)
    turn = np.linspace(0, 2 * np.pi, 180)
    for angle in _ANGLES:
        off = np.radians(angle)
        circle = np.stack(
            [np.sin(off) * np.cos(turn), np.sin(off) * np.sin(turn), np.full_like(turn, np.cos(off))], axis=1
        )
        ring = project(camera, circle)
        axes.plot(*ring.T, color=QUIET, lw=0.6, ls=":")
        top = ring[135]
        if np.isfinite(top).all() and 12 < top[1] < camera.height:
            axes.text(top[0], top[1], f"{angle}°", fontsize=7, color=INK, ha="center", va="bottom")
    axes.set(xlim=(0, camera.width), ylim=(camera.height, 0))
    quieten(axes)
    return figure


def residual_figure(
    pixels: NDArray[np.float64], residuals: NDArray[np.float64], camera: CameraModel
) -> Figure:
    """Residuals (n, 2) [pixels] as a cloud, and by their distance from the optical axis."""
    figure = Figure(figsize=(9.4, 3.6), layout="constrained")
    cloud, reach = figure.subplots(1, 2, width_ratios=(1, 1.6))
    limit = max(0.3, float(np.percentile(np.abs(residuals), 99.5)) * 1.15)
    cloud.axhline(0, color=WALL, lw=0.7)
    cloud.axvline(0, color=WALL, lw=0.7)
    cloud.plot(*residuals.T, ".", ms=2, color=VISIT_COLOURS[0], alpha=0.5)
    cloud.set(xlim=(-limit, limit), ylim=(limit, -limit), aspect="equal")
    cloud.set(xlabel="right [pixels]", ylabel="down [pixels]")
    angles = np.degrees(np.arccos(np.clip(rays(camera, pixels)[:, 2], -1, 1)))
    out = pixels - (camera.cx, camera.cy)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    radial = (residuals * out).sum(axis=1)
    reach.axhline(0, color=WALL, lw=0.7)
    reach.plot(angles, radial, ".", ms=2, color=VISIT_COLOURS[0], alpha=0.5)
    good = np.isfinite(angles)
    if good.sum() > 60:
        edges = np.quantile(angles[good], np.linspace(0, 1, 13))
        bins = np.clip(np.digitize(angles[good], edges[1:-1]), 0, 11)
        centres = [angles[good][bins == one].mean() for one in range(12)]
        means = [radial[good][bins == one].mean() for one in range(12)]
        reach.plot(centres, means, color=VISIT_COLOURS[1], lw=2, label="mean")
        reach.legend(frameon=False, fontsize=8)
    reach.set(xlabel="angle off the optical axis [°]", ylabel="outwards [pixels]", ylim=(-limit, limit))
    for axes in (cloud, reach):
        quieten(axes)
    return figure
