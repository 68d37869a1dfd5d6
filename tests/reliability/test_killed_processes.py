"""Rows 7, 8 and 9: processes end, are killed, are frozen."""

import signal
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def moving_base(rig):
    """Start a base and wait until it moves."""
    rig.start(str(HERE / "emulated_base.py"))
    rig.until(lambda: rig.heard.base_speeds and rig.heard.base_speeds[-1][1] > 0.3, "the base moves")


def first_rest(rig, after):
    def found():
        return [arrived for arrived, speed in rig.heard.base_speeds if arrived > after and speed == 0.0]

    rig.until(found, "the base rests")
    return found()[0]


@pytest.mark.parametrize("device", ["camera", "odometry", "policy"])
def test_row_7_a_node_is_killed(rig, measured, device):
    getattr(rig, device).on = False
    process = rig.start(str(HERE / "emulated_device.py"), device)
    rig.drive()
    killed = time.monotonic()
    process.kill()

    stopped = rig.first_zero(after=killed)

    measured.at_most(7, f"{device} killed → zero", 1000 * (stopped - killed), 200, rig.lateness_ms(killed))
    rig.run(0.3)
    assert not rig.is_moving


def test_row_7_the_gate_is_killed(rig, measured):
    moving_base(rig)
    killed = time.monotonic()
    rig.gate.kill()

    rest = first_rest(rig, after=killed)

    measured.at_most(7, "gate killed → base rests", 1000 * (rest - killed), 500, rig.lateness_ms(killed))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_row_8_a_signal_ends_the_gate_with_a_zero(rig, measured, number):
    rig.drive()
    signalled = time.monotonic()
    rig.gate.send_signal(number)

    stopped = rig.first_zero(after=signalled)
    rig.until(lambda: rig.gate.poll() is not None, "the gate ends")

    measured.at_most(
        8, f"{number.name} → explicit zero", 1000 * (stopped - signalled), 200, rig.lateness_ms(signalled)
    )
    rig.run(0.1)
    assert rig.gate.returncode == 0
    assert not rig.is_moving, "the zero must be the last command"


def test_row_9_the_gate_is_frozen_and_goes_on(rig, measured):
    moving_base(rig)
    frozen = time.monotonic()
    rig.gate.send_signal(signal.SIGSTOP)
    rest = first_rest(rig, after=frozen)
    measured.at_most(9, "gate frozen → base rests", 1000 * (rest - frozen), 500, rig.lateness_ms(frozen))
    # What waits in the queues when the gate goes on is then old.
    rig.run(max(0.0, frozen + 1.0 - time.monotonic()))
    rig.policy.on = False
    rig.run(max(0.0, frozen + 2.0 - time.monotonic()))

    thawed = time.monotonic()
    rig.gate.send_signal(signal.SIGCONT)
    rig.run(0.5)

    after = [one for one in rig.heard.commands if one.arrived > thawed]
    measured.at_most(
        9, "old commands driven after the freeze", sum(one.linear != 0 for one in after), 0, unit=""
    )
    assert 5 <= len(after) <= 30, f"a steady 50 Hz must go on, got {len(after)} commands in 0.5 s"
    rig.policy.on = True
    rig.first_motion(after=thawed)
