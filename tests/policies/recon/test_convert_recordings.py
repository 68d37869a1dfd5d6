"""Recordings become frames once, at the policy's rate, through the lens they were taken with."""

from dataclasses import replace
from functools import partial
from math import pi
from pathlib import Path

import numpy as np
import pytest
from drive_bags import arc, lidar_ranges, scene, write_drive, write_full_drive
from PIL import Image

from cairn.episodes.formats.array_pickle import dump
from cairn.episodes.picture import Picture
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step import CollisionFlags, PlanarPose, Step
from cairn.evaluation.worker_pool import run_jobs
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.collect import BEAMS, LIDAR_LIMIT, beam_bearings
from cairn.policies.recon.convert_recordings import ConversionSettings, _at_rate, convert_recordings
from cairn.policies.recon.dataset import WorldFrames
from cairn.policies.recon.growing_array import GrowingArray
from cairn.policies.training.recording import Recording

VIEW = CylindricalView(width=64, height=16)
SETTINGS = ConversionSettings(VIEW)


def gnm_folder(path, steps=12):
    path.mkdir(parents=True)
    for number in range(steps):
        Image.fromarray(scene(number)).save(path / f"{number}.jpg")
    position = np.stack([0.25 * np.arange(steps), np.zeros(steps)], 1)
    dump({"position": position, "yaw": np.zeros(steps)}, path / "traj_data.pkl")
    return path


def test_a_bag_becomes_frames_at_four_hertz_seen_through_its_camera(tmp_path):
    bag = write_drive(tmp_path / "park", seconds=4.0)
    (drive,) = convert_recordings([Recording(bag, 3.0)], tmp_path / "work", SETTINGS)
    assert (drive.name, drive.frames, drive.scanned, drive.weight) == ("park", 17, 0, 3.0)
    frames = drive.load()
    assert frames.odometry
    assert frames.step.tolist() == list(range(17))
    assert (frames.session == 0).all()
    camera = CameraModel(64, 48, 50.0, 51.0, 32.0, 24.0)
    for number in range(17):
        # Pictures are taken at 10 Hz: the nearest one is at most a tenth of a second off.
        shown = [VIEW(scene(k), camera) for k in range(41)]
        best = min(range(41), key=lambda k: np.abs(frames.image[number].astype(int) - shown[k]).sum())
        assert abs(best / 10 - number / 4) <= 0.1001
        assert (frames.image[number] == shown[best]).all()
        assert frames.pose[number] == pytest.approx(arc(best / 10), abs=1e-3)
        assert frames.twist[number, 0] == 1.0
        assert frames.twist[number, 1] == pytest.approx(best / 10, abs=0.051)
    assert np.isnan(frames.lidar).all()
    assert np.isnan(frames.clearance).all()


def test_scans_are_resampled_to_the_policys_beams(tmp_path):
    bag = write_full_drive(tmp_path / "full", steps=14)
    (drive,) = convert_recordings([Recording(bag)], tmp_path / "work", SETTINGS)
    assert drive.scanned == drive.frames == 14
    frames = drive.load()
    degrees = np.round(np.degrees(beam_bearings())).astype(int) % 360
    expected = lidar_ranges(2)[degrees]
    expected[~np.isfinite(expected)] = LIDAR_LIMIT
    assert frames.lidar[2] == pytest.approx(expected, abs=0.01)
    assert (frames.clearance[2] <= frames.lidar[2]).all()
    assert frames.clearance.shape == (14, BEAMS)
    assert frames.collided.tolist() == [False] * 11 + [True] * 3


def test_what_was_converted_is_kept_until_the_recording_or_the_lens_changes(tmp_path):
    bag, work = write_drive(tmp_path / "park", seconds=2.0), tmp_path / "work"
    (first,) = convert_recordings([Recording(bag)], work, SETTINGS)
    image = first.directory / "image.npy"
    written = image.stat().st_mtime_ns
    seen = []
    report = lambda done, total: seen.append((done, total))  # noqa: E731
    (again,) = convert_recordings([Recording(bag)], work, SETTINGS, report)
    assert again == first
    assert image.stat().st_mtime_ns == written
    assert seen == [(1, 1)]
    (other,) = convert_recordings([Recording(bag)], work, replace(SETTINGS, camera_fov=90.0))
    assert other.directory != first.directory
    (bag / "note.txt").write_text("changed")
    (changed,) = convert_recordings([Recording(bag)], work, SETTINGS)
    assert changed.directory != first.directory
    assert len(list(work.iterdir())) == 3


def test_several_processes_make_the_frames_that_one_does(tmp_path):
    bags = tmp_path / "bags"
    write_drive(bags / "park", seconds=3.0)
    write_full_drive(bags / "yard", steps=12)
    two = partial(run_jobs, jobs=2, finish_on_interrupt=True)
    seen = []
    found = convert_recordings(
        [Recording(bags)], tmp_path / "two", SETTINGS, lambda *done: seen.append(done), fan_out=two
    )
    assert seen == [(0, 2), (1, 2), (2, 2)]
    expected = convert_recordings([Recording(bags)], tmp_path / "one", SETTINGS)
    assert [(drive.name, drive.frames) for drive in found] == [("park", 13), ("yard_first", 12)]
    for drive, one in zip(found, expected, strict=True):
        assert (drive.load().image == one.load().image).all()
        assert (drive.load().pose == one.load().pose).all()


