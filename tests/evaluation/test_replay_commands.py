"""Commands of a bag, driven again in the simulator and judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from replay_bags import (
    COMMAND,
    EFFECT,
    ODOMETRY,
    TYPES,
    altered,
    drive,
    odometry,
    open_bag,
    thinned,
    twist_stamped,
)

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_scan import scan_mcap
from cairn.evaluation.replay.command_replay import CommandReplay, replay_commands
from cairn.evaluation.replay.drive_report import as_json, write_drive_report
from cairn.evaluation.replay.drive_verdict import Tolerances
from cairn.evaluation.replay.recorded_world import OPEN_GROUND, RecordedWorld
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.evaluation.replay.velocity_response import RATE, velocity_response
from cairn.hardware.errors import CairnError

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def bag(tmp_path_factory, yard_file) -> Path:
    return drive(tmp_path_factory.mktemp("bags") / "run", yard_file)


def replay(bag: Path, world: RecordedWorld | None = None, **window) -> CommandReplay:
    reader = BagReader(bag)
    return replay_commands(reader, bag, TimeWindow.of(reader, **window), Tolerances(), world)


def test_a_recorded_drive_is_repeated(bag, tmp_path) -> None:
    result = replay(bag)
    verdict = result.verdict
    assert verdict.passed, verdict.findings
    assert verdict.distance[-1] > 5.0
    assert verdict.worst_share < 0.02
    assert verdict.heading_error.max() < 3.0
    assert verdict.notes == ("the drive was repeated to the last digits (20 s)",)
    for axis in verdict.axes.values():
        assert axis.lag_ms == pytest.approx(0.0, abs=40.0)
        assert axis.gain == pytest.approx(1.0, abs=0.1)
    page = write_drive_report(result, tmp_path / "report")
    assert "within tolerance" in page.read_text()
    assert (tmp_path / "report" / "replay.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("alter", "named", "others"),
    [
        (lambda t, v, w: (t + SECOND // 5, v, w), "ms later than those", ("gain:", "sign:")),
        (lambda t, v, w: (t, 1.3 * v, w), "gain: the linear commands are 1.", ("lag:", "sign:")),
        (lambda t, v, w: (t, v, 0.7 * w), "gain: the angular commands are 0.", ("lag:", "sign:")),
        (lambda t, v, w: (t, v, -w), "sign: the angular motion is opposite", ("lag:", "gain:")),
        (lambda t, v, w: (t, -v, w), "sign: the linear motion is opposite", ("lag:", "gain:")),
    ],
    ids=["lagged", "scaled", "scaled_turns", "flipped_turns", "flipped"],
)
def test_what_was_done_to_the_commands_is_named(bag, tmp_path, alter, named, others) -> None:
    verdict = replay(altered(bag, tmp_path / "copy", alter)).verdict
    assert not verdict.passed
    assert any(named in finding for finding in verdict.findings), verdict.findings
    wrong = [finding for finding in verdict.findings if finding.startswith(others)]
    assert wrong == []
    assert verdict.worst_share > 0.02


def test_commands_that_come_too_early_are_named_by_their_delay(bag, tmp_path) -> None:
    early = altered(bag, tmp_path / "early", lambda t, v, w: (max(t - SECOND // 5, 0), v, w))
    verdict = replay(early).verdict
    assert "the drive: the commands come 200 ms earlier than they took effect" in verdict.notes
    # The wheels were told at the right moment all the same.
    assert verdict.passed, verdict.findings


def test_a_drive_is_repeated_although_the_recorder_came_late_and_lost_much(bag, tmp_path) -> None:
    # 0.7 s of standing are missing, then three odometry messages in four.
    poor = thinned(
        bag,
        tmp_path / "poor",
        lambda name, t: t > 0.7e9 and (name in (EFFECT, COMMAND) or t // 4000000 % 4 == 0),
    )
    verdict = replay(poor).verdict
    assert verdict.passed, verdict.findings
    assert [note for note in verdict.notes if "to the last digits (19 s)" in note], verdict.notes


def test_without_times_of_effect_commands_act_at_their_stamps_and_it_says_so(bag, tmp_path) -> None:
    old = thinned(bag, tmp_path / "old", lambda name, t: name != EFFECT)
    verdict = replay(old).verdict
    doubt = "the drive: the bag does not say when commands took effect: they do so at their stamps"
    assert doubt in verdict.notes
    # Here they did just that.
    assert verdict.passed, verdict.findings
    late = altered(old, tmp_path / "late", lambda t, v, w: (t + SECOND // 5, v, w))
    assert any("ms later than those" in finding for finding in replay(late).verdict.findings)


def test_commands_that_are_not_those_that_took_effect_are_told(bag, tmp_path) -> None:
    verdict = replay(altered(bag, tmp_path / "other", lambda t, v, w: (t, v, -w))).verdict
    (doubt,) = (note for note in verdict.notes if "commands that drove" in note)
    assert "are not among those in the bag, which take effect at their stamps" in doubt


def test_a_gain_is_measured(bag, tmp_path) -> None:
    verdict = replay(altered(bag, tmp_path / "copy", lambda t, v, w: (t, 1.5 * v, w))).verdict
    assert 1 / verdict.axes["linear"].gain == pytest.approx(1.5, abs=0.1)


def test_a_lag_is_measured(bag, tmp_path) -> None:
    before = replay(bag).verdict.axes["linear"].recorded.lag
    late = altered(bag, tmp_path / "late", lambda t, v, w: (t + 123_000_000, v, w))
    after = replay(late).verdict.axes["linear"].recorded.lag
    assert before - after == pytest.approx(0.123, abs=0.01)


def test_the_answer_of_a_known_system_is_found() -> None:
    random, time = np.random.default_rng(0), np.arange(0, 40, 1 / RATE)
    smooth = np.convolve(random.normal(size=len(time)), np.ones(40) / 6, "same")
    late = -0.8 * np.interp(time - 0.1234, time, smooth) + random.normal(0, 0.01, len(time))
    answer = velocity_response(smooth, late)
    assert answer.lag == pytest.approx(0.1234, abs=0.002)
    assert answer.gain == pytest.approx(0.8, abs=0.01)
    assert answer.is_reversed
    assert not velocity_response(np.full(500, 0.5), smooth[:500]).is_known


def test_a_part_of_a_bag_is_replayed(bag) -> None:
    verdict = replay(bag, duration=8.0).verdict
    assert verdict.time[-1] == pytest.approx(8.0, abs=0.1)
    assert verdict.passed, verdict.findings


def test_another_world_can_be_chosen(bag) -> None:
    result = replay(bag, RecordedWorld(OPEN_GROUND))
    assert result.world.startswith("open")
    with pytest.raises(
        CairnError, match=r"a world must be one of suburb, .* open, or an MJCF file; got 'moon'"
    ):
        replay(bag, RecordedWorld("moon"))


def test_a_cut_bag_is_replayed_up_to_the_cut(bag, tmp_path) -> None:
    source = next(bag.glob("*.mcap"))
    chunks = scan_mcap(source).chunks
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(source.read_bytes()[: chunks[len(chunks) // 2].index.chunk_start_offset + 50])
    result = replay(cut)
    assert 5.0 < result.verdict.time[-1] < 15.0
    assert result.verdict.passed, result.verdict.findings
    assert "the bag is cut: replayed up to the cut" in as_json(result)["notes"]


def write(bag: Path, rows: list[tuple[str, int, bytes]], topics=TYPES) -> Path:
    writer = open_bag(bag, topics=topics)
    for sequence, (name, time, data) in enumerate(rows, start=1):
        writer.write(name, data, time, time, b"p", sequence)
    writer.close()
    return bag


def standing(time: int, x: float = 0.0) -> tuple[str, int, bytes]:
    return ODOMETRY, time, odometry(time, (x, 0.0, 0.0), 0.0, 0.0)


def commanded(time: int, linear: float = 0.0) -> tuple[str, int, bytes]:
    return COMMAND, time, twist_stamped(time, linear, 0.0)


def test_a_bag_without_commands_or_odometry_is_refused(tmp_path) -> None:
    only = {ODOMETRY: TYPES[ODOMETRY]}
    with pytest.raises(
        CairnError, match="expected a topic cmd_vel in the bag; it has /platform/odom/filtered"
    ):
        replay(write(tmp_path / "a", [standing(SECOND)], only))
    with pytest.raises(CairnError, match="expected messages on /platform/odom/filtered"):
        replay(write(tmp_path / "b", [commanded(SECOND)]))


def test_a_bag_of_no_simulator_needs_a_world(tmp_path) -> None:
    rows = [
        row for time in range(SECOND, 4 * SECOND, SECOND // 10) for row in (standing(time), commanded(time))
    ]
    bag = write(tmp_path / "real", rows)
    with pytest.raises(CairnError, match="does not say in which world it was recorded"):
        replay(bag)
    verdict = replay(bag, RecordedWorld(OPEN_GROUND)).verdict
    assert verdict.passed
    assert not verdict.axes["linear"].is_known


def test_time_that_goes_back_is_refused(tmp_path) -> None:
    times = [*range(SECOND, 3 * SECOND, SECOND // 10), *range(SECOND, 3 * SECOND, SECOND // 10)]
    rows = [row for time in times for row in (standing(time), commanded(time))]
    with pytest.raises(CairnError, match="time goes back on /"):
        replay(write(tmp_path / "reset", rows), RecordedWorld(OPEN_GROUND))


def test_what_is_not_finite_is_refused(tmp_path) -> None:
    rows = [standing(SECOND), commanded(SECOND, float("nan")), standing(2 * SECOND)]
    with pytest.raises(CairnError, match="expected finite commands"):
        replay(write(tmp_path / "mad", rows), RecordedWorld(OPEN_GROUND))


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"start": 99.0}, "--start 99 lies beyond the end"),
        ({"episode": "007"}, "the bag has no episode '007'; it has 000"),
    ],
)
def test_a_part_that_is_not_there_is_refused(bag, window, message) -> None:
    with pytest.raises(CairnError, match=message):
        replay(bag, **window)


def test_an_empty_bag_is_refused(tmp_path) -> None:
    with pytest.raises(CairnError, match="the bag holds no message"):
        replay(write(tmp_path / "empty", []))


@pytest.mark.parametrize("name", ["distance", "heading", "lag", "gain"])
def test_tolerances_must_be_positive(name) -> None:
    with pytest.raises(CairnError, match=f"tolerance {name} must be positive and finite, got nan"):
        Tolerances(**{name: float("nan")})
