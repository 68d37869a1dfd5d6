"""`cairn map`, as typed."""

import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from cairn.cli.main import main
from cairn.navigation.graph import EdgeKind, GraphMemory, map_file
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    graph, rng = GraphMemory("encoder"), np.random.default_rng(0)
    for i in range(40):
        descriptor = rng.standard_normal(32).astype(np.float32)
        view = Embedding(
            descriptor / np.linalg.norm(descriptor), np.zeros((2, 4), np.float16), np.ones(4, np.float32)
        )
        graph.add_node(view, Pose(1.5 * i, 0.1 * i, 0.0), stamp=float(i), thumbnail=b"no picture")
        if i:
            graph.add_edge(i - 1, i, 6, EdgeKind.TRAVERSED, Pose(1.5, 0.1, 0))
            graph.add_edge(i, i - 1, 6, EdgeKind.PREDICTED, Pose(-1.5, -0.1, 0))
    graph.record_failure(3, 4, 30.0)
    map_file.save(graph, tmp_path / "yard.cairnmap")
    return tmp_path / "yard.cairnmap"


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_show_counts_draws_and_exports(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, graphml = tmp_path / "map.png", tmp_path / "map.graphml"
    assert run("map", "show", saved, "--picture", picture, "--graphml", graphml, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["nodes"], summary["edges"], summary["parts"], summary["failed_edges"]) == (40, 78, 1, 1)
    assert summary["width"] == pytest.approx(58.5)
    assert picture.read_bytes().startswith(b"\x89PNG")
    exported = nx.read_graphml(graphml)
    assert (exported.number_of_nodes(), exported.number_of_edges()) == (40, 78)
    assert exported.nodes["2"]["x"] == pytest.approx(3.0)
    assert exported.edges["3", "4"]["kind"] == "traversed"
    assert exported.edges["3", "4"]["failures"] == 1
    assert exported.edges["3", "4"]["seconds"] > exported.edges["4", "5"]["seconds"] + 20


def test_prune_writes_a_smaller_map(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "small.cairnmap"
    assert run("map", "prune", saved, "--nodes", "20", "--output", output) == 0
    assert len(map_file.load(output)) == 20
    assert len(map_file.load(saved)) == 40
    assert "removed  20" in capsys.readouterr().out


def test_merge_joins_maps_that_share_views(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "both.cairnmap"
    assert run("map", "merge", saved, saved, "--output", output, "--json") == 0
    assert json.loads(capsys.readouterr().out)["matches"] == 40
    assert len(map_file.load(output)) == 80
    other = GraphMemory("another encoder")
    other.add_node(map_file.load(saved).node(0).embedding, Pose(), stamp=0.0)
    map_file.save(other, tmp_path / "other.cairnmap")
    assert run("map", "merge", saved, tmp_path / "other.cairnmap", "--output", tmp_path / "none") == 2
    assert "only maps of one encoder can be merged" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_bad_files_end_with_a_message(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.cairnmap"
    cut.write_bytes(saved.read_bytes()[:5000])
    assert run("map", "show", cut) == 2
    error = capsys.readouterr().err
    assert "is truncated or no map" in error
    assert "Traceback" not in error
    assert run("map", "show", saved, "--picture", tmp_path / "map.txt") == 2
    assert "can't write" in capsys.readouterr().err
    assert run("map", "show", saved, "--graphml", tmp_path / "none" / "map.graphml") == 2
    assert "No such file" in capsys.readouterr().err
