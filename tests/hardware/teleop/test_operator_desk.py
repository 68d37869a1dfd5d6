"""Names that come in become controllers, a few at a time."""

from __future__ import annotations

import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.operator_desk import FORGOTTEN_AFTER, MOST, OperatorDesk
from cairn.hardware.teleop.speeds import TeleopSpeeds
from cairn.hardware.teleop.teleoperation import Teleoperation


class Rig:
    def __init__(self) -> None:
        self.now = 5.0
        self.teleoperation = Teleoperation([], TeleopSpeeds())
        self.desk = OperatorDesk(self.teleoperation, 0.2, 0.3, 0.1, clock=lambda: self.now)

    def send(self, name: str, hands: Hands | None = None, age: float = 0.0) -> None:
        self.desk.take(name, hands or Hands(), 100 + self.now - age, 100 + self.now)


def test_a_name_becomes_a_controller_that_can_drive() -> None:
    rig = Rig()
    rig.send("web")
    rig.teleoperation.update(rig.now)
    rig.send("web", Hands(1.0, deadman=True))
    decision = rig.teleoperation.update(rig.now)
    assert (decision.controller, decision.deadman) == ("web", True)
    assert [one.name for one in rig.teleoperation.controllers] == ["web"]


@pytest.mark.parametrize("name", ["gamepad", "joy", "", "x" * 65, "two\nlines"])
def test_bad_names_are_refused(name: str) -> None:
    rig = Rig()
    with pytest.raises(CairnError, match="expected a controller's name of 1 to 64 letters, other than"):
        rig.send(name)
    assert rig.teleoperation.controllers == ()


def test_one_too_many_must_wait_until_another_has_gone() -> None:
    rig = Rig()
    for number in range(MOST):
        rig.send(f"page {number}")
    with pytest.raises(CairnError, match="late must wait: 8 controllers are here already"):
        rig.send("late")
    rig.now += FORGOTTEN_AFTER + 1
    rig.send("page 3")
    rig.desk.forget_the_gone()
    assert [one.name for one in rig.teleoperation.controllers] == ["page 3"]
    rig.send("late")


def test_what_is_not_fresh_does_not_keep_a_place() -> None:
    rig = Rig()
    rig.send("web")
    rig.now += FORGOTTEN_AFTER + 1
    with pytest.raises(CairnError, match="web: stamp too old"):
        rig.send("web", age=1.0)
    rig.desk.forget_the_gone()
    assert rig.teleoperation.controllers == ()
