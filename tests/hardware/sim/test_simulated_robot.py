"""The simulated devices against the contracts, and the clock that they share."""

from itertools import pairwise

import numpy as np
import pytest
from base_contract import BaseContract, BaseRig
from camera_contract import CameraContract, CameraRig

from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulated_robot import SimulatedRobot
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.twist import Twist

SETTINGS = SimulationSettings(CameraSettings(width=64, height=48, latency=0.05), control_rate=10.0)


@pytest.fixture
def robot(make_simulation) -> SimulatedRobot:
    return SimulatedRobot(make_simulation(settings=SETTINGS))


def pass_time(robot: SimulatedRobot, seconds: float) -> list:
    """Everything that arrives in so many simulated seconds."""
    end, frames = robot.time + seconds, []
    while not robot.has_reached(end):
        frame = robot.advance(end)
        frames += [] if frame is None else [frame]
    return frames


class TestSimulatedCamera(CameraContract):
    @pytest.fixture
    def rig(self, robot: SimulatedRobot) -> CameraRig:
        return CameraRig(
            robot.camera,
            now=lambda: robot.time,
            pass_time=lambda seconds: pass_time(robot, seconds),
            stall=lambda: None,  # no time passes while one waits
        )


class TestSimulatedBase(BaseContract):
    @pytest.fixture
    def rig(self, robot: SimulatedRobot) -> BaseRig:
        return BaseRig(robot.base, lambda seconds: pass_time(robot, seconds), tracking=0.8)


def test_frames_come_at_the_rate_and_late_by_the_latency(robot: SimulatedRobot) -> None:
    robot.camera.start()
    arrivals = []
    while not robot.has_reached(1.0):
        frame = robot.advance(1.0)
        if frame is not None:
            arrivals.append((robot.time, frame.stamp, frame.sequence))
    assert [sequence for *_, sequence in arrivals] == list(range(10))
    assert all(arrival - stamp == pytest.approx(0.05, abs=0.003) for arrival, stamp, _ in arrivals)
    assert np.diff([stamp for _, stamp, _ in arrivals]) == pytest.approx(0.1, abs=0.005)


def test_without_a_started_camera_nothing_is_drawn(robot: SimulatedRobot, monkeypatch) -> None:
    monkeypatch.setattr(robot.simulation, "sense", lambda: pytest.fail("drawn for nobody"))
    assert pass_time(robot, 0.5) == []
    assert robot.time == pytest.approx(0.5, abs=0.01)


def test_the_way_depends_on_when_the_wheels_are_told_what_and_not_on_strides(robot: SimulatedRobot) -> None:
    def drive(strides: list[float]) -> tuple[tuple[float, float, float], list[tuple[float, Twist]]]:
        robot.place((0.0, 0.0, 0.0))
        robot.take_effects()
        began = robot.time
        for twist in (Twist(1.0, 0.7), Twist(0.4, -1.0)):
            robot.base.command(twist)
            end = robot.time + 0.4
            while not robot.has_reached(end):
                robot.advance(min(end, robot.time + strides[0]))
                strides.append(strides.pop(0))
        effects = [(round(since - began, 6), told) for since, told in robot.take_effects()]
        return robot.simulation.pose, effects

    robot.base.start()
    even, told = drive([0.02])
    assert told == [(0.0, Twist(1.0, 0.7)), (0.4, Twist(0.4, -1.0))]
    for strides in ([0.004], [0.012, 0.02, 0.004], [0.05]):
        assert drive(strides) == (even, told)


def test_wheels_are_told_to_stop_when_commands_cease_or_the_robot_is_carried(robot: SimulatedRobot) -> None:
    robot.base.start()
    robot.base.command(Twist(0.5, 0.0))
    pass_time(robot, 1.0)
    (_, moving), (ceased, rest) = robot.take_effects()
    assert (moving, rest) == (Twist(0.5, 0.0), Twist())
    assert 0.5 < ceased <= 0.53
    robot.base.command(Twist(0.5, 0.0))
    pass_time(robot, 0.1)
    robot.place((1.0, 1.0, 0.0))
    assert robot.take_effects()[-1] == (robot.time, Twist())


def test_a_robot_carried_elsewhere_keeps_its_clock_and_starts_its_odometry_afresh(robot) -> None:
    robot.base.start()
    robot.camera.start()
    stamps = [frame.stamp for frame in pass_time(robot, 0.3)]
    for _ in range(8):
        robot.base.command(Twist(1.0, 0.0))
        stamps += [frame.stamp for frame in pass_time(robot, 0.3)]
    before = robot.time
    assert robot.base.odometry().x > 1.0
    robot.place((4.0, 4.0, 1.0))
    odometry = robot.base.odometry()
    assert before < robot.time == odometry.stamp < before + 0.01
    assert (odometry.x, odometry.y, odometry.yaw) == (0.0, 0.0, 0.0)
    assert robot.simulation.pose == pytest.approx((4.0, 4.0, 1.0))
    stamps += [frame.stamp for frame in pass_time(robot, 0.3)]
    assert all(later > earlier for earlier, later in pairwise(stamps))


def test_contacts_are_counted_across_a_reset(robot: SimulatedRobot) -> None:
    robot.base.start()
    for _ in range(2):
        robot.place((9.0, 0.0, 0.0))
        for _ in range(5):
            robot.base.command(Twist(1.0, 0.0))
            pass_time(robot, 0.3)
    assert robot.collisions == 2
