"""The benchmark of the recorder runs its processes and reads its figures from the bag."""

import pytest

from cairn.evaluation.performance import recorder_bench

pytest.importorskip("rclpy")


def test_it_measures_a_short_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_bench, "_SECONDS", 2.5)
    monkeypatch.setattr(recorder_bench, "_SMALL_RATE", 100)
    monkeypatch.setattr(recorder_bench, "_IMAGE_RATES", (5,))
    rows = {row.name.split(": ")[1]: row for row in recorder_bench.rows()}
    assert rows["lost"].samples == 262
    assert rows["lost"].value < 262
    assert 0.0 < rows["processor"].value < 200.0
    assert rows["small messages a second"].value > 1.0
    assert rows["callback, worst p99 of a second"].value > 0.0
