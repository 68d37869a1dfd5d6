"""Maps on disk: what comes back, and what is refused."""

import json
import multiprocessing
import os
import resource
import signal
import zipfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from cairn.hardware.errors import CairnError
from cairn.navigation.graph import EdgeKind, GraphMemory, map_file
from cairn.navigation.graph.autosave import Autosave
from cairn.navigation.graph.map_file import MapFileError
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding

ENCODER = "e" * 64
FORK = multiprocessing.get_context("fork")
"""A forked writer has nothing to import before it is killed."""


def sample(n: int = 30) -> GraphMemory:
    rng = np.random.default_rng(0)
    graph = GraphMemory(ENCODER, rate=5.0)
    for i in range(n):
        descriptor = rng.standard_normal(16).astype(np.float32)
        tokens = rng.standard_normal((3, 4)).astype(np.float16)
        view = Embedding(descriptor / np.linalg.norm(descriptor), tokens, np.full(6, 2.0, np.float32))
        graph.add_node(view, Pose(i, i / 2, 0.1), (i * 0.1, 0.0), stamp=i, thumbnail=rng.bytes(i % 5 * 100))
        if i:
            graph.add_edge(i - 1, i, 4, EdgeKind.TRAVERSED, Pose(1, 0.5, 0))
            graph.add_edge(i, i - 1, 5)
    if n > 6:
        graph.record_traversal(2, 3, 1.5)
        graph.record_failure(3, 4, 17.0)
        graph.record_visit(5, 99.0)
        graph.remove_nodes([1, 6])
    return graph


def equal(a: GraphMemory, b: GraphMemory) -> bool:
    nodes = [(g.node(n), g.thumbnail(n)) for g in (a, b) for n in g.ids.tolist()]
    half = len(nodes) // 2
    for (x, jpeg), (y, other_jpeg) in zip(nodes[:half], nodes[half:], strict=True):
        arrays = zip(vars(x.embedding).values(), vars(y.embedding).values(), strict=True)
        if not all(np.array_equal(p, q) and p.dtype == q.dtype for p, q in arrays) or jpeg != other_jpeg:
            return False
        if (x.id, x.pose, x.variance, x.visits, x.last_visit) != (
            y.id,
            y.pose,
            y.variance,
            y.visits,
            y.last_visit,
        ):
            return False
    return (
        list(a.edge_list()) == list(b.edge_list())
        and (a.fingerprint, a.rate) == (b.fingerprint, b.rate)
        and a.edges.seconds_per_step == b.edges.seconds_per_step
    )


def test_everything_comes_back(tmp_path: Path) -> None:
    graph, path = sample(), tmp_path / "yard.cairnmap"
    map_file.save(graph, path)
    loaded = map_file.load(path, ENCODER)
    assert equal(graph, loaded)
    assert os.listdir(tmp_path) == ["yard.cairnmap"]
    query = graph.node(7).embedding.descriptor
    assert loaded.most_similar(query, 9)[0].tolist() == graph.most_similar(query, 9)[0].tolist()
    # The next node gets a new id even where the newest nodes had been removed.
    view = graph.node(0).embedding
    assert loaded.add_node(view, Pose(), stamp=0.0) == graph.add_node(view, Pose(), stamp=0.0) == 30


