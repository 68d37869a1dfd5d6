"""A WidowX 250s of emulated motors on topics, led by its gate: over their bus, and behind xs_sdk."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from arm_rig import ArmRig
from cairn_interfaces.msg import ArmGateStatus, HandStep
from emulated_widowx import emulated_widowx
from geometry_msgs.msg import Vector3
from xs_sdk_rig import XsSdkRig

from cairn.hardware.arm.widowx_250s import widowx_250s


@pytest.fixture
def rig():
    made = ArmRig()
    yield made
    made.close()


@pytest.fixture
def line():
    made = emulated_widowx()
    yield made
    made.unplug()


def start(rig, line):
    rig.start("arm", driver="wx250s", device=str(line.path), rate=50.0, silence=2.0)
    rig.start("arm_gate", discovery_time=0.0, effort=1.0, state_timeout=0.5, state_max_age=0.5)
    rig.wait_for_gate()


def test_the_gate_leads_the_motors(rig, line):
    start(rig, line)
    assert rig.state.positions == pytest.approx(widowx_250s().neutral, abs=0.05)
    before = rig.state.positions[0]
    rig.step = HandStep(translation=Vector3(y=0.02), opening=0.5)
    rig.wait_for(lambda: rig.state.positions[0] - before > 0.2, "for the waist")
    rig.step = None
    assert rig.state.has_torque
    assert np.abs(rig.state.velocities).max() < widowx_250s().joints[0].velocity


def test_an_unplugged_arm_ends_its_driver_and_stops_the_gate(rig, line, record_property):
    start(rig, line)
    unplugged = time.monotonic()
    line.unplug()
    took = rig.since(unplugged, lambda status: status.state == ArmGateStatus.STOPPED)
    record_property("unplugged to the gate's word [s]", round(took, 3))
    assert rig.processes["arm"].wait(20) == 2
    rig.wait_for(lambda: rig.status.reason.startswith("joint states silent"))


def test_the_gate_leads_an_arm_behind_xs_sdk_and_stops_when_that_is_killed(rig, record_property):
    xs_sdk = XsSdkRig()
    try:
        rig.start("arm", driver="xs_sdk", device="/wx250s", silence=0.5)
        rig.start("arm_gate", discovery_time=0.0, effort=1.0, state_timeout=0.4, state_max_age=0.4)
        rig.wait_for_gate()
        before = rig.state.positions[0]
        rig.step = HandStep(translation=Vector3(y=0.02), opening=0.0)
        rig.wait_for(lambda: rig.state.positions[0] - before > 0.2, "for the waist")
        rig.wait_for(lambda: rig.state.opening < 0.1, "for the gripper")
        rig.step = None
        killed = time.monotonic()
        xs_sdk.process.kill()
        took = rig.since(killed, lambda status: status.state == ArmGateStatus.STOPPED)
        record_property("xs_sdk killed to the gate's word [s]", round(took, 3))
        assert rig.processes["arm"].wait(20) == 2
        rig.wait_for(lambda: rig.status.reason.startswith("joint states silent"))
    finally:
        xs_sdk.close()


def test_beside_xs_sdk_in_its_namespace_there_would_be_two_joint_states():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cairn.nodes.arm_node", "--ros-args", "-r", "__ns:=/wx250s"),
            *("-p", "driver:=xs_sdk", "-p", "device:=/wx250s"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "give it another namespace" in done.stderr


def test_an_arm_that_is_not_there_is_an_error_that_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "cairn.nodes.arm_node", "--ros-args", "-p", f"device:={tmp_path / 'none'}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "none" in done.stderr
    assert "Traceback" not in done.stderr
