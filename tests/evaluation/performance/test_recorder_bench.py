"""The benchmark of the recorder runs its processes and reads its figures from the bag."""

import pytest

from cairn.evaluation.performance import recorder_bench

pytest.importorskip("rclpy")


def test_it_measures_a_short_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_bench, "_SECONDS", 2.5)
    monkeypatch.setattr(recorder_bench, "_SMALL_RATE", 100)
    monkeypatch.setattr(recorder_bench, "_IMAGE_RATES", (5,))
    monkeypatch.setattr(recorder_bench, "_FLOOD_IMAGES", 150)
    monkeypatch.setattr(recorder_bench, "_FLOOD_SMALL", 2000)
    found = recorder_bench.rows()
    rows = {row.name.split(": ")[1]: row for row in found if not row.name.startswith("ceiling")}
    assert rows["lost"].samples == 262
    assert rows["lost"].value < 262
    assert rows["lost and not counted"].value <= rows["lost"].value
    assert 0.0 < rows["processor"].value < 200.0
    assert rows["joint states a second"].value > 1.0
    assert rows["callback, worst p99 of a second"].value >= rows["callback, p99"].value > 0.0
    ceilings = {row.name: row for row in found if row.name.startswith("ceiling")}
    assert ceilings["ceiling, 640x480 images: recorded"].value > 0.0
    assert 0.0 <= ceilings["ceiling, joint states: lost"].value < 100.0