def test_a_conversion_that_is_stopped_keeps_what_is_done(tmp_path):
    bags, work = tmp_path / "bags", tmp_path / "work"
    for name in ("first", "second"):
        write_drive(bags / name, seconds=1.0)
    (kept,) = convert_recordings([Recording(bags)], work, SETTINGS, should_stop=lambda: True)
    assert kept.source.name == "first"
    assert len(list(work.iterdir())) == 1
    assert [drive.source.name for drive in convert_recordings([Recording(bags)], work, SETTINGS)] == [
        "first",
        "second",
    ]


def test_a_recording_without_intrinsics_needs_an_assumed_lens(tmp_path):
    folder, work = gnm_folder(tmp_path / "gnm" / "walk"), tmp_path / "work"
    with pytest.raises(CairnError, match=r"which lens walk in .*give --camera-fov DEGREES to assume"):
        convert_recordings([Recording(folder)], work, SETTINGS)
    assert list(work.iterdir()) == []
    (drive,) = convert_recordings([Recording(folder)], work, replace(SETTINGS, camera_fov=100.0))
    frames = drive.load()
    assert drive.frames == 12
    # A folder of this kind has no commands: they follow from the poses.
    assert frames.twist[:-1] == pytest.approx(np.array([[1.0, 0.0]] * 11), abs=1e-5)


def step(stamp, hit=False, after_gap=False):
    flags = CollisionFlags(any=True) if hit else None
    made = Step(stamp, Picture.of(scene(0)), PlanarPose(stamp, 0.0, 0.0), collision=flags)
    return JudgedStep(made, made.image, after_gap)


def test_faster_recordings_are_thinned_and_gaps_and_collisions_are_seen():
    steps = [step(k / 10, hit=k == 6) for k in range(21)] + [step(9.0, after_gap=True), step(9.25)]
    got = list(_at_rate(iter(steps), 10.0))
    stamps = [now.step.stamp for now, _, _ in got]
    assert np.diff(stamps[:-2]) == pytest.approx(0.25, abs=0.0501)
    assert stamps[-2:] == [9.0, 9.25]
    gaps = [now.step.stamp for now, following, _ in got if following is None]
    assert gaps == [2.0, 9.25]
    bumped = [now.step.stamp for now, _, collided in got if collided]
    assert len(bumped) == 1
    assert 0.6 <= bumped[0] < 0.9


def test_where_odometry_jumps_a_drive_is_interrupted_and_the_loss_counted(tmp_path):
    folder = gnm_folder(tmp_path / "walk")
    position = np.stack([0.25 * np.arange(12) + 50.0 * (np.arange(12) >= 5), np.zeros(12)], 1)
    dump({"position": position, "yaw": np.zeros(12)}, folder / "traj_data.pkl")
    (drive,) = convert_recordings([Recording(folder)], tmp_path / "work", replace(SETTINGS, camera_fov=90.0))
    assert (drive.frames, drive.dropped) == (11, 1)
    frames = drive.load()
    assert frames.session.tolist() == [0] * 5 + [1] * 6
    assert frames.step.tolist() == [*range(5), *range(6)]


def test_a_recording_too_short_to_learn_from_has_no_frames(tmp_path):
    folder = gnm_folder(tmp_path / "blink", steps=1)
    (drive,) = convert_recordings([Recording(folder)], tmp_path / "work", replace(SETTINGS, camera_fov=90.0))
    assert (drive.name, drive.frames, drive.dropped) == ("blink", 0, 1)


def test_the_same_recording_twice_is_refused(tmp_path):
    bag = write_drive(tmp_path / "park", seconds=1.0)
    with pytest.raises(CairnError, match="1 recordings were given twice"):
        convert_recordings([Recording(bag), Recording(tmp_path / "park")], tmp_path / "work", SETTINGS)


def test_weights_are_parsed_and_checked(tmp_path):
    assert Recording.parse("bags/park") == Recording(Path("bags/park"), 1.0)
    assert Recording.parse("bags/park=2.5").weight == 2.5
    odd = tmp_path / "day=3"
    odd.mkdir()
    assert Recording.parse(str(odd)) == Recording(odd, 1.0)
    for text in ("park=much", "park=0", "park=-1", "park=nan", "park=inf"):
        with pytest.raises(CairnError, match=r"PATH=WEIGHT|weight of park must be positive"):
            Recording.parse(text)


def test_damaged_frames_are_named(tmp_path):
    bag = write_drive(tmp_path / "park", seconds=2.0)
    (drive,) = convert_recordings([Recording(bag)], tmp_path / "work", SETTINGS)
    pose = drive.directory / "pose.npy"
    pose.write_bytes(pose.read_bytes()[:-4])
    with pytest.raises(CairnError, match="is not a folder of converted frames"):
        WorldFrames.open(drive.directory)


def test_an_array_grows_on_disk_and_is_plain_npy(tmp_path):
    with GrowingArray(tmp_path / "a.npy", "float32", (2,)) as array:
        for k in range(1234):
            array.append((k, pi))
        with pytest.raises(CairnError, match=r"takes rows of \(2,\), got \(3,\)"):
            array.append((1, 2, 3))
    read = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert (read.shape, read.dtype) == ((1234, 2), np.float32)
    assert read[:, 0].tolist() == list(range(1234))
