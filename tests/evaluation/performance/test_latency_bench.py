"""The benchmark of the latency runs explore node, gate and recorder, and times what comes back."""

import pytest

from cairn.evaluation.performance import latency_bench

pytest.importorskip("rclpy")


def test_it_times_a_short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency_bench, "_SECONDS", 3.0)
    monkeypatch.setattr(latency_bench, "_SIZES", ((64, 48),))
    monkeypatch.setattr(latency_bench, "_FRAMES", 24)
    rows = {row.name.removeprefix("64x48 image to gated command, "): row for row in latency_bench.rows()}
    assert {name for name in rows if "of which" in name} == {
        "of which transport to the policy and back",
        "of which deciding",
        "of which the gate",
    }
    assert rows["p50"].samples >= 3
    assert 0.0 < rows["of which deciding"].value < rows["p50"].value <= rows["p99"].value
    assert (rows["p50"].target, rows["p99"].target) == (8.0, 20.0)
