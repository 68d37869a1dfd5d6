"""Sectors of a view: bearings and back again."""

import numpy as np
import pytest

from cairn.policies.sectors import sector_bearings, sectors_at


def test_the_first_sector_is_the_leftmost():
    assert np.degrees(sector_bearings(4, 120.0)) == pytest.approx([45, 15, -15, -45])


def test_a_bearing_at_a_sectors_centre_lies_in_it():
    assert sectors_at(sector_bearings(16, 140.0), 16, 140.0).tolist() == list(range(16))


def test_what_lies_outside_the_view_counts_to_the_outermost_sector():
    assert sectors_at(np.radians([100.0, -100.0]), 8, 120.0).tolist() == [0, 7]
