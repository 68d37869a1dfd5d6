"""Distances to a straight line between two places."""

import numpy as np
import pytest

from cairn.navigation.segment import distances_to_segment


def test_beside_the_line_it_is_the_perpendicular_beyond_its_ends_the_distance_to_them():
    points = np.array([[5.0, 2.0], [-3.0, 4.0], [13.0, -4.0], [7.0, 0.0]])
    assert distances_to_segment(points, (0, 0), (10, 0)) == pytest.approx([2, 5, 5, 0])


def test_a_line_without_length_is_a_point():
    assert distances_to_segment(np.array([[3.0, 4.0]]), (0, 0), (0, 0)) == pytest.approx([5])
