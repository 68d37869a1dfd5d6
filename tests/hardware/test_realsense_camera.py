from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

rs = pytest.importorskip("pyrealsense2", reason="needs pyrealsense2 and libusb-1.0", exc_type=ImportError)

from camera_contract import PATIENCE, CameraContract, CameraRig, read_to_the_end  # noqa: E402
from software_realsense import HEIGHT, RATE, SERIAL, WIDTH, SoftwareRealSense, record  # noqa: E402

from cairn.hardware.camera import CameraLost  # noqa: E402
from cairn.hardware.errors import CairnError  # noqa: E402
from cairn.hardware.realsense_camera import RealSenseCamera  # noqa: E402
from cairn.hardware.realsense_clock import RealSenseClock  # noqa: E402

PROFILE = {"width": WIDTH, "height": HEIGHT, "rate": RATE}


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("realsense") / "master.db3", seconds=1.5, silence=1.0)


@pytest.fixture
def recording(master: Path, tmp_path: Path) -> Path:
    """A copy of its own: librealsense keeps one device per file."""
    return Path(shutil.copy(master, tmp_path / "camera.db3"))


class TestRecordingContract(CameraContract):
    """A recording in place of a device."""

    @pytest.fixture
    def rig(self, recording: Path) -> CameraRig:
        # The recording itself falls silent after its frames.
        return CameraRig(RealSenseCamera(recording=recording, **PROFILE), stall=lambda: None)


class TestDeviceContract(CameraContract):
    """Found by serial among the context's devices, as a camera on USB is."""

    @pytest.fixture
    def rig(self, recording: Path) -> CameraRig:
        context = rs.context()
        # A context knows a device only as long as somebody holds it.
        held = [context.load_device(str(recording))]

        def unplug() -> None:
            context.unload_device(str(recording))
            held.clear()

        def plug() -> None:
            held.append(context.load_device(str(recording)))

        return CameraRig(
            RealSenseCamera(SERIAL, context=context, **PROFILE),
            unplug=unplug,
            plug=plug,
        )


def test_frames_are_rgb_and_in_order_to_the_end(recording: Path) -> None:
    camera = RealSenseCamera(recording=recording, **PROFILE)
    camera.start()
    frame = camera.read(PATIENCE)
    assert frame.image[..., 1:].max() == 0
    later = camera.read(PATIENCE)
    assert int(later.image[0, 0, 0]) - int(frame.image[0, 0, 0]) == later.sequence - frame.sequence
    with pytest.raises(CameraLost, match=r"recording .*camera.db3 has ended"):
        read_to_the_end(camera, PATIENCE)
    camera.stop()


def test_a_missing_serial_is_refused_with_those_present(recording: Path) -> None:
    context = rs.context()
    held = context.load_device(str(recording))
    with pytest.raises(CameraLost, match=f"no RealSense has serial 42; present: {SERIAL}"):
        RealSenseCamera("42", context=context).start()
    del held


def test_no_camera_at_all_is_told() -> None:
    with pytest.raises(CameraLost, match="expected a RealSense with serial 42, found none"):
        RealSenseCamera("42").start()


def test_a_profile_that_the_sensor_lacks_is_refused_with_those_it_has(recording: Path) -> None:
    camera = RealSenseCamera(recording=recording, width=640, height=480, rate=60)
    with pytest.raises(CairnError, match="no colour profile 640x480@60; valid: 64x48@30"):
        camera.start()


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraLost, match="which is no file"):
        RealSenseCamera(recording=tmp_path / "absent.db3").start()
    (tmp_path / "text.db3").write_text("no recording")
    with pytest.raises(CairnError, match=r"expected a RealSense recording .*text\.db3"):
        RealSenseCamera(recording=tmp_path / "text.db3").start()


class TestClock:
    """Real frames of a software sensor, whose stamps and metadata the test sets."""

    @pytest.fixture
    def camera(self) -> Iterator[SoftwareRealSense]:
        made = SoftwareRealSense()
        made.sensor.open(made.profile)
        self.queue = rs.frame_queue(10)
        made.sensor.start(self.queue)
        yield made
        made.sensor.stop()
        made.sensor.close()

    def frame(self, camera: SoftwareRealSense, stamp: float, domain: rs.timestamp_domain, **metadata: int):  # type: ignore[no-untyped-def]
        camera.emit(next(self.numbers), stamp, domain, **metadata)
        return self.queue.wait_for_frame(1000)

    numbers = itertools.count()

    @pytest.mark.parametrize("domain", [rs.timestamp_domain.global_time, rs.timestamp_domain.system_time])
    def test_system_stamps_are_taken_as_they_are(
        self, camera: SoftwareRealSense, domain: rs.timestamp_domain
    ) -> None:
        frame = self.frame(camera, 1000.0, domain)
        assert RealSenseClock(recording=False).stamp(frame, arrival=1000.02) == pytest.approx(1000.0)

    def test_hardware_stamps_are_mapped(self, camera: SoftwareRealSense) -> None:
        clock = RealSenseClock(recording=False)
        hardware = rs.timestamp_domain.hardware_clock
        first = clock.stamp(self.frame(camera, 5.0, hardware), arrival=1000.0)
        late = clock.stamp(self.frame(camera, 5.1, hardware), arrival=1000.3)
        assert first == pytest.approx(1000.0)
        assert late == pytest.approx(1000.1)

    def test_a_recordings_stamps_are_mapped_whatever_their_domain(self, camera: SoftwareRealSense) -> None:
        frame = self.frame(camera, 5.0, rs.timestamp_domain.global_time)
        assert RealSenseClock(recording=True).stamp(frame, arrival=1000.0) == pytest.approx(1000.0)

    def test_stamps_are_moved_to_mid_exposure(self, camera: SoftwareRealSense) -> None:
        frame = self.frame(
            camera, 1000.0, rs.timestamp_domain.global_time, frame_timestamp=58_000, sensor_timestamp=50_000
        )
        assert RealSenseClock(recording=False).stamp(frame, arrival=1000.02) == pytest.approx(999.992)

    def test_metadata_of_two_clocks_are_not_mixed(self, camera: SoftwareRealSense) -> None:
        frame = self.frame(
            camera, 1000.0, rs.timestamp_domain.global_time, frame_timestamp=9_000_000, sensor_timestamp=50
        )
        assert RealSenseClock(recording=False).stamp(frame, arrival=1000.02) == pytest.approx(1000.0)


def test_the_age_of_a_played_frame_is_small(recording: Path) -> None:
    camera = RealSenseCamera(recording=recording, **PROFILE)
    camera.start()
    for _ in range(10):
        frame = camera.read(PATIENCE)
        assert 0 <= time.time() - frame.stamp < 0.5
    camera.stop()
