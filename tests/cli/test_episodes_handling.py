"""`cairn episodes list`, `show`, `cut` and `merge` on labelled drives, as their user runs them."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "episodes"))

from bag_contents import by_cairn
from labelled_drive import write_drive

from cairn.cli.main import main
from cairn.episodes.mcap_scan import scan_mcap


@pytest.fixture(scope="module")
def bags(tmp_path_factory):
    directory = tmp_path_factory.mktemp("bags")
    write_drive(directory / "labelled")
    write_drive(directory / "plain", labels=False, camera="", odometry=False)
    return directory


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")

    def run(*words):
        with pytest.raises(SystemExit) as exit_info:
            main(["episodes", *map(str, words)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return exit_info.value.code, output.out, output.err

    return run


def names(output):
    return {Path(bag["bag"]).name: [episode["name"] for episode in bag["episodes"]] for bag in output}


def test_list_tells_of_bags_and_of_their_episodes(bags, run):
    code, output, _ = run("list", bags)
    assert code == 0
    assert re.search(r"labelled +complete +t = 0\.0 s +20\.0 s +711 +3", output)
    assert re.search(r"labelled +000 +to the shed +kept +success +7\.0 s +1 *\n", output)
    assert re.search(r"\n +001 +to the gate +discarded +failure +5\.0 s +0 *\n", output)
    assert re.search(r"plain +000 +- +undecided +unknown +20\.0 s +0 *\n", output)
    code, output, _ = run("list", bags, "--json")
    bag = json.loads(output)[0]
    assert bag["episodes"][0] == {
        "name": "000",
        "start": 10**9,
        "end": 8 * 10**9,
        "verdict": "kept",
        "outcome": "success",
        "task": "to the shed",
        "operator": "Ada",
        "note": "curb",
        "interventions": [4 * 10**9],
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--kept"], {"labelled": ["000"]}),
        (["--discarded"], {"labelled": ["001"]}),
        (["--kept", "--discarded"], {"labelled": ["000", "001"]}),
        (["--task", "SHED"], {"labelled": ["000"]}),
        (["--outcome", "failure"], {"labelled": ["001"]}),
        (["--outcome", "unknown"], {"plain": ["000"]}),
        (["--kept", "--task", "gate"], {}),
        ([], {"labelled": ["000", "001"], "plain": ["000"]}),
    ],
)
def test_list_filters_episodes_and_the_bags_without_any(bags, run, filters, expected):
    code, output, _ = run("list", bags, *filters, "--json")
    assert (code, names(json.loads(output))) == (0, expected)


def test_one_damaged_bag_does_not_hide_the_others(bags, run, tmp_path):
    shutil.copytree(bags, tmp_path / "bags")
    (tmp_path / "bags" / "torn").mkdir()
    (tmp_path / "bags" / "torn" / "torn_0.mcap").write_bytes(b"no bag at all")
    code, output, _ = run("list", tmp_path / "bags", "--json")
    told = {Path(bag["bag"]).name: bag for bag in json.loads(output)}
    assert code == 0
    assert told.keys() == {"labelled", "plain", "torn"}
    assert "expected an MCAP file" in told["torn"]["problem"]


def test_show_lists_episodes(bags, run):
    code, output, _ = run("show", bags / "labelled")
    assert code == 0
    assert re.search(r"000 +to the shed +kept +success +7\.0 s +1 +1\.0 s", output)
    code, output, _ = run("show", bags / "labelled", "--json")
    assert [episode["name"] for episode in json.loads(output)["episodes"]] == ["000", "001"]


def test_show_writes_pictures_and_a_page(bags, run, tmp_path):
    code, output, _ = run(
        "show", bags / "labelled", "--episode", "000", "--output", tmp_path / "out", "--json"
    )
    written = json.loads(output)["written"]
    assert code == 0
    assert [Path(path).name for path in written] == [
        "contact_sheet.png",
        "path.png",
        "topics.png",
        "index.html",
    ]
    assert all(Path(path).stat().st_size > 1000 for path in written)
    code, _, errors = run("show", bags / "labelled", "--episode", "9", "--output", tmp_path / "none")
    assert (code, "no episode '9' in the bag; it has 000, 001" in errors) == (2, True)
    code, _, errors = run("show", bags / "labelled", "--camera", "/rear", "--output", tmp_path / "none")
    assert (code, "no images on /rear; valid: /sensors/camera/image" in errors) == (2, True)
    assert not (tmp_path / "none").exists()
    code, _, errors = run("show", bags / "labelled", "--episode", "000")
    assert (code, "--output" in errors) == (2, True)


def test_pieces_are_cut_and_merged_again(bags, run, tmp_path):
    code, output, _ = run("cut", bags / "labelled", "--to", "9", "--output", tmp_path / "a")
    assert (code, output) == (0, f"{tmp_path / 'a'}: 9.0 s, 318 messages; episodes: 000\n")
    code, output, _ = run("cut", bags / "labelled", "--from", "9", "--output", tmp_path / "b", "--json")
    told = json.loads(output)
    assert (code, told["messages"], told["repeated"], told["episodes"]) == (0, 393, 2, ["001"])
    code, output, _ = run("merge", tmp_path / "b", tmp_path / "a", "-o", tmp_path / "both")
    assert code == 0
    assert output == (
        f"{tmp_path / 'both'}: 711 messages, episodes 000, 001\n"
        "2 latched messages that were only repeated were left out\n"
    )
    assert by_cairn(tmp_path / "both") == by_cairn(bags / "labelled")


def test_merge_says_what_it_renamed(bags, run, tmp_path):
    code, output, _ = run("merge", bags / "labelled", bags / "plain", "-o", tmp_path / "both")
    assert code == 0
    assert "episode 000 of labelled is called 000-2 now: the name was taken" in output
    assert "labelled and plain were recorded at the same time: their messages are interleaved" in output
    code, output, _ = run("merge", bags / "labelled", bags / "plain", "-o", tmp_path / "again", "--json")
    assert json.loads(output)["episodes_renamed"] == [{"bag": "labelled", "old": "000", "new": "000-2"}]


def test_a_killed_recorders_bag_is_cut_and_shown(bags, run, tmp_path):
    killed = tmp_path / "killed"
    shutil.copytree(bags / "labelled", killed)
    file = killed / "labelled_0.mcap"
    place = scan_mcap(file).chunks[-1].index
    file.write_bytes(file.read_bytes()[: place.chunk_start_offset + 40])
    assert run("cut", killed, "--episode", "000", "-o", tmp_path / "shed")[0] == 0
    code, output, _ = run("show", killed, "-o", tmp_path / "page")
    assert (code, "cairn episodes recover" in output) == (0, True)
    assert "The recorder was killed" in (tmp_path / "page" / "index.html").read_text()


def test_wrong_requests_are_refused(bags, run, tmp_path):
    for words, told in [
        (["cut", tmp_path / "x", "--from", "1"], "is no bag"),
        (["cut", bags / "labelled", "--episode", "7"], "no episode '7' in the bag; it has 000, 001"),
        (["cut", bags / "labelled", "--from", "9", "--to", "5"], "--from to lie before --to"),
        (["cut", bags / "labelled"], "either --episode NAME"),
        (["cut", bags / "labelled", "--episode", "000", "--from", "1"], "either --episode NAME"),
        (["merge", bags / "labelled"], "at least two bags"),
    ]:
        code, _, errors = run(*words, "--output", tmp_path / "new")
        assert code == 2
        assert told in re.sub(r"[\s│]+", " ", errors)
        assert not (tmp_path / "new").exists()
    code, _, errors = run("cut", bags / "labelled", "--from", "1", "--output", bags / "plain")
    assert (code, "exists already" in errors) == (2, True)
