"""A drive of the simulated Jackal, recorded without ROS, becomes a data set."""

from math import sin
from pathlib import Path

import numpy as np
import pytest
from drive_bags import SECOND, START, TYPES, DriveBag, header, make, odometry, twist_stamped

from cairn.episodes.conversion import Conversion, ConversionOptions, convert_source
from cairn.episodes.conversion_report import ConversionReport
from cairn.episodes.open_trajectories import find_sources, open_trajectories
from cairn.hardware.opengl import choose_backend
from cairn.hardware.twist import Twist

choose_backend()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[np.ndarray], np.ndarray]:
    """The bag, the images shown and the poses by odometry, at 10 Hz for 20 s."""
    from cairn.hardware.sim.camera_settings import CameraSettings
    from cairn.hardware.sim.simulation import Simulation
    from cairn.hardware.sim.simulation_settings import SimulationSettings
    from cairn.hardware.sim.worlds.generate import KINDS, generate_world

    bag = tmp_path_factory.mktemp("bags") / "drive"
    world = generate_world(KINDS[0], 7)
    simulation = Simulation(world, SimulationSettings(CameraSettings(), control_rate=10.0), seed=1)
    simulation.reset((0.0, 0.0, 0.0))
    writer, images, poses = DriveBag(bag), [], []
    for number in range(200):
        twist = Twist(0.6, 0.8 * sin(number / 15))
        seen = simulation.step(twist)
        images.append(seen.image)
        poses.append((seen.odometry.x, seen.odometry.y, seen.odometry.yaw))
        stamp = START + round(seen.stamp * SECOND)
        height, width, _ = seen.image.shape
        message = make(
            TYPES["image"], header=header(stamp), height=height, width=width, encoding="rgb8", step=3 * width,
            data=seen.image.reshape(-1),
        )  # fmt: skip
        writer.write("sensors/camera/image", "image", stamp, message)
        odom = START + round(seen.odometry.stamp * SECOND)
        writer.write(
            "platform/odom/filtered",
            "odometry",
            odom,
            odometry(odom, poses[-1], seen.odometry.linear, seen.odometry.angular),
        )
        writer.write("cmd_vel", "twist_stamped", odom, twist_stamped(odom, twist.linear, twist.angular))
        flags = {name: getattr(seen.collision, name) for name in ("any", "physical", "close", "stuck")}
        writer.write(
            "simulation/collision", "collision", odom, make(TYPES["collision"], header=header(odom), **flags)
        )
    writer.close()
    simulation.close()
    return bag, images, np.array(poses)


def test_the_limits_keep_an_ordinary_drive_whole(
    recorded: tuple[Path, list[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    bag, images, poses = recorded
    with Conversion(find_sources(bag), tmp_path / "out", ConversionOptions("recon")) as conversion:
        report = ConversionReport.of(convert_source(job) for job in conversion.jobs)
        conversion.complete(report)
    assert report.kept == report.read
    assert 78 <= report.kept <= 81
    (trajectory,) = open_trajectories(tmp_path / "out")
    steps = list(trajectory.steps())
    assert len(steps) == report.kept
    assert all(step.command is not None and step.collision is not None for step in steps)
    assert len({step.jpeg for step in steps}) == len(steps)
    for step in steps[:: len(steps) // 5]:
        # Encoded at quality 95, an image is nearer to its original than to the next one.
        nearest = min(range(200), key=lambda number: np.abs(step.image - images[number].astype(int)).sum())
        assert np.abs(np.array(step.pose[:2]) - poses[nearest, :2]).max() < 0.08
