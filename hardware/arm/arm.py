"""What every arm is, real or simulated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.errors import CairnError


class ArmLost(CairnError):
    """The arm no longer answers."""


class Arm(ABC):
    """Joints that go to commanded positions, and a gripper.

    Contract: the arm moves by command alone.  It goes to the newest target at once, as fast as its motors
    may, and stays there for as long as nothing else is said: who wants it slower sends targets closer
    together.  Neither start nor stop moves it or takes its torque away.
    """

    @property
    @abstractmethod
    def model(self) -> ArmModel:
        """Joints, limits and gripper."""

    @abstractmethod
    def start(self) -> None:
        """Connect, and hold where the arm stands.

        Raises ArmLost when it is not there, CairnError when it is not the arm that was expected.
        """

    @abstractmethod
    def state(self) -> ArmState:
        """The newest state.  Raises ArmLost before `start` and when the arm fell silent."""

    @abstractmethod
    def command(self, positions: Sequence[float], opening: float) -> ArmTarget:
        """Set the target: joint positions [rad] and gripper (0 closed, 1 open).

        Returns what was really sent, each within its limits.  Raises CairnError, and sends nothing, when a
        value is not finite, the arm was not started, or it has no torque or a fault; ArmLost when it is gone.
        """

    @abstractmethod
    def hold(self) -> ArmTarget:
        """Stop in place: the target becomes where the joints stand.  The gripper keeps what it was told.

        Returns what was sent.  Raises ArmLost.
        """

    @abstractmethod
    def set_torque(self, on: bool) -> None:
        """Let the motors hold the arm where it stands, or let it go limp: it falls unless somebody holds it.

        Raises ArmLost.
        """

    @abstractmethod
    def stop(self) -> None:
        """Hold in place and disconnect.  Safe to call twice, or before `start`.

        An arm whose library brakes its joints when it disconnects is left braked.
        """
