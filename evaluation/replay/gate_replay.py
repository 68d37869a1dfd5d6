"""What the gate would have made of a policy's commands."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import yaml

from cairn.episodes.bag_reader import BagReader
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.command_gate import CommandGate
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.settings import GateSettings
from cairn.hardware.gate.verdict import GateState
from cairn.hardware.twist import Twist

_RATE = 50.0  # [Hz] ticks
_MOST_TICKS = 500  # between two commands; the gate has long stopped by then


@dataclass(frozen=True)
class GateOutcome:
    """What became of one command until the next.

    Attributes:
        verdict: "passed", "limited", "refused" or "stopped".
        reason: why, empty where it passed.
        commanded: what the base was told last before the next command.
    """

    verdict: str
    reason: str
    commanded: Twist


def gate_settings(reader: BagReader, namespace: str = "") -> GateSettings:
    """As the bag's gate had them, else the gate's own.  Raises CairnError when they can't be read."""
    name = f"parameters{namespace.rstrip('/')}/command_gate.yaml"
    found = [attachment for attachment in reader.attachments if attachment.name == name]
    if not found:
        return GateSettings()
    known = {field.name for field in fields(GateSettings)}
    try:
        [parameters] = yaml.safe_load(found[0].data).values()
        given = parameters["ros__parameters"].items()
        return GateSettings(**{key: value for key, value in given if key in known})
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CairnError(f"the bag's {name} are no parameters of a gate: {error!r}") from error


class GateReplay:
    """The real gate on the recording's clock; sensors and switches count as well.

    Commands are offered at the stamp of their image, so that the outcome does not depend on this machine.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._gate = CommandGate(
            replace(settings, require_camera=False, require_odometry=False, deadman="none")
        )
        self._latest = 0.0

    def offer(self, twist: Twist, stamp: float, until: float) -> GateOutcome:
        """A command of the policy, standing until the next image [s]."""
        # An image from before the last one does not turn the clock back.
        begin = self._latest = max(self._latest, stamp)
        now = Instant(begin, begin)
        rejection = self._gate.offer("policy", twist, stamp, now)
        verdict = self._gate.tick(now)
        ticks = min(int(max(until - begin, 0.0) * _RATE), _MOST_TICKS)
        for tick in range(1, ticks + 1):
            moment = self._latest = begin + tick / _RATE
            following = self._gate.tick(Instant(moment, moment))
            if following.state is not GateState.DRIVING:
                break  # the policy has been silent for too long
            verdict = following
        if rejection is not None:
            return GateOutcome("refused", rejection.value, verdict.commanded)
        if verdict.state is not GateState.DRIVING:
            return GateOutcome("stopped", verdict.reason, verdict.commanded)
        if verdict.is_limited:
            return GateOutcome("limited", _limit(verdict.requested, verdict.commanded), verdict.commanded)
        return GateOutcome("passed", "", verdict.commanded)


def _limit(asked: Twist, got: Twist) -> str:
    names = [name for name in ("linear", "angular") if getattr(asked, name) != getattr(got, name)]
    return f"{' and '.join(names)} limit"
