"""What an operator says about a recording by pressing a button."""

from __future__ import annotations

from enum import Enum


class OperatorAction(Enum):
    """Named as the kinds of `cairn_interfaces/EpisodeEvent`; the value is for people."""

    START = "start"
    KEEP = "keep"
    DISCARD = "discard"
    SUCCESS = "success"
    FAILURE = "failure"
    INTERVENTION = "intervention"
    MARK = "mark"
