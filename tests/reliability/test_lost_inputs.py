"""Rows 1, 2, 3 and 6: what is needed to drive ceases, repeats or lies about its time."""

import time

import pytest
from cairn_interfaces.msg import GateStatus


def assert_resumes_only_after_five_images(rig):
    sent, since = rig.camera.sent, time.monotonic()
    rig.until(
        lambda: any(one.arrived > since and one.linear != 0 for one in rig.heard.commands), "it resumes"
    )
    assert rig.camera.sent - sent >= 5


def test_row_1_the_camera_stops(rig, measured):
    rig.drive()
    rig.camera.on = False
    last_image = rig.camera.last_sent

    stopped = rig.first_zero(after=last_image)
    alarmed = rig.first_error(after=last_image)
    rig.run(0.5)

    late = rig.lateness_ms(last_image)
    assert not rig.is_moving
    assert rig.status.reason.startswith("camera silent for")
    assert rig.status.state == GateStatus.STOPPED
    measured.at_most(1, "camera stops → zero", 1000 * (stopped - last_image), 200, late)
    measured.at_most(1, "camera stops → ERROR diagnostic", 1000 * (alarmed - last_image), 200, late)
    rig.camera.on = True
    assert_resumes_only_after_five_images(rig)


def test_row_1_odometry_stops(rig, measured):
    rig.drive()
    rig.odometry.on = False
    last = rig.odometry.last_sent

    stopped = rig.first_zero(after=last)

    measured.at_most(1, "odometry stops → zero", 1000 * (stopped - last), 200, rig.lateness_ms(last))
    rig.until(lambda: rig.status.reason.startswith("odometry silent for"), "the gate says so")


def test_row_2_the_camera_freezes_with_new_stamps(rig, measured):
    rig.drive()
    rig.frozen = True
    sent = rig.camera.sent
    rig.until(lambda: rig.camera.sent > sent + 1, "the first picture is repeated")
    first_repeat = rig.camera.last_sent

    stopped = rig.first_zero(after=first_repeat)

    measured.at_most(
        2, "camera frozen → zero", 1000 * (stopped - first_repeat), 250, rig.lateness_ms(first_repeat)
    )
    rig.run(0.5)
    assert not rig.is_moving
    assert "camera frozen" in rig.status.reason
    rig.frozen = False
    assert_resumes_only_after_five_images(rig)


@pytest.mark.parametrize(
    ("offset", "counter", "what"),
    [
        (-1.0, "rejected_stale", "1 s old"),
        (1.0, "rejected_future", "1 s in the future"),
        (-0.4, "rejected_backward", "jump back"),
    ],
)
def test_row_3_image_stamps_lie(rig, measured, offset, counter, what):
    rig.drive()
    last_good = rig.camera.last_sent
    rig.stamp_offset["camera"] = offset

    stopped = rig.first_zero(after=last_good)
    late = rig.lateness_ms(last_good)

    measured.at_most(3, f"image stamps {what} → zero", 1000 * (stopped - last_good), 200, late)
    rig.until(lambda: getattr(rig.status, counter) >= 5, f"{counter} grows")
    rig.stamp_offset["camera"] = 0.0
    assert_resumes_only_after_five_images(rig)


def test_row_6_the_policy_stalls(rig, measured):
    rig.drive()
    rig.policy.on = False
    last = rig.policy.last_sent

    stopped = rig.first_zero(after=last)
    rig.run(1.0)

    assert not rig.is_moving
    assert rig.status.reason.startswith("policy silent for")
    measured.at_most(6, "policy stalls → zero", 1000 * (stopped - last), 150, rig.lateness_ms(last))
    after = [one for one in rig.heard.commands if one.arrived > stopped]
    assert len(after) > 30, "silence in must be zeros out, not silence"
    rig.policy.on = True
    rig.first_motion(after=time.monotonic())
