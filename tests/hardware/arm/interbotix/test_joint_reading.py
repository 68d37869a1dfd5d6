"""What xs_sdk says is believed only where it can be true."""

from __future__ import annotations

from math import nan, pi

import pytest

from cairn.hardware.arm.dynamixel.motor import XL430_W250, XM430_W350
from cairn.hardware.arm.interbotix.joint_reading import JointReader
from cairn.hardware.arm.interbotix.motor_kinds import motor_kinds
from cairn.hardware.arm.widowx_250s import widowx_250s
from cairn.hardware.errors import CairnError

MODEL = widowx_250s()
NAMES = (*MODEL.joint_names, "gripper", "left_finger", "right_finger")
KINDS = motor_kinds([1020, 1020, 1020, 1020, 1020, 1060, 1060], "here")


@pytest.fixture
def reader() -> JointReader:
    return JointReader(MODEL, KINDS)


def read(reader: JointReader, now: float = 0.0, names: tuple[str, ...] = NAMES, **changed: float):
    stand = dict(zip(NAMES, (*MODEL.neutral, 0.6, 0.026, -0.026), strict=True)) | changed
    return reader.read(names, [stand[name] for name in names], [0.0] * len(names), [269.0] * len(names), now)


def test_units_and_order(reader: JointReader) -> None:
    reading = read(reader, names=tuple(reversed(NAMES)))
    assert reading.positions == MODEL.neutral
    assert reading.opening == pytest.approx(0.5)
    # 100 units: 0.269 A of XM430-W350, twice where two share the load; a tenth of XL430-W250.
    one = 100 * XM430_W350.effort_unit
    assert reading.efforts == pytest.approx((one, 2 * one, 2 * one, one, one, 100 * XL430_W250.effort_unit))
    assert reading.grip == pytest.approx(0.1)


@pytest.mark.parametrize("joint", MODEL.joint_names)
def test_a_motor_that_was_not_read_is_noticed_at_once_and_for_ever(reader: JointReader, joint: str) -> None:
    read(reader)
    for now in (0.01, 1.0, 100.0):
        with pytest.raises(CairnError, match=rf"{joint} can't .*-3\.14 rad.*: its motor was not read"):
            read(reader, now, **{joint: -pi})
    assert read(reader, 100.01).positions == MODEL.neutral


def test_a_joint_may_move_as_fast_as_it_can(reader: JointReader) -> None:
    for step in range(100):
        read(reader, 0.01 * step, waist=0.0314 * step)


def test_what_is_no_message_of_this_arm_is_refused(reader: JointReader) -> None:
    with pytest.raises(CairnError, match="expected joint states of a WidowX 250s"):
        read(reader, names=NAMES[:-3])
    with pytest.raises(CairnError, match=r"got \[8, 9\] of waist"):
        reader.read(NAMES, [0.0] * 8, [0.0] * 9, [0.0] * 9, 0.0)
    for field in ("shoulder", "left_finger"):
        with pytest.raises(CairnError, match="expected finite joint states"):
            read(reader, **{field: nan})


def test_another_arms_motors_are_named() -> None:
    with pytest.raises(CairnError, match="whose shoulder is moved by a XM430-W350; got XM540-W270"):
        motor_kinds([1020, 1120, 1020, 1020, 1020, 1060, 1060], "here")
    assert motor_kinds([1020] * 5 + [1060, 1020], "here")["gripper"] is XM430_W350
