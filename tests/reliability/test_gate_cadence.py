"""Commands are passed on as they come, and a flood of them does not become one at the base."""

import time

import pytest

from cairn.nodes.command_gate_node import SETTLED

TICKS = 20.0  # [1/s] the slowest gate there is: what comes out beyond that was not waiting for a tick


@pytest.fixture
def slow_rig(make_rig):
    return make_rig(rate=TICKS)


def outputs(rig, seconds):
    """How many commands come out while the policy gives them."""
    rig.drive()
    began = time.monotonic()
    given = rig.policy.sent
    rig.run(seconds)
    ended = time.monotonic()
    out = sum(began <= one.arrived <= ended for one in rig.heard.commands)
    return out, rig.policy.sent - given, ended - began


def test_a_command_goes_out_when_it_comes(slow_rig):
    slow_rig.policy.period = 1 / 60
    out, given, _ = outputs(slow_rig, 1.0)
    assert out >= 0.8 * given


def test_a_flood_is_thinned(slow_rig):
    slow_rig.policy.period = 0.0
    out, given, lasted = outputs(slow_rig, 1.0)
    assert given > 200
    assert out <= lasted * (1 / SETTLED + TICKS) + 1
