"""RECON's HDF5, written, read, and attacked."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from conversions import assert_same, convert
from drive_bags import jpeg, write_drive, write_full_drive
from PIL import Image

from cairn.episodes.episode import Outcome
from cairn.episodes.open_trajectories import open_trajectories
from cairn.episodes.step_tally import DropReason
from cairn.hardware.errors import CairnError


def release_file(path: Path, length: int = 12) -> Path:
    """As far as is known what a file of the release looks like."""
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images/rgb_left", (length,), h5py.vlen_dtype(np.uint8))
        for number in range(length):
            images[number] = np.frombuffer(jpeg(number), np.uint8)
        file["jackal/position"] = np.arange(3.0 * length).reshape(length, 3) / 10
        file["jackal/yaw"] = np.linspace(0, 1, length)
        file["jackal/linear_velocity"] = np.full(length, 1.0)
        file["jackal/angular_velocity"] = np.full(length, 0.5)
        file["commands/linear_velocity"] = np.full(length, 1.25, np.float32)
        file["commands/angular_velocity"] = np.full(length, -1.0, np.float32)
        for flag in ("any", "physical", "close", "flipped", "stuck", "outside_geofence"):
            file[f"collision/{flag}"] = np.arange(length) == 3
        file["lidar"] = np.ones((length, 360))
        file["gps/latlong"] = np.full((length, 2), 37.5)
        file["gps/is_fixed"] = np.ones(length)
    return path


def test_every_field_survives_from_bag_to_hdf5_to_bag(tmp_path: Path) -> None:
    (source,) = open_trajectories(write_full_drive(tmp_path / "run"))
    expected = list(source.steps())
    assert (len(expected), expected[13].collision and expected[13].collision.flipped) == (16, True)
    assert expected[5].imu is not None
    assert expected[5].imu.compass_bearing == 91.25
    convert(tmp_path / "run", tmp_path / "hdf5", "recon")
    (stored,) = open_trajectories(tmp_path / "hdf5")
    assert_same(list(stored.steps()), expected)
    assert stored.tally.unread == set()
    convert(tmp_path / "hdf5", tmp_path / "bags", "bag", namespace="jackal")
    (again,) = open_trajectories(tmp_path / "bags")
    assert_same(list(again.steps()), expected)
    for trajectory in (stored, again):
        assert trajectory.info.camera == source.info.camera
        described = (trajectory.info.task, trajectory.info.operator, trajectory.info.outcome)
        assert described == ("to the shed", "ada", Outcome.SUCCESS)


def test_files_have_the_keys_and_shapes_of_the_release(tmp_path: Path) -> None:
    convert(write_full_drive(tmp_path / "run"), tmp_path / "hdf5", "recon")
    with h5py.File(tmp_path / "hdf5/run_first.hdf5") as file:
        # As the published loaders of GNM and ViNT read the release.
        position, yaw = file["jackal"]["position"][:, :2], file["jackal"]["yaw"][()]
        assert (position.shape, yaw.shape) == ((16, 2), (16,))
        picture = Image.open(BytesIO(file["images"]["rgb_left"][3]))
        np.testing.assert_array_equal(np.array(picture), np.array(Image.open(BytesIO(jpeg(3)))))
        assert file["lidar"].shape == (16, 360)
        assert file["collision/stuck"][()].tolist() == [number == 14 for number in range(16)]
        assert file["gps/latlong"].shape == (16, 2)
        assert file["commands/linear_velocity"][()].tolist() == [1.25] * 16


def test_what_a_bag_lacks_is_left_out(tmp_path: Path) -> None:
    convert(write_drive(tmp_path / "run", with_jpeg=True), tmp_path / "hdf5", "recon")
    with h5py.File(tmp_path / "hdf5/run.hdf5") as file:
        assert sorted(file) == ["cairn", "commands", "images", "jackal"]
    (trajectory,) = open_trajectories(tmp_path / "hdf5")
    step = next(iter(trajectory.steps()))
    assert (step.imu, step.gps, step.lidar, step.collision) == (None, None, None, None)


def test_a_file_of_the_release_is_read(tmp_path: Path) -> None:
    (trajectory,) = open_trajectories(release_file(tmp_path / "jackal_2019.hdf5"))
    steps = list(trajectory.steps())
    assert (trajectory.info.name, trajectory.info.expected_steps) == ("jackal_2019", 12)
    assert [step.stamp for step in steps] == [number / 4 for number in range(12)]
    assert steps[2].pose == pytest.approx((0.6, 0.7, 2 / 11))
    assert steps[2].jpeg == jpeg(2)
    assert steps[3].collision is not None
    assert all(steps[3].collision)
    assert steps[3].command is not None
    assert (steps[3].command.linear, steps[3].command.angular) == (1.25, -1.0)


def test_what_a_step_has_no_place_for_is_named(tmp_path: Path) -> None:
    path = release_file(tmp_path / "in/x.hdf5")
    with h5py.File(path, "r+") as file:
        file["images/rgb_right"] = np.zeros(12)
        file["android/illuminance"] = np.zeros(12)
        file["elsewhere"] = h5py.ExternalLink("secret.hdf5", "/")
    report = convert(tmp_path / "in", tmp_path / "out", "gnm")
    assert report.unread == ["android/illuminance", "images/rgb_right"]
    assert report.as_json()["unread"] == report.unread


def test_further_values_of_another_shape_are_named_and_columns_taken(tmp_path: Path) -> None:
    path = release_file(tmp_path / "x.hdf5")
    with h5py.File(path, "r+") as file:
        del file["lidar"], file["jackal/yaw"]
        file["lidar"] = np.ones((12, 7))
        file["jackal/yaw"] = np.linspace(0, 1, 12)[:, None]
    (trajectory,) = open_trajectories(path)
    steps = list(trajectory.steps())
    assert [step.pose.yaw for step in steps] == pytest.approx(np.linspace(0, 1, 12))
    assert steps[0].lidar is None
    assert trajectory.tally.unread == {"lidar"}


def test_images_of_a_fixed_length_are_read_too(tmp_path: Path) -> None:
    path = release_file(tmp_path / "x.hdf5")
    with h5py.File(path, "r+") as file:
        del file["images/rgb_left"]
        file["images/rgb_left"] = np.array([jpeg(number) for number in range(12)])
    (trajectory,) = open_trajectories(path)
    assert [step.jpeg for step in trajectory.steps()] == [jpeg(number) for number in range(12)]


def test_unusable_steps_are_left_out_and_counted(tmp_path: Path) -> None:
    path = release_file(tmp_path / "x.hdf5")
    with h5py.File(path, "r+") as file:
        file["jackal/yaw"][4] = np.nan
        file["images/rgb_left"][6] = np.frombuffer(b"no image", np.uint8)
        file["commands/linear_velocity"][7] = np.nan
    (trajectory,) = open_trajectories(path)
    steps = list(trajectory.steps())
    assert len(steps) == 10
    assert trajectory.tally.dropped == {DropReason.INVALID_ODOMETRY: 1, DropReason.CORRUPT_IMAGE: 1}
    assert [step.command is None for step in steps].count(True) == 1


def remove(key: str) -> Callable[[h5py.File], None]:
    def edit(file: h5py.File) -> None:
        del file[key]

    return edit


def put(key: str, value: object) -> Callable[[h5py.File], None]:
    def edit(file: h5py.File) -> None:
        if key in file:
            del file[key]
        file[key] = value

    return edit


def virtual(file: h5py.File) -> None:
    del file["jackal/yaw"]
    layout = h5py.VirtualLayout((12,), np.float64)
    layout[:] = h5py.VirtualSource("elsewhere.hdf5", "secret", (12,))
    file.create_virtual_dataset("jackal/yaw", layout)


def stored_outside(file: h5py.File) -> None:
    del file["jackal/yaw"]
    file.create_dataset("jackal/yaw", (12,), np.float64, external=[("/etc/passwd", 0, 96)])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (remove("jackal/position"), "has no jackal/position; expected images/rgb_left, jackal/position"),
        (remove("images"), "has no images/rgb_left"),
        (put("jackal/position", np.zeros((5, 3))), r"expected jackal/position of shape \(12, 3\)"),
        (put("jackal/yaw", np.array([b"x"] * 12)), "numbers, got"),
        (put("images/rgb_left", np.zeros((12, 48, 64, 3))), r"shape \(T,\), one JPEG a step"),
        (put("images/rgb_left", h5py.Empty("f4")), "one JPEG a step, got None"),
        (put("jackal/yaw", h5py.ExternalLink("elsewhere.hdf5", "/secret")), "yaw is a ExternalLink; links"),
        (put("jackal", h5py.ExternalLink("elsewhere.hdf5", "/")), "position is a ExternalLink"),
        (put("jackal/yaw", h5py.SoftLink("/lidar")), "is a SoftLink; links are not followed"),
        (virtual, "keeps its data in other files"),
        (stored_outside, "keeps its data in other files"),
    ],
)
def test_wrong_and_hostile_files_are_refused(
    tmp_path: Path, edit: Callable[[h5py.File], None], words: str
) -> None:
    path = release_file(tmp_path / "x.hdf5")
    with h5py.File(path, "r+") as file:
        edit(file)
    with pytest.raises(CairnError, match=words):
        list(open_trajectories(path))


@pytest.mark.parametrize(
    "text", ["[", "[1]", '{"rate": "often"}', '{"camera": {"width": 3}}', '{"outcome": "?"}']
)
def test_a_wrong_description_is_refused(tmp_path: Path, text: str) -> None:
    path = release_file(tmp_path / "x.hdf5")
    with h5py.File(path, "r+") as file:
        file.attrs["cairn"] = text
    with pytest.raises(CairnError, match="attribute cairn"):
        list(open_trajectories(path))


def test_cut_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = release_file(tmp_path / "x.hdf5")
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(CairnError, match=r"x\.hdf5 is no HDF5 file that can be read"):
        list(open_trajectories(path))


def test_unknown_values_stay_unknown(tmp_path: Path) -> None:
    """Where only some steps know a value."""
    from cairn.episodes.formats.recon_writer import ReconWriter
    from cairn.episodes.quality_gate import JudgedStep

    (trajectory,) = open_trajectories(write_full_drive(tmp_path / "run"))
    steps = [
        step if number == 12 else replace(step, imu=None, gps=None, lidar=None, velocity=None, command=None)
        for number, step in enumerate(trajectory.steps())
    ]
    writer = ReconWriter(tmp_path, 95)
    writer.begin(trajectory.info, JudgedStep(steps[0], steps[0].image, False))
    for step in steps:
        writer.add(JudgedStep(step, step.image, False))
    writer.end()
    writer.close()
    (stored,) = open_trajectories(tmp_path / "run_first.hdf5")
    assert_same(list(stored.steps()), steps)