def test_an_empty_map_is_a_map(tmp_path: Path) -> None:
    map_file.save(GraphMemory(ENCODER), tmp_path / "empty.cairnmap")
    assert len(map_file.load(tmp_path / "empty.cairnmap")) == 0
    map_file.save(sample(1), tmp_path / "one.cairnmap")
    assert equal(sample(1), map_file.load(tmp_path / "one.cairnmap"))


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map"
    map_file.save(sample(8), path)
    content = path.read_bytes()
    for length in [0, 1, 100, *range(200, len(content), 977), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(MapFileError, match=r"is empty|is truncated or no map|wrong checksum"):
            map_file.load(path)


def test_no_flipped_byte_goes_unnoticed(tmp_path: Path) -> None:
    """Either the file is refused, or the flip was in padding that holds nothing of the map."""
    graph, path = sample(8), tmp_path / "map"
    map_file.save(graph, path)
    content = path.read_bytes()
    refused = 0
    for at in np.random.default_rng(0).integers(0, len(content), 300).tolist():
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        try:
            loaded = map_file.load(path)
        except MapFileError:
            refused += 1
        else:
            assert equal(graph, loaded)
    assert refused > 200


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    map_file.save(sample(), tmp_path / "map")
    with pytest.raises(MapFileError, match=r"made by encoder eeeeeeeeeeee, expected ffffffffffff"):
        map_file.load(tmp_path / "map", "f" * 64)


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change members of a map and make all checksums right again, as a faulty writer would."""
    import hashlib

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    manifest = json.loads(members.pop("manifest.json"))
    for name, content in members.items():
        manifest["members"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    text = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", text)
        archive.comment = f"cairn-map sha256:{hashlib.sha256(text).hexdigest()}".encode()


def manifest_entry(key: str, value: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), key: value}).encode()

    return change


def array_entry(name: str, row: int, value: float) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        import io

        array = np.load(io.BytesIO(members[name]), allow_pickle=False).copy()
        array[row] = value
        out = io.BytesIO()
        np.save(out, array, allow_pickle=False)
        members[name] = out.getvalue()

    return change


def pickled(members: dict[str, bytes]) -> None:
    import io

    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}], object), allow_pickle=True)
    members["nodes/poses.npy"] = out.getvalue()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (manifest_entry("version", 2), r"map version 2 is newer than this Cairn reads \(1 to 1\)"),
        (manifest_entry("version", "new"), r"manifest is wrong at version: .*valid integer.*got new"),
        (manifest_entry("format", "zip"), r"manifest is wrong at format: .*cairn-map"),
        (manifest_entry("rate", -1), r"manifest is wrong at rate: .*greater than 0, got -1"),
        (manifest_entry("nodes", 5_000_000), r"wrong at nodes: .*less than or equal to 1000000"),
        (manifest_entry("nodes", 7), r"nodes/ids.npy should be <i8 of shape \(7,\), got <i8 of \(28,\)"),
        (manifest_entry("surprise", 1), r"wrong at surprise: Extra inputs are not permitted"),
        (array_entry("edges/steps.npy", 1, np.nan), r"edge \d+ -> \d+ has steps \[nan\]; expected finite"),
        (array_entry("edges/steps.npy", 1, -1.0), r"has steps \[-1.0\]; expected finite, non-negative"),
        (array_entry("edges/target.npy", 0, 4000), r"edges must join nodes of rows 0 to 27"),
        (array_entry("edges/kind.npy", 0, 9), r"edge kinds are 0 to 2, got 9"),
        (array_entry("nodes/poses.npy", 3, np.inf), r"node poses of node 4 is not finite"),
        (array_entry("nodes/ids.npy", 3, 0), r"node ids must ascend"),
        (array_entry("embeddings/tokens.npy", 2, np.nan), r"embedding tokens of node 3 is not finite"),
        (array_entry("thumbnails/lengths.npy", 0, 7), r"thumbnail lengths add up to"),
        (pickled, r"nodes/poses.npy should be <f8 .*got \|O"),
        (
            lambda members: members.pop("nodes/poses.npy") and None,
            r"nodes/poses.npy should be|is damaged|missing",
        ),
    ],
)
def test_inconsistent_files_say_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None], message: str
) -> None:
    path = tmp_path / "map"
    map_file.save(sample(), path)
    rewrite(path, change)
    with pytest.raises(MapFileError, match=message):
        map_file.load(path)


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapFileError, match="No such file"):
        map_file.load(tmp_path / "nothing")
    with pytest.raises(MapFileError, match="Is a directory"):
        map_file.load(tmp_path)
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(MapFileError, match=r"no manifest.json in it; expected a cairn-map file"):
        map_file.load(tmp_path / "zip")
    with zipfile.ZipFile(tmp_path / "zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(MapFileError, match=r"manifest.json is compressed"):
        map_file.load(tmp_path / "zip")


def save_with_little_space(path: Path, answer: Connection) -> None:
    """A file-size limit stands for a full disk: writing fails half-way."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    try:
        map_file.save(sample(8), path)
    except MapFileError as error:
        answer.send(str(error))


def test_a_full_disk_leaves_the_old_map(tmp_path: Path) -> None:
    path = tmp_path / "map"
    map_file.save(sample(8), path)
    before = path.read_bytes()
    ours, theirs = FORK.Pipe()
    writer = FORK.Process(target=save_with_little_space, args=(path, theirs))
    writer.start()
    assert ours.poll(60)
    answer = ours.recv()
    writer.join(60)
    assert "can't write the map" in answer
    assert "File too large" in answer
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["map"]


def save_for_ever(graph: GraphMemory, path: Path, saved: Connection) -> None:
    while True:
        graph.record_visit(0, 1.0)
        map_file.save(graph, path)
        saved.send(graph.node(0).visits)


def test_a_map_survives_being_killed_while_it_is_saved(tmp_path: Path) -> None:
    path, rng = tmp_path / "map", np.random.default_rng(0)
    cut_short = 0
    for _ in range(8):
        ours, theirs = FORK.Pipe()
        writer = FORK.Process(target=save_for_ever, args=(sample(400), path, theirs))
        writer.start()
        theirs.close()
        for _ in range(int(rng.integers(1, 6))):
            assert ours.poll(60)
            last = ours.recv()
        # Some time into the next save.
        writer.join(float(rng.uniform(0, 0.02)))
        writer.kill()
        writer.join(60)
        while ours.poll(0):
            try:
                last = ours.recv()
            except EOFError:
                break
        cut_short += any(name.endswith(".partial") for name in os.listdir(tmp_path))
        assert map_file.load(path, ENCODER).node(0).visits in (last, last + 1)
    assert cut_short > 0
    map_file.save(sample(8), path)
    assert os.listdir(tmp_path) == ["map"]


def test_autosave_saves_changes_and_only_changes(tmp_path: Path) -> None:
    graph, path = sample(), tmp_path / "map"
    autosave = Autosave(graph, path, period=10.0)
    assert not autosave.tick(0.0)
    assert not autosave.tick(20.0)
    graph.record_visit(0, 100.0)
    assert autosave.tick(21.0)
    graph.record_visit(0, 101.0)
    assert not autosave.tick(22.0)
    autosave.close()
    assert equal(graph, map_file.load(path))
    written = path.stat().st_mtime_ns
    autosave.close()
    assert path.stat().st_mtime_ns == written


def test_autosave_writes_the_moment_of_the_tick(tmp_path: Path) -> None:
    graph = sample(600)
    snapshot, visits = graph.snapshot(), graph.node(0).visits
    graph.record_visit(0, 100.0)
    graph.remove_nodes(range(100, 500))
    map_file.save(snapshot, tmp_path / "map")
    loaded = map_file.load(tmp_path / "map")
    assert len(loaded) == 598
    assert loaded.node(0).visits == visits


def test_autosave_tells_why_it_fails_and_tries_again(tmp_path: Path) -> None:
    graph, folder = sample(8), tmp_path / "folder"
    folder.mkdir()
    autosave = Autosave(graph, folder / "map", period=1.0)
    autosave.tick(0.0)
    graph.record_visit(0, 1.0)
    folder.rmdir()
    assert autosave.tick(2.0)
    with pytest.raises(MapFileError, match="No such file"):
        autosave.close()
    assert autosave.last_error is not None
    folder.mkdir()
    autosave.close()
    assert equal(graph, map_file.load(folder / "map"))
    with pytest.raises(CairnError, match="is no folder"):
        Autosave(graph, tmp_path / "none" / "map")
    with pytest.raises(CairnError, match="period of saving must be positive"):
        Autosave(graph, tmp_path / "map", period=0.0)
