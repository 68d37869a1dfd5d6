"""Bundle adjustment of one camera and the poses of a board before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.lens_family import LensFamily
from cairn.calibration.projection import Array, project_board

_STEPS = 60
_HUBER = 3.0  # deviations from which a point counts less
_SETTLED = 1e-7  # relative gain of a step


@dataclass(frozen=True, eq=False)
class Adjustment:
    """The least reprojection error.

    Attributes:
        family: of the lens.
        intrinsics: fx, fy, cx, cy and the distortion, shape (4 + d,).
        poses: rotation vector [rad] and translation [m] of the board in each view, shape (v, 6).
        residuals: found minus projected [pixels], shape (n, 2) for each view.
        covariance: of the intrinsics, shape (4 + d, 4 + d), with zeros where one is not fitted.
    """

    family: LensFamily
    intrinsics: Array
    poses: Array
    residuals: tuple[Array, ...]
    covariance: Array

    @property
    def rms(self) -> float:
        """Of the distances of all points [pixels]."""
        return float(np.sqrt(np.mean(np.concatenate([(one**2).sum(axis=1) for one in self.residuals]))))

    @property
    def view_rms(self) -> Array:
        """Of the distances in each view [pixels], shape (v,)."""
        return np.array([np.sqrt((one**2).sum(axis=1).mean()) for one in self.residuals])


@dataclass(eq=False)
class _Block:
    """One view, linearised and weighted."""

    by_lens: Array
    by_pose: Array
    residual: Array

    def __post_init__(self) -> None:
        self.coupling = self.by_lens.T @ self.by_pose
        self.normal = self.by_pose.T @ self.by_pose

    def reduced(self, damping: float) -> tuple[Array, Array, Array]:
        """The lens's normal equations with this pose eliminated, and the damped inverse for the pose."""
        inverse = np.linalg.pinv(self.normal + damping * np.diag(np.diag(self.normal)))
        gain = self.coupling @ inverse
        matrix = self.by_lens.T @ self.by_lens - gain @ self.coupling.T
        vector = self.by_lens.T @ self.residual - gain @ (self.by_pose.T @ self.residual)
        return matrix, vector, inverse


def adjust(
    family: LensFamily, detections: Sequence[Detection], intrinsics: Array, poses: Array
) -> Adjustment:
    """Levenberg-Marquardt on lens and poses together, poses eliminated first (Triggs et al. 2000).

    Points far out of line count less (Huber).  The covariance treats the points of a view as sharing their
    errors, as blur and a board that is not quite flat make them do: the robust estimate for clusters, with
    each view's residuals as if it had been left out (Bell and McCaffrey 2002, CR3).

    Args:
        family: which coefficients are fitted.
        detections: of the same image size.
        intrinsics: start, shape (4 + d,); what is not fitted stays.
        poses: start, shape (v, 6).

    Raises CalibrationError when it doesn't converge to a camera.
    """
    mask = family.mask
    lens, poses = intrinsics.copy(), poses.copy()
    scale = np.inf
    blocks, residuals = _linearise(family, detections, lens, poses, scale)
    scale = max(1.4826 * float(np.median(np.abs(np.concatenate(residuals)))), 0.02)
    cost, damping = _cost(residuals, scale), 1e-3
    blocks, residuals = _linearise(family, detections, lens, poses, scale)
    for _ in range(_STEPS):
        parts = [block.reduced(damping) for block in blocks]
        matrix, vector = sum(part[0] for part in parts), sum(part[1] for part in parts)
        matrix = matrix + damping * np.diag(np.diag(matrix))
        step = np.linalg.lstsq(matrix, vector, rcond=1e-14)[0]
        tried_lens = lens.copy()
        tried_lens[mask] += step
        turns = [
            part[2] @ (block.by_pose.T @ block.residual - block.coupling.T @ step)
            for part, block in zip(parts, blocks, strict=True)
        ]
        tried_poses = poses + np.array(turns)
        tried_blocks, tried_residuals = _linearise(family, detections, tried_lens, tried_poses, scale)
        tried = _cost(tried_residuals, scale)
        if not tried < cost:
            damping *= 10
            if damping > 1e8:
                break
            continue
        gain = (cost - tried) / cost
        lens, poses, cost, damping = tried_lens, tried_poses, tried, max(damping / 10, 1e-12)
        blocks, residuals = tried_blocks, tried_residuals
        if gain < 1e-2:
            scale = max(1.4826 * float(np.median(np.abs(np.concatenate(residuals)))), 0.02)
            blocks, residuals = _linearise(family, detections, lens, poses, scale)
            cost = _cost(residuals, scale)
        if gain < _SETTLED:
            break
    if not (np.isfinite(lens).all() and (lens[:2] > 0).all() and np.isfinite(cost)):
        raise CalibrationError(f"the lens {family.label} did not converge to a camera")
    return Adjustment(
        family,
        lens,
        poses,
        tuple(one.reshape(-1, 2) for one in residuals),
        _covariance(blocks, mask),
    )


