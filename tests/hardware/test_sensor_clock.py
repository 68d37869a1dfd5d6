from __future__ import annotations

import random

import pytest

from cairn.hardware.sensor_clock import SensorClock


def test_delays_of_delivery_do_not_show() -> None:
    clock = SensorClock()
    delays = random.Random(1)
    errors = []
    for index in range(300):
        sensor = 50.0 + index / 30
        true = 1000.0 + index / 30
        stamp = clock.to_system(sensor, true + 0.01 + delays.expovariate(1 / 0.02))
        errors.append(stamp - true - 0.01)
    assert max(errors[30:]) < 0.005
    assert min(errors) >= -1e-9


def test_drift_of_the_crystal_is_followed() -> None:
    clock = SensorClock()
    for index in range(3600):
        true = 1000.0 + index / 10
        stamp = clock.to_system(5.0 + index / 10 * (1 + 100e-6), true)
    assert abs(stamp - true) < 0.002  # without a window it would be 36 ms


def test_stamps_never_go_back_and_never_lie_in_the_future() -> None:
    clock = SensorClock()
    first = clock.to_system(5.0, arrival=1000.2)  # came late
    second = clock.to_system(5.033, arrival=1000.21)  # came in time
    assert first < second <= 1000.21


@pytest.mark.parametrize("sensor", [0.0, 500.0])
def test_a_sensor_that_starts_anew_is_mapped_anew(sensor: float) -> None:
    clock = SensorClock()
    for index in range(5):
        clock.to_system(100.0 + index / 30, 1000.0 + index / 30)
    assert clock.to_system(sensor, 1001.0) == pytest.approx(1001.0)


def test_a_wall_clock_that_is_set_is_followed_at_once() -> None:
    clock = SensorClock()
    clock.to_system(5.0, 1000.0)
    assert clock.to_system(5.1, 4600.1) == pytest.approx(4600.1)
