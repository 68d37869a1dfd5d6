"""The description of the WidowX 250s, in the conventions of its motors."""

from math import degrees, inf, nan
from pathlib import Path

import pytest

from cairn.hardware.arm.arm_model import ArmJoint, ArmModel
from cairn.hardware.arm.widowx_250s import JOINTS, description, widowx_250s
from cairn.hardware.errors import CairnError


def test_its_limits_are_those_of_the_robot():
    model = widowx_250s()
    assert model.joint_names == JOINTS
    limits = [(round(degrees(joint.lower)), round(degrees(joint.upper))) for joint in model.joints]
    assert limits == [(-180, 180), (-108, 114), (-123, 92), (-180, 180), (-100, 123), (-180, 180)]
    assert all(joint.velocity == pytest.approx(3.14, abs=0.01) for joint in model.joints)
    assert max(joint.effort for joint in model.joints) < 10
    assert (model.closed, model.opened) == pytest.approx((0.03, 0.074))


def test_its_meshes_are_there():
    meshes = {mesh.get("filename", "") for mesh in description().iter("mesh")}
    assert len(meshes) >= 9
    assert all(Path(mesh).is_file() for mesh in meshes)


def test_positions_are_clamped_one_by_one_and_none_may_be_missing_or_mad():
    model = widowx_250s()
    assert model.clamp([9.0, -9.0, 0.0, 0.0, 0.0, 0.1])[1:] == pytest.approx(
        (model.joints[1].lower, 0.0, 0.0, 0.0, 0.1)
    )
    for bad in ([0.0] * 5, [0.0] * 5 + [nan], [inf] + [0.0] * 5):
        with pytest.raises(CairnError, match="wx250s has 6 joints, each needs a finite position"):
            model.clamp(bad)
    with pytest.raises(CairnError, match=r"shoulder can't stand at 3\.000 rad; valid is -1\.885 to 1\.990"):
        model.check([0.0, 3.0, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((1.0, -1.0, 1.0, 1.0), "lower < upper"),
        ((-1.0, 1.0, 0.0, 1.0), "limit of velocity"),
        ((-1.0, nan, 1.0, 1.0), "upper"),
    ],
)
def test_joints_that_can_not_be_are_refused(fields, words):
    with pytest.raises(CairnError, match=words):
        ArmJoint("waist", *fields)


def test_a_gripper_that_can_not_close_is_refused():
    with pytest.raises(CairnError, match="expected 0 <= closed < opened"):
        ArmModel("arm", (ArmJoint("waist", -1.0, 1.0, 1.0, 1.0),), 0.08, 0.03, (0.0,))
