"""Commands are passed on as they come, and a flood of them does not become one at the base."""

import time
from statistics import median

import pytest

from cairn.hardware.gate.command_gate import SHORTEST_PERIOD

TICKS = 20.0  # [1/s] the slowest gate there is: what comes out beyond that was not waiting for a tick


@pytest.fixture
def slow_rig(make_rig):
    return make_rig(rate=TICKS)


def next_command(rig):
    """When the next command comes out."""
    known = len(rig.heard.commands)
    rig.until(lambda: len(rig.heard.commands) > known, "a command comes")
    return rig.heard.commands[-1].arrived


def test_a_command_goes_out_when_it_comes(slow_rig):
    """The worst moment is right after a tick.  Of many, most: a busy machine may hold up any one."""
    slow_rig.drive()
    slow_rig.policy.on = False
    slow_rig.send_twist(*slow_rig.twist)
    next_command(slow_rig)
    delays = []
    for _ in range(60):
        next_command(slow_rig)  # a tick, for nothing was sent since the last command
        sent = time.monotonic()
        slow_rig.send_twist(*slow_rig.twist)
        delays.append(next_command(slow_rig) - sent)
    assert median(delays) < 0.3 / TICKS


def test_a_flood_is_thinned(slow_rig):
    slow_rig.policy.period = 0.0
    slow_rig.drive()
    began, given = time.monotonic(), slow_rig.policy.sent
    slow_rig.run(1.0)
    ended = time.monotonic()
    out = sum(began <= one.arrived <= ended for one in slow_rig.heard.commands)
    assert slow_rig.policy.sent - given > 200
    assert out <= (ended - began) * (1 / SHORTEST_PERIOD + TICKS) + 1
