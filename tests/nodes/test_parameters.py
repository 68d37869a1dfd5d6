import os
from dataclasses import dataclass

import pytest
import rclpy
from rclpy.parameter import Parameter

from cairn.hardware.errors import CairnError
from cairn.hardware.setting import InvalidSetting, check_settings, setting
from cairn.nodes.parameters import NodeParameters

os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


@dataclass(frozen=True)
class ArmSettings:
    reach: float = setting("largest reach [m]", 0.5, minimum=0.1, maximum=2.0)
    margin: float = setting("kept free of the reach [m]", 0.1, minimum=0.0, maximum=1.0)
    joints: int = setting("number of joints", 6, minimum=1, maximum=7, fixed=True)
    side: str = setting("where it is mounted", "left", choices=("left", "right"))
    home: tuple[float, ...] = setting("home pose [rad]", (0.0, 0.5))

    def __post_init__(self) -> None:
        check_settings(self)
        if self.margin >= self.reach:
            raise CairnError(f"margin must be below reach {self.reach}, got {self.margin}")


@pytest.fixture
def make_node():
    context = rclpy.Context()
    rclpy.init(context=context)
    nodes = []

    def make(**given):
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        nodes.append(rclpy.create_node("arm", context=context, parameter_overrides=overrides))
        return nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()
    rclpy.shutdown(context=context)


def test_declares_every_setting_with_range_and_description(make_node):
    node = make_node(reach=1.5)
    parameters = NodeParameters(node, ArmSettings)

    assert parameters.value == ArmSettings(reach=1.5)
    assert list(node.get_parameter("home").value) == [0.0, 0.5]
    reach = node.describe_parameter("reach")
    assert reach.description == "largest reach [m]"
    assert (reach.floating_point_range[0].from_value, reach.floating_point_range[0].to_value) == (0.1, 2.0)
    assert node.describe_parameter("side").additional_constraints == "one of left, right"
    assert node.describe_parameter("joints").read_only


def test_a_whole_number_is_fine_for_a_float(make_node):
    assert NodeParameters(make_node(reach=1), ArmSettings).value.reach == 1.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"reach": 5.0},
            r"parameter reach: expected float from 0\.1 to 2, got 5\.0 \(float\); largest reach",
        ),
        ({"reach": "far"}, r"expected float from 0\.1 to 2, got 'far' \(str\)"),
        ({"joints": 6.0}, r"parameter joints: expected int from 1 to 7, got 6\.0 \(float\)"),
        ({"side": "top"}, "expected str one of left, right, got 'top'"),
        ({"raech": 1.0}, "unknown parameter raech; valid are reach, margin, joints, side, home"),
        ({"margin": 0.9}, r"margin must be below reach 0\.5, got 0\.9"),
    ],
)
def test_a_bad_start_is_refused_with_what_is_valid(make_node, given, message):
    with pytest.raises(CairnError, match=message):
        NodeParameters(make_node(**given), ArmSettings)


def test_a_setting_without_default_must_be_given(make_node):
    @dataclass(frozen=True)
    class WorldSettings:
        seed: int = setting("draws the world", minimum=0)

    with pytest.raises(InvalidSetting, match=r"seed must be given: draws the world \(int at least 0\)"):
        NodeParameters(make_node(), WorldSettings)


def set_one(node, name, value):
    return node.set_parameters([Parameter(name, value=value)])[0]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("reach", 5.0, "out of range"),
        ("reach", float("nan"), "out of range"),
        ("reach", "far", "Wrong parameter type"),
        ("side", "top", "expected str one of left, right, got 'top'"),
        ("joints", 5, "read-only"),
        ("margin", 0.6, "margin must be below reach 0.5, got 0.6; the old value is kept"),
    ],
)
def test_a_bad_change_is_refused_and_the_old_value_kept(make_node, name, value, reason):
    node = make_node()
    changes = []
    parameters = NodeParameters(node, ArmSettings, changes.append)

    result = set_one(node, name, value)

    assert not result.successful
    assert reason in result.reason
    assert parameters.value == ArmSettings()
    assert node.get_parameter(name).value == getattr(ArmSettings(), name)
    assert changes == []


def test_a_good_change_is_told_and_kept(make_node):
    node = make_node()
    changes = []
    parameters = NodeParameters(node, ArmSettings, changes.append)

    assert set_one(node, "home", [1.0, 2.0]).successful
    assert parameters.value == ArmSettings(home=(1.0, 2.0))
    assert changes == [parameters.value]


def test_a_group_is_applied_as_a_whole_or_not_at_all(make_node):
    node = make_node()
    parameters = NodeParameters(node, ArmSettings)

    good = [Parameter("margin", value=0.9), Parameter("reach", value=1.0)]
    assert node.set_parameters_atomically(good).successful
    assert parameters.value == ArmSettings(reach=1.0, margin=0.9)
    bad = [Parameter("margin", value=0.05), Parameter("side", value="top")]
    assert not node.set_parameters_atomically(bad).successful
    assert parameters.value == ArmSettings(reach=1.0, margin=0.9)


def test_the_component_may_refuse_a_change(make_node):
    def refuse(settings):
        raise CairnError("not while it moves")

    node = make_node()
    parameters = NodeParameters(node, ArmSettings, refuse)

    assert set_one(node, "reach", 1.0).reason == "not while it moves; the old value is kept"
    assert parameters.value == ArmSettings()
