"""Conversions and comparisons that the tests of formats share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cairn.episodes.conversion import Conversion, ConversionOptions, convert_source
from cairn.episodes.conversion_report import ConversionReport
from cairn.episodes.open_trajectories import find_sources
from cairn.episodes.step import Step


def convert(source: Path, target: Path, kind: str, **options: Any) -> ConversionReport:
    """Convert in this process."""
    with Conversion(find_sources(source), target, ConversionOptions(kind, **options)) as conversion:
        report = ConversionReport.of(convert_source(job) for job in conversion.jobs)
        conversion.complete(report)
    return report


def assert_same(found: list[Step], expected: list[Step]) -> None:
    """Every field, stamps and poses as far as their number formats go."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.stamp == pytest.approx(other.stamp, abs=1e-6)
        np.testing.assert_allclose(one.pose, other.pose, atol=1e-9)
        assert one.jpeg == other.jpeg
        np.testing.assert_array_equal(one.image, other.image)
        for name in ("velocity", "command", "collision", "imu", "gps"):
            assert getattr(one, name) == getattr(other, name), name
        if other.lidar is None:
            assert one.lidar is None
        else:
            np.testing.assert_array_equal(one.lidar, other.lidar)
