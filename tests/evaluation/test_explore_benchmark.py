"""The whole benchmark in its own processes: real world file, real bundle, real searchers."""

import json

import pytest
from typer.testing import CliRunner

from cairn.cli import bench
from cairn.evaluation.explore_benchmark import run_benchmark
from cairn.evaluation.explore_settings import ExploreSettings
from cairn.evaluation.methods import METHODS, parse_methods
from cairn.evaluation.row_file import RowFile
from cairn.evaluation.scenario import Scenario
from cairn.hardware.errors import CairnError

pytestmark = pytest.mark.timeout(900)

NOT_REPEATABLE = "wall_s"


@pytest.fixture(scope="module")
def settings(untrained_bundle, yard_file):
    return ExploreSettings(str(untrained_bundle), "clear", yard_file, budget=6.0)


def test_rows_are_deterministic_resumed_and_judged(settings, tmp_path):
    methods = ("oracle", "random_walk")
    first = RowFile(tmp_path / "a.jsonl", settings.as_json())
    rows = run_benchmark(settings, methods, range(1000, 1001), jobs=2, file=first)
    assert [(row["seed"], row["method"]) for row in rows] == [(1000, "oracle"), (1000, "random_walk")]
    oracle, walk = rows
    assert oracle["discovery"]["verdict"] == "reached"
    assert oracle["shortest_m"] == pytest.approx(4.0, abs=0.3)
    assert walk["discovery"]["verdict"] == "out of time"

    heard = []
    kept = RowFile(tmp_path / "a.jsonl", settings.as_json())
    resumed = run_benchmark(settings, methods, range(1000, 1001), 1, kept, heard.append)
    assert resumed == rows
    assert heard == []

    second = RowFile(tmp_path / "b.jsonl", settings.as_json())
    again = run_benchmark(settings, ("random_walk",), range(1000, 1001), jobs=1, file=second)
    assert {k: v for k, v in again[0].items() if k != NOT_REPEATABLE} == {
        k: v for k, v in walk.items() if k != NOT_REPEATABLE
    }


def test_the_command_writes_a_report(untrained_bundle, yard_file, tmp_path):
    target = tmp_path / "explore.json"
    arguments = ["explore", "--seeds", "1000", "--methods", "cairn,recon", "--world", str(yard_file)]
    arguments += ["--bundle", str(untrained_bundle), "--budget", "3", "--json", str(target)]
    result = CliRunner().invoke(bench.app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    report = json.loads(target.read_text())
    assert set(report["methods"]) == {"cairn", "recon"}
    wanted = {"n", "success", "false_declarations", "discovery_time_s", "return_success", "return_time_s"}
    wanted |= {"sct", "spl", "collisions_per_km", "intervals"}
    assert wanted <= set(report["methods"]["cairn"])
    assert len(report["worlds"]) == 2
    assert "cairn" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "3000-3010"], "never run"),
        (["--methods", "cairn,teleport"], "'teleport' is unknown; valid: cairn, recon"),
        (["--methods", "cairn,cairn"], "name one twice"),
        (["--budget", "0"], r"budget must lie in \[1, 86400\]"),
        (["--conditions", "sunny"], "unknown 'sunny'"),
        (["--bundle", "nothing"], "neither a directory nor a shipped bundle"),
    ],
)
def test_bad_options_are_named_before_anything_runs(arguments, message, untrained_bundle, tmp_path):
    options = ["explore", "--bundle", str(untrained_bundle), "--json", str(tmp_path / "x.json"), *arguments]
    with pytest.raises(CairnError, match=message):
        CliRunner().invoke(bench.app, options, catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_a_threshold_is_never_chosen_on_reported_worlds(untrained_bundle):
    with pytest.raises(CairnError, match="tuning worlds, 1000-1999 alone"):
        CliRunner().invoke(bench.app, ["recognise", "--tune", "--seeds", "2000-2003"], catch_exceptions=False)


def test_methods_of_the_report_are_all_there():
    named = {"cairn", "recon", "no_graph", "random_walk", "random", "chain", "oracle"}
    assert named <= set(METHODS)
    assert parse_methods("all") == tuple(METHODS)


def test_kinds_take_turns_and_conditions_are_drawn_by_seed():
    kinds = [Scenario(seed).kind for seed in range(1000, 1012)]
    assert kinds[:6] == kinds[6:]
    assert len(set(kinds)) == 6
    scenario = Scenario(1000)
    assert scenario.first_conditions == Scenario(1000).first_conditions
    assert not scenario.first_conditions.moved_obstacles
    assert scenario.changed_conditions.moved_obstacles
    with pytest.raises(CairnError, match=r"0\.\.2999, got 3000"):
        Scenario(3000)
