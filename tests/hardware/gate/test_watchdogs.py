import pytest

from cairn.hardware.gate.deadman import Deadman
from cairn.hardware.gate.emergency_stop import EmergencyStop
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.silence_watchdog import SilenceWatchdog
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.gate.watched_sensor import WatchedSensor


def feed(watchdog, times):
    for time in times:
        watchdog.feed(time)


def test_the_watchdog_trusts_only_after_a_row_of_messages():
    watchdog = SilenceWatchdog("camera", timeout=0.2, resume_after=3)

    assert watchdog.fault(0.0) == "camera not seen yet"
    feed(watchdog, [0.0, 0.1])
    assert watchdog.fault(0.1) == "camera resumes: 2 of 3 good messages"
    feed(watchdog, [0.2])
    assert watchdog.fault(0.2) is None


def test_silence_is_a_fault_until_a_new_row_of_messages():
    watchdog = SilenceWatchdog("camera", timeout=0.2, resume_after=3)
    feed(watchdog, [0.0, 0.1, 0.2])

    assert watchdog.fault(0.4) is None
    assert watchdog.fault(0.41) == "camera silent for 0.21 s"
    feed(watchdog, [0.5, 0.6])
    assert watchdog.fault(0.6) == "camera resumes: 2 of 3 good messages"
    feed(watchdog, [0.7])
    assert watchdog.fault(0.7) is None


def test_a_silence_that_no_one_asked_about_counts_too():
    watchdog = SilenceWatchdog("camera", timeout=0.2, resume_after=2)
    feed(watchdog, [0.0, 0.1, 1.0])

    assert watchdog.fault(1.0) == "camera resumes: 1 of 2 good messages"


def test_a_bad_message_breaks_the_row():
    watchdog = SilenceWatchdog("camera", timeout=0.2, resume_after=2)
    feed(watchdog, [0.0])
    watchdog.miss()
    feed(watchdog, [0.1])

    assert watchdog.fault(0.1) == "camera resumes: 1 of 2 good messages"


@pytest.fixture
def camera():
    return WatchedSensor("camera", StampFilter(0.5, 0.1), SilenceWatchdog("camera", 0.2, 3), frozen_after=5)


def at(time):
    return Instant(time, 1000.0 + time)


def show(camera, time, content):
    return camera.observe(1000.0 + time, at(time), content)


def test_the_fifth_equal_picture_means_a_frozen_camera(camera):
    rejections = [show(camera, 0.1 * k, 42) for k in range(5)]

    assert rejections == [None, None, None, None, Rejection.REPEATED]
    assert camera.fault(at(0.4)) == "camera frozen: 5 times the same content"


def test_a_frozen_camera_is_trusted_again_after_a_row_of_different_pictures(camera):
    for k in range(6):
        show(camera, 0.1 * k, 42)
    for k in range(6, 8):
        show(camera, 0.1 * k, k)
    assert camera.fault(at(0.7)) is not None

    show(camera, 0.8, 8)
    assert camera.fault(at(0.8)) is None


def test_four_equal_pictures_are_fine(camera):
    contents = [1, 1, 1, 1, 2, 2, 2, 2, 3]

    assert all(show(camera, 0.1 * k, content) is None for k, content in enumerate(contents))
    assert camera.fault(at(0.8)) is None


def test_rejected_stamps_do_not_feed_the_watchdog(camera):
    for k in range(3):
        show(camera, 0.1 * k, k)
    for k in range(3, 6):
        assert camera.observe(900.0, at(0.1 * k), k) is Rejection.STALE

    assert camera.fault(at(0.5)) == "camera silent for 0.30 s"


def test_the_deadman_needs_a_press_after_a_release():
    deadman = Deadman(timeout=0.4)

    assert deadman.fault(0.0) == "deadman switch not seen yet"
    deadman.update(True, 0.0)
    assert deadman.fault(0.0) == "deadman switch needs a fresh press"
    deadman.update(False, 0.1)
    assert deadman.fault(0.1) == "deadman switch not pressed"
    deadman.update(True, 0.2)
    assert deadman.fault(0.2) is None


def test_a_lost_deadman_needs_a_fresh_press_even_if_it_comes_back_pressed():
    deadman = Deadman(timeout=0.4)
    deadman.update(False, 0.0)
    deadman.update(True, 0.1)

    assert deadman.fault(0.51) == "deadman switch silent for 0.41 s"
    deadman.update(True, 0.6)
    assert deadman.fault(0.6) == "deadman switch needs a fresh press"


def test_the_emergency_stop_latches_until_released_and_armed():
    switch = EmergencyStop(timeout=0.0)
    switch.update(True, 0.0)
    switch.release()
    assert switch.is_latched

    switch.update(False, 0.1)
    assert switch.is_latched
    switch.release()
    assert not switch.is_latched


def test_a_watched_emergency_stop_must_keep_talking():
    switch = EmergencyStop(timeout=0.5)

    assert switch.silence(0.0) == "emergency stop switch not seen yet"
    switch.update(False, 0.0)
    assert switch.silence(0.5) is None
    assert switch.silence(0.61) == "emergency stop switch silent for 0.61 s"
    assert EmergencyStop(timeout=0.0).silence(1e9) is None


def test_a_loss_while_held_is_told_until_a_fresh_press_or_an_excuse():
    told = "the deadman switch was lost while it was held: press it afresh"
    for excuse in (False, True):
        deadman = Deadman(timeout=0.4)
        deadman.update(False, 0.0)
        assert deadman.lost(0.5) is None
        deadman.update(False, 0.6)
        deadman.update(True, 0.7)
        assert deadman.lost(1.0) is None
        assert deadman.lost(1.2) == told
        deadman.update(False, 1.3)
        assert deadman.lost(1.3) == told
        if excuse:
            deadman.excuse()
        else:
            deadman.update(True, 1.4)
        assert deadman.lost(1.4) is None
