from dataclasses import replace
from math import hypot, pi

import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.twist import Twist


def drive(simulation, twist, seconds):
    observation = None
    for _ in range(round(seconds * simulation.settings.control_rate)):
        observation = simulation.step(twist)
    return observation


def test_drives_straight_at_the_speed_commanded(field):
    field.reset((-8.0, 0.0, 0.0))
    drive(field, Twist(1.0, 0.0), 5)
    x, y, yaw = field.pose
    assert -3.6 < x < -3.0  # five metres less what the acceleration limit costs
    assert abs(y) < 0.15
    assert abs(yaw) < 0.05


def test_turns_on_the_spot_slower_than_commanded_because_it_skids(field):
    field.reset((0.0, 0.0, 0.0))
    drive(field, Twist(0.0, 1.0), 2)
    x, y, yaw = field.pose
    assert hypot(x, y) < 0.15
    assert 0.6 * 2 < yaw < 1.0 * 2


def test_speed_is_clamped_to_the_limits(field):
    field.reset((-9.0, 0.0, 0.0))
    drive(field, Twist(50.0, 0.0), 4)
    assert field.pose[0] < -9.0 + 1.2 * 4 + 0.1


def test_refuses_a_twist_that_is_not_finite(field):
    with pytest.raises(CairnError, match="finite"):
        field.step(Twist(float("nan"), 0.0))


def test_a_wall_is_a_collision_with_its_name_and_counts_once(field):
    field.reset((8.0, 0.0, 0.0))
    observation = drive(field, Twist(0.8, 0.0), 4)
    assert observation.collision.physical
    assert observation.collision.any
    assert observation.collision.obstacle == "wall_0"
    assert field.collisions == 1


def test_pushing_against_a_wall_is_being_stuck(field):
    field.reset((9.0, 0.0, 0.0))
    assert drive(field, Twist(0.8, 0.0), 5).collision.stuck


def test_a_low_kerb_is_driven_over_without_collision(make_simulation):
    simulation = make_simulation('<geom name="kerb_0" type="box" pos="2 0 0.015" size="0.2 3 0.015"/>')
    simulation.reset((0.0, 0.0, 0.0))
    drive(simulation, Twist(0.8, 0.0), 6)
    assert simulation.collisions == 0
    assert simulation.pose[0] > 3.0


def test_beyond_the_bounds_is_outside_the_geofence(field):
    observation = field.reset((0.0, 0.0, 0.0))
    assert not observation.collision.outside_geofence
    field.reset((15.0, 0.0, 0.0))
    assert field.step(Twist()).collision.outside_geofence


def test_odometry_drifts_and_stays_near_the_truth(field):
    field.reset((0.0, 0.0, 0.0))
    for _ in range(4):
        observation = drive(field, Twist(0.8, 0.0), 4)
        observation = drive(field, Twist(0.0, 1.0), 2)
    x, y, _ = field.pose
    error = hypot(observation.odometry.x - x, observation.odometry.y - y)
    assert 1e-4 < error < 0.8


def test_same_seed_same_pictures_and_odometry(make_simulation):
    first, second = make_simulation(seed=5), make_simulation(seed=5)
    results = []
    for simulation in (first, second):
        simulation.reset((0.0, 0.0, 0.3))
        results.append(drive(simulation, Twist(0.5, 0.4), 3))
    a, b = results
    assert np.array_equal(a.image, b.image)
    assert a.odometry == b.odometry


def test_another_seed_drifts_elsewhere(make_simulation):
    poses = []
    for seed in (5, 6):
        simulation = make_simulation(seed=seed)
        simulation.reset((0.0, 0.0, 0.0))
        poses.append(drive(simulation, Twist(0.5, 0.4), 3).odometry)
    assert poses[0].x != poses[1].x


def test_the_image_is_stamped_at_exposure_not_at_delivery(make_simulation):
    settings = SimulationSettings(camera=CameraSettings(latency=0.1))
    simulation = make_simulation(settings=settings)
    simulation.reset((0.0, 0.0, 0.0))
    observation = simulation.step(Twist())
    assert simulation.time - observation.stamp == pytest.approx(0.1, abs=0.005)


def test_render_at_leaves_the_run_undisturbed(field):
    field.reset((0.0, 0.0, 0.0))
    drive(field, Twist(0.5, 0.0), 1)
    before = (field.pose, field.time, field.data.qvel.copy())
    elsewhere = field.render_at((5.0, 5.0, 1.0))
    assert elsewhere.shape == (field.settings.camera.height, field.settings.camera.width, 3)
    assert field.pose == before[0]
    assert field.time == before[1]
    assert np.array_equal(field.data.qvel, before[2])


def test_scan_measures_the_walls(field):
    field.reset((0.0, 0.0, 0.0))
    ranges = field.scan(np.array([0.0, pi / 2, pi, -pi / 2]), 20.0)
    assert ranges == pytest.approx([9.8, 9.8, 9.8, 9.8], abs=0.02)
    assert field.scan(np.array([0.0]), 5.0) == pytest.approx([5.0])


def test_the_field_of_view_sets_what_is_seen(make_simulation):
    post = '<geom name="post" type="box" pos="3 3 1" size=".3 .3 1" rgba="1 0 1 1"/>'

    def sees_magenta(fov):
        clean = CameraSettings(horizontal_fov=fov, noise=0.0, auto_exposure=False)
        image = make_simulation(post, SimulationSettings(camera=clean)).render_at((0, 0, 0)).astype(int)
        return ((image[..., 0] > 90) & (image[..., 2] > 90) & (image[..., 1] < 60)).sum() > 50

    assert sees_magenta(120.0)
    assert not sees_magenta(69.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"control_rate": 0.0}, "control_rate must lie in"),
        ({"odometry_noise": -1.0}, "odometry_noise must lie in"),
        ({"camera": CameraSettings(latency=0.3)}, "latency must be below one control period"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(CairnError, match=message):
        replace(SimulationSettings(), **change)


def test_camera_settings_out_of_range_are_refused():
    with pytest.raises(CairnError, match=r"field of view must lie in \[1, 170\)"):
        CameraSettings(horizontal_fov=180.0)
    with pytest.raises(CairnError, match="must not be negative"):
        CameraSettings(latency=-0.1)
