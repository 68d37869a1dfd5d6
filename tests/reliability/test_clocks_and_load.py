"""Rows 13, 24 and 25: clocks jump, the processor is busy, a parameter is bad."""

import subprocess
import sys
import time

import numpy as np
import pytest


@pytest.mark.parametrize("jump", [3600.0, -3600.0], ids=["+1h", "-1h"])
def test_row_13_the_clock_jumps(make_rig, measured, jump):
    rig = make_rig(use_sim_time=True)
    rig.simulated_time = 10_000.0
    rig.clock.on = True
    rig.drive()
    jumped = time.monotonic()
    rig.simulated_time += jump
    rig.run(0.5)

    stops = [one.arrived for one in rig.heard.commands if one.arrived > jumped and one.linear == 0]
    longest = 1000 * (max(stops) - jumped) if stops else 0.0
    measured.at_most(13, f"clock {jump:+.0f} s → drives on", longest, 300, rig.lateness_ms(jumped))
    assert rig.is_moving
    rig.camera.on = False
    last = rig.camera.last_sent
    stopped = rig.first_zero(after=last)
    measured.at_most(
        13, f"clock {jump:+.0f} s, camera stops → zero", 1000 * (stopped - last), 200, rig.lateness_ms(last)
    )


def test_row_13_a_simulation_that_stands_still_stops_the_robot(make_rig):
    rig = make_rig(use_sim_time=True)
    rig.simulated_time = 10_000.0
    rig.clock.on = True
    rig.drive()
    paused = time.monotonic()
    rig.clock.on = rig.camera.on = rig.odometry.on = rig.policy.on = False

    rig.first_zero(after=paused)


def lateness_p99_ms(rig, seconds):
    began = len(rig.heard.commands)
    rig.run(seconds)
    stamps = np.array([one.stamp for one in rig.heard.commands[began:]])
    return float(np.percentile(1000 * (np.diff(stamps) - 0.02), 99))


def test_row_24_a_processor_hog_beside_the_gate(rig, measured):
    rig.drive()
    before = lateness_p99_ms(rig, 2.0)
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    rig.processes.append(hog)

    beside = lateness_p99_ms(rig, 4.0)

    measured.at_most(24, "tick lateness beside a hog, p99", beside, 10, max(0.0, before))


def test_row_25_a_bad_parameter_at_run_time(rig):
    rig.twist = (10.0, 0.0)
    rig.drive()
    rig.until(lambda: rig.heard.commands[-1].linear == 1.0, "the gate is at its limit")

    answers = {
        name: rig.change_parameter(name, value)
        for name, value in {
            "linear_speed": 1000.0,
            "angular_speed": float("nan"),
            "policy_timeout": 1.0,
        }.items()
    }

    assert not any(answer.successful for answer in answers.values())
    assert "linear_speed" in answers["linear_speed"].reason
    assert "read-only" in answers["policy_timeout"].reason
    rig.run(0.2)
    assert rig.heard.commands[-1].linear == 1.0
    assert rig.change_parameter("linear_speed", 0.5).successful
    rig.until(lambda: rig.heard.commands[-1].linear == 0.5, "the new limit holds")
