"""The runner of the performance table."""

import io
import sys
import types

import pytest
from rich.console import Console

from cairn.evaluation import performance
from cairn.evaluation.performance.row import PerformanceRow
from cairn.evaluation.performance.suite import measure, parts, performance_table
from cairn.hardware.errors import CairnError


@pytest.fixture
def two_parts(tmp_path, monkeypatch):
    """Two measurements beside the real ones' place."""
    for name, value in (("alpha", 3.0), ("beta", 30.0)):
        (tmp_path / f"{name}_bench.py").write_text("")
        module = types.ModuleType(f"{performance.__name__}.{name}_bench")
        module.rows = lambda name=name, value=value: [PerformanceRow(name, "step", value, "ms", "<=", 8.0, 5)]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    (tmp_path / "helper.py").write_text("")
    monkeypatch.setattr(performance, "__path__", [str(tmp_path)])


def test_every_measurement_is_found_and_run_in_order(two_parts):
    heard = []
    rows = measure(started=heard.append)
    assert parts() == ("alpha", "beta")
    assert heard == ["alpha", "beta"]
    assert [(row.part, row.is_met) for row in rows] == [("alpha", True), ("beta", False)]


def test_one_part_alone(two_parts):
    assert [row.part for row in measure(["beta"])] == ["beta"]
    with pytest.raises(CairnError, match="'gamma' is unknown; valid: alpha, beta"):
        measure(["gamma"])


def test_the_table_shows_figures_beside_targets(two_parts):
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(performance_table(measure()))
    text = console.export_text()
    assert "<= 8" in text
    assert "30" in text


def test_the_real_parts_are_there():
    assert {"policy", "simulation"} <= set(parts())


def test_a_row_is_consistent():
    row = PerformanceRow("simulation", "speed", 12.0, "x", ">=", 10.0)
    assert row.is_met
    assert row.as_json()["is_met"] is True
    assert PerformanceRow("a", "b", 1.0, "ms").is_met is None
    with pytest.raises(CairnError, match="together or not at all"):
        PerformanceRow("a", "b", 1.0, "ms", "<=")
    with pytest.raises(CairnError, match="relation must be <= or >=, got '<'"):
        PerformanceRow("a", "b", 1.0, "ms", "<", 1.0)
