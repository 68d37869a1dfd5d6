"""Bags as trajectories: what is aligned with what, and what is left out."""

from pathlib import Path

import numpy as np
import pytest
from drive_bags import (
    SECOND,
    START,
    TYPES,
    DriveBag,
    arc,
    compressed,
    header,
    image,
    jpeg,
    make,
    odometry,
    scene,
    twist_stamped,
    write_drive,
)

from cairn.episodes.alignment import Alignment, Method, StreamAlignment
from cairn.episodes.bag_error import BagError
from cairn.episodes.episode import Outcome, Verdict
from cairn.episodes.open_trajectories import ReadingOptions, open_trajectories
from cairn.episodes.picture import PictureError
from cairn.episodes.step_tally import DropReason


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


def episodes_bag(bag: Path) -> Path:
    """Three episodes of 2 s, each with 8 steps: kept, discarded and undecided, with 1 s between them."""
    writer = DriveBag(bag)
    for number in range(36):
        stamp = START + number * SECOND // 4
        if number % 12 == 2:
            writer.event(stamp, 0, episode=f"to/{number}", task="shed", operator_name="ada")
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4)))
        if number % 12 == 9:
            kind = {9: 1, 21: 2, 33: 4}[number]
            writer.event(stamp, kind)
    writer.close()
    return bag


def test_kept_episodes_are_read_unless_others_are_asked_for(tmp_path: Path) -> None:
    bag = episodes_bag(tmp_path / "run")
    (kept,) = open_trajectories(bag)
    assert (kept.info.name, kept.info.task, kept.info.operator) == ("run_to_2", "shed", "ada")
    steps = list(kept.steps())
    assert [round((step.stamp - START / SECOND) * 4) for step in steps] == list(range(2, 10))
    everything = list(open_trajectories(bag, ReadingOptions(include=list(Verdict))))
    assert [found.info.name for found in everything] == ["run_to_2", "run_to_14", "run_to_26"]
    assert everything[2].info.outcome is Outcome.FAILURE
    assert [len(list(found.steps())) for found in everything] == [8, 8, 8]
    (undecided,) = open_trajectories(bag, ReadingOptions(include=[Verdict.UNDECIDED]))
    assert undecided.info.name == "run_to_26"


def test_steps_can_be_read_again_and_side_by_side(tmp_path: Path) -> None:
    (trajectory,) = open_trajectories(write_drive(tmp_path / "run"))
    first = [step.stamp for step in trajectory.steps()]
    pairs = list(zip(trajectory.steps(), trajectory.steps(), strict=True))
    assert [one.stamp for one, _ in pairs] == [other.stamp for _, other in pairs] == first


def test_a_contact_between_two_steps_is_not_missed(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    for tick in range(201):
        stamp = START + tick * SECOND // 100
        if tick % 25 == 0:
            writer.write("sensors/camera/image", "image", stamp, image(stamp, tick))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(tick / 100)))
        state = make(TYPES["collision"], header=header(stamp), any=tick == 110, physical=tick == 110)
        writer.write("simulation/collision", "collision", stamp, state)
    writer.close()
    (trajectory,) = open_trajectories(tmp_path / "run")
    touched = [step.collision is not None and step.collision.physical for step in trajectory.steps()]
    assert touched == [False] * 5 + [True] + [False] * 3


def test_streams_that_come_late_are_still_aligned(tmp_path: Path) -> None:
    """Logged half a second after the image, stamped as the image."""
    writer = DriveBag(tmp_path / "run")
    for number in range(20):
        stamp = START + number * SECOND // 4
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        message = odometry(stamp, arc(number / 4))
        writer.write("platform/odom/filtered", "odometry", stamp + SECOND // 2, message)
    writer.close()
    (trajectory,) = open_trajectories(tmp_path / "run")
    steps = list(trajectory.steps())
    np.testing.assert_allclose([step.pose for step in steps], [arc(n / 4) for n in range(20)], atol=1e-9)


def test_a_required_stream_drops_the_steps_it_misses(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    for number in range(12):
        stamp = START + number * SECOND // 4
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4)))
        if number % 3 == 0:
            fix = make(TYPES["fix"], header=header(stamp), latitude=37.0, longitude=8.0)
            writer.write("sensors/gps_0/fix", "fix", stamp, fix)
    writer.close()
    (all_steps,) = open_trajectories(tmp_path / "run")
    assert len(list(all_steps.steps())) == 12
    alignment = Alignment(streams={"gps": StreamAlignment(Method.DROP, 0.1)})
    (trajectory,) = open_trajectories(tmp_path / "run", ReadingOptions(alignment))
    assert len(list(trajectory.steps())) == 4
    assert trajectory.tally.dropped == {DropReason.UNSYNCHRONISED: 8}


def test_a_damaged_image_is_told_to_who_looks_at_it(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    for number in range(4):
        stamp = START + number * SECOND // 4
        data = jpeg(number)[:600] if number == 2 else jpeg(number)
        writer.write("sensors/camera/image/compressed", "compressed", stamp, compressed(stamp, data))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(number / 4)))
    writer.close()
    (trajectory,) = open_trajectories(tmp_path / "run")
    steps = list(trajectory.steps())
    assert steps[1].image.shape == (48, 64, 3)
    with pytest.raises(PictureError, match="jpeg image"):
        _ = steps[2].image


def test_a_bag_without_the_topics_is_refused(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    writer.write("sensors/camera/image", "image", START, image(START, 0))
    writer.close()
    with pytest.raises(BagError, match=r"no topic .* for the odometry; the bag has /sensors/camera/image\."):
        list(open_trajectories(tmp_path / "run"))


def test_values_that_are_not_finite_are_unknown(tmp_path: Path) -> None:
    writer = DriveBag(tmp_path / "run")
    for number in range(4):
        stamp = START + number * SECOND // 4
        writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        message = odometry(stamp, arc(number / 4), float("nan") if number == 1 else 1.0)
        writer.write("platform/odom/filtered", "odometry", stamp, message)
        linear = float("inf") if number == 2 else 1.0
        writer.write("cmd_vel", "twist_stamped", stamp, twist_stamped(stamp, linear, 0.0))
        fix = make(TYPES["fix"], header=header(stamp), latitude=float("nan") if number == 3 else 37.0)
        writer.write("sensors/gps_0/fix", "fix", stamp, fix)
    writer.close()
    (trajectory,) = open_trajectories(tmp_path / "run")
    steps = list(trajectory.steps())
    assert [step.velocity is None for step in steps] == [False, True, False, False]
    assert [step.command is None for step in steps] == [False, False, True, False]
    assert [step.gps is None for step in steps] == [False, False, False, True]


def test_what_is_hidden_is_not_read(tmp_path: Path) -> None:
    write_drive(tmp_path / "bags/.run.unfinished-7")
    write_drive(tmp_path / "bags/whole")
    assert [found.info.name for found in open_trajectories(tmp_path / "bags")] == ["whole"]
