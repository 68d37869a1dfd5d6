"""What was touched stays in the way."""

from math import pi

import numpy as np
import pytest

from cairn.navigation.contacts import ContactMemory
from cairn.navigation.pose import Pose


def blocks(contacts, start, end):
    return bool(contacts.block(np.array([start], float), np.array([end], float))[0])


def test_one_contact_bars_the_way_that_led_to_it_and_no_more():
    contacts = ContactMemory()
    contacts.add(Pose(0, 0, 0), True)
    assert blocks(contacts, (0, 0), (1, 0))
    assert blocks(contacts, (1, 0.2), (0, 0.2))
    assert not blocks(contacts, (0, 1), (1, 1))
    assert not blocks(contacts, (0, 0), (0.3, 0))


def test_backing_into_something_bars_what_lies_behind():
    contacts = ContactMemory()
    contacts.add(Pose(0, 0, pi / 2), False)
    assert blocks(contacts, (0, 0), (0, -1))
    assert not blocks(contacts, (0, 0), (0, 1))


def test_two_contacts_in_line_are_taken_for_one_kerb():
    contacts = ContactMemory()
    contacts.add(Pose(0, 0, 0.2), True)
    contacts.add(Pose(0, 4, -0.2), True)
    assert blocks(contacts, (0, 2), (1, 2))
    assert not blocks(contacts, (0, 6), (1, 6))
    points = contacts.points_near((0, 2), 1.0)
    assert points[:, 1].max() > 3.5
    assert np.diff(np.sort(points[:, 1])).max() < 0.3


@pytest.mark.parametrize("second", [Pose(4, 0, 0), Pose(0, 8, 0), Pose(0, 4, pi / 2)], ids=str)
def test_contacts_behind_one_another_far_apart_or_athwart_are_not(second):
    contacts = ContactMemory()
    contacts.add(Pose(0, 0, 0), True)
    contacts.add(second, True)
    assert not blocks(contacts, (0, 2), (1, 2))
    assert len(contacts.barriers) == 2


def test_nothing_touched_bars_nothing():
    contacts = ContactMemory()
    assert not blocks(contacts, (0, 0), (9, 9))
    assert contacts.points_near((0, 0), 5.0).shape == (0, 2)