def _linearise(
    family: LensFamily, detections: Sequence[Detection], lens: Array, poses: Array, scale: float
) -> tuple[list[_Block], list[Array]]:
    blocks, residuals = [], []
    for detection, pose in zip(detections, poses, strict=True):
        with np.errstate(all="ignore"):
            pixels, by_lens, by_pose = project_board(family.model, lens, pose[:3], pose[3:], detection.points)
            residual = (detection.pixels - pixels).ravel()
        residuals.append(np.nan_to_num(residual, nan=1e4, posinf=1e4, neginf=-1e4))
        away = np.repeat(np.hypot(residuals[-1][::2], residuals[-1][1::2]), 2)
        weight = np.sqrt(np.minimum(1.0, _HUBER * scale / np.maximum(away, 1e-9)))
        by_lens = np.nan_to_num(by_lens[:, family.mask], posinf=0, neginf=0) * weight[:, None]
        by_pose = np.nan_to_num(by_pose, posinf=0, neginf=0) * weight[:, None]
        blocks.append(_Block(by_lens, by_pose, residuals[-1] * weight))
    return blocks, residuals


def _cost(residuals: Sequence[Array], scale: float) -> float:
    every = np.concatenate(residuals).reshape(-1, 2)
    away, bend = np.hypot(every[:, 0], every[:, 1]), _HUBER * scale
    return float(np.where(away <= bend, away**2 / 2, bend * (away - bend / 2)).sum())


def _covariance(blocks: Sequence[_Block], mask: NDArray[np.bool_]) -> Array:
    parts = [block.reduced(0.0) for block in blocks]
    inverse = np.linalg.pinv(sum(part[0] for part in parts), hermitian=True)
    points = sum(len(block.residual) for block in blocks)
    freedom = max(1, points - 6 * len(blocks) - int(mask.sum()))
    plain = inverse * sum(float(block.residual @ block.residual) for block in blocks) / freedom
    meat = np.zeros_like(inverse)
    for block, part in zip(blocks, parts, strict=True):
        lens = block.by_lens - block.by_pose @ (part[2] @ block.coupling.T)
        rest = np.eye(len(block.residual)) - lens @ inverse @ lens.T
        score = lens.T @ np.linalg.lstsq(rest, block.residual, rcond=1e-9)[0]
        meat += np.outer(score, score)
    robust = inverse @ meat @ inverse * (len(blocks) - 1) / len(blocks)
    # The greater of the two: with few views the robust one is itself uncertain.
    stretch = np.sqrt(np.maximum(np.diag(robust), np.diag(plain)) / np.maximum(np.diag(plain), 1e-300))
    covariance = np.zeros((len(mask), len(mask)))
    covariance[np.ix_(mask, mask)] = plain * np.outer(stretch, stretch)
    return covariance
