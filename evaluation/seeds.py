"""Which worlds may be used for what."""

from __future__ import annotations

import re

from cairn.hardware.errors import CairnError

TRAINING = range(0, 1000)
TUNING = range(1000, 2000)
REPORTED = range(2000, 3000)

_VALID = "0-999 (training), 1000-1999 (tuning), 2000-2999 (reported)"
_PATTERN = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


def parse_seeds(text: str) -> range:
    """`A-B` (both included) or `A`.

    Seeds from 3000 up are refused, so that worlds remain that no decision has ever seen.  A range stays
    within one of the three purposes: figures of tuning and reported worlds never mix.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise CairnError(f"seeds must be A-B or A, for example 2000-2049; got {text!r}")
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    if last < first:
        raise CairnError(f"seeds must run upwards, got {text!r}")
    if last >= REPORTED.stop:
        raise CairnError(
            f"seeds from {REPORTED.stop} up are never run, got {text!r}; valid: 0-{REPORTED.stop - 1}"
        )
    if purpose(first) != purpose(last):
        raise CairnError(
            f"seeds {text!r} mix {purpose(first)} and {purpose(last)} worlds; stay within one of {_VALID}"
        )
    return range(first, last + 1)


def purpose(seed: int) -> str:
    """`training`, `tuning` or `reported`."""
    for name, seeds in (("training", TRAINING), ("tuning", TUNING), ("reported", REPORTED)):
        if seed in seeds:
            return name
    raise CairnError(f"seed {seed} belongs to no purpose; valid: {_VALID}")
