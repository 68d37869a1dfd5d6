"""Bags as trajectories: what is aligned with what, and what is left out."""

from pathlib import Path

import numpy as np
import pytest
from drive_bags import START, arc, jpeg, scene, write_drive

from cairn.episodes.alignment import Alignment
from cairn.episodes.open_trajectories import ReadingOptions, open_trajectories


def test_steps_come_at_the_rate_with_all_streams_at_the_stamp_of_the_image(tmp_path: Path) -> None:
    (trajectory,) = open_trajectories(write_drive(tmp_path / "run", seconds=4.0, camera_rate=20.0))
    info = trajectory.info
    assert (info.name, info.rate, info.expected_steps) == ("run", 4.0, 16)
    assert info.camera is not None
    assert (info.camera.fx, info.camera.fy, info.camera.width) == (50.0, 51.0, 64)
    steps = list(trajectory.steps())
    assert [step.stamp - START * 1e-9 for step in steps] == pytest.approx(np.arange(17) / 4, abs=1e-6)
    for number, step in enumerate(steps):
        moment = number / 4
        np.testing.assert_allclose(step.pose, arc(moment), atol=1e-4)
        assert step.velocity is not None
        assert step.command is not None
        assert (step.velocity.linear, step.velocity.angular) == pytest.approx((1.0, 0.5))
        assert step.command.angular == pytest.approx(moment, abs=0.051)
        np.testing.assert_array_equal(step.image, scene(5 * number))
        assert step.jpeg is None
    assert trajectory.tally.dropped.total() == 0
    assert trajectory.tally.worst_error["odometry"] <= 0.0101


def test_jpeg_is_handed_on_as_it_was_recorded(tmp_path: Path) -> None:
    options = ReadingOptions(Alignment(rate=10.0))
    (trajectory,) = open_trajectories(write_drive(tmp_path / "run", 1.0, with_jpeg=True), options)
    steps = list(trajectory.steps())
    assert [step.jpeg for step in steps] == [jpeg(number) for number in range(11)]
    assert steps[3].image.shape == (48, 64, 3)
