"""Which seeds a benchmark takes."""

import pytest

from cairn.evaluation.seeds import parse_seeds, purpose
from cairn.hardware.errors import CairnError


def test_a_range_includes_both_ends():
    assert parse_seeds("2000-2049") == range(2000, 2050)
    assert parse_seeds(" 1003 ") == range(1003, 1004)


@pytest.mark.parametrize("text", ["3000", "2990-3000", "9999-12000"])
def test_seeds_that_no_one_may_see_are_refused(text):
    with pytest.raises(CairnError, match="from 3000 up are never run"):
        parse_seeds(text)


def test_tuning_and_reported_worlds_never_mix():
    with pytest.raises(CairnError, match="mix tuning and reported worlds"):
        parse_seeds("1990-2010")


@pytest.mark.parametrize(
    ("text", "message"),
    [("2010-2000", "run upwards"), ("-5", "must be A-B"), ("a-b", "must be A-B"), ("", "must be A-B")],
)
def test_nonsense_is_named(text, message):
    with pytest.raises(CairnError, match=message):
        parse_seeds(text)


def test_purposes():
    assert [purpose(seed) for seed in (0, 999, 1000, 2999)] == ["training", "training", "tuning", "reported"]
