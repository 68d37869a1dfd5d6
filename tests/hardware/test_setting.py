from dataclasses import dataclass

import pytest

from cairn.hardware.setting import InvalidSetting, check_names, check_settings, setting


@dataclass(frozen=True)
class LampSettings:
    brightness: float = setting("share of full power", 0.5, minimum=0.0, maximum=1.0)
    flashes: int = setting("flashes per second", 2, minimum=1)
    colour: str = setting("of the light", "red", choices=("red", "green"))
    position: tuple[float, ...] = setting("x, y, z in base_link [m]", (0.0, 0.0, 1.0))
    is_on: bool = setting("whether it shines", True)

    def __post_init__(self) -> None:
        check_settings(self)


def test_numbers_and_lists_take_the_declared_type():
    lamp = LampSettings(brightness=1, position=[1, 2.5, 3])

    assert lamp.brightness == 1.0
    assert isinstance(lamp.brightness, float)
    assert lamp.position == (1.0, 2.5, 3.0)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"brightness": 1.5}, "parameter brightness: expected float from 0 to 1, got 1.5"),
        ({"brightness": float("nan")}, "expected float from 0 to 1, got nan"),
        ({"brightness": "bright"}, r"got 'bright' \(str\); share of full power"),
        ({"brightness": True}, "expected float from 0 to 1, got True"),
        ({"flashes": 0}, "expected int at least 1, got 0"),
        ({"flashes": 2.0}, "expected int at least 1, got 2.0"),
        ({"flashes": True}, "expected int at least 1, got True"),
        ({"colour": "blue"}, "expected str one of red, green, got 'blue'"),
        ({"position": "1,2,3"}, "expected a list of float, got '1,2,3'"),
        ({"position": [1.0, "two"]}, "expected float, got 'two'"),
        ({"is_on": 1}, "expected bool, got 1"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_valid(bad, message):
    with pytest.raises(InvalidSetting, match=message):
        LampSettings(**bad)


def test_a_misspelt_name_is_refused_with_the_valid_ones():
    with pytest.raises(InvalidSetting, match="unknown parameter brightnes; valid are brightness, flashes"):
        check_names(LampSettings, {"brightnes": 1.0})
