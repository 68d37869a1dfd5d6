"""The map grows where the robot drives, joins what is joined, and waits while lost."""

import cv2
import numpy as np
import pytest
from flat_world import TWO_ROOMS, FlatPolicy, FlatWorld, away, box

from cairn.hardware.twist import Twist
from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.planner import Planner
from cairn.navigation.mapper import Mapper
from cairn.navigation.pose import Pose

START = Pose(3, 3, 0)


def turn_towards(world, x, y, stop=0.4):
    """One step towards a place; True when there."""
    there = world.pose.inverse @ Pose(x, y, 0)
    if there.distance < stop:
        return True
    ahead = abs(there.bearing) < 0.3
    world.step(Twist(0.8 if ahead else 0.0, float(np.clip(2 * there.bearing, -1, 1))))
    return False


def update(mapper, world):
    seen = world.observe()
    image = np.zeros((48, 64, 3), np.uint8)
    return mapper.update(seen.odometry, mapper._policy.encode(seen.image), image, seen.stamp)


def drive(mapper, world, *corners):
    states = [update(mapper, world)]
    for corner in corners:
        for _ in range(200):
            if turn_towards(world, *corner):
                break
            states.append(update(mapper, world))
    return states


@pytest.fixture
def world():
    return FlatWorld([*TWO_ROOMS, *box(100, 0, 106, 6)], START)


@pytest.fixture
def mapper(world):
    return Mapper(FlatPolicy(world))


def test_the_first_view_is_the_maps_origin(world, mapper):
    state = update(mapper, world)
    assert (state.node, state.added, state.probability) == (0, 0, 1.0)
    assert state.pose == Pose()
    assert not state.is_lost
    assert mapper.graph.pose(0) == Pose()


def test_nodes_are_spaced_and_chained(world, mapper):
    states = drive(mapper, world, (10, 3))
    graph = mapper.graph
    assert 3 <= len(graph) <= 6
    assert [s.added for s in states if s.added is not None] == graph.ids.tolist()
    for a, b in zip(graph.ids[:-1].tolist(), graph.ids[1:].tolist(), strict=True):
        edge = graph.edge(a, b)
        assert edge is not None
        assert edge.kind is EdgeKind.TRAVERSED
        assert edge.traversals == 1
        assert graph.edge(b, a) is not None
    gaps = np.hypot(*np.diff(graph.poses[:, :2], axis=0).T)
    assert gaps.min() > 1.0


def test_thumbnails_are_small_pictures(world, mapper):
    update(mapper, world)
    jpeg = mapper.graph.thumbnail(0)
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (72, 96, 3)
    assert len(jpeg) < 6000


def test_coming_back_adds_nothing_and_finds_the_way_it_came(world, mapper):
    drive(mapper, world, (10, 3), (3, 3), (10, 3))
    size = len(mapper.graph)
    states = drive(mapper, world, (3, 3), (10, 3), (3, 3))
    assert len(mapper.graph) <= size + 1
    for state in states[::10]:
        assert away(state.pose, mapper.graph.pose(state.node))[0] < 3.0
    assert mapper.graph.visits.max() >= 3


def test_no_edge_leads_through_a_wall(world, mapper):
    drive(mapper, world, (11, 2), (11, 8.5), (13, 8.5), (13, 2))
    graph = mapper.graph
    west = [n for n in graph.ids.tolist() if (START @ graph.pose(n)).x < 12 and graph.pose(n).y < 2]
    east = [n for n in graph.ids.tolist() if (START @ graph.pose(n)).x > 12 and graph.pose(n).y < 2]
    assert west
    assert east
    assert all(graph.edge(a, b) is None and graph.edge(b, a) is None for a in west for b in east)
    route = Planner(graph).shortest_path(west[-1], east[-1], world.time)
    assert route.is_reachable
    assert len(route.nodes) >= 4


def test_free_sight_makes_shortcuts_both_ways(world, mapper):
    drive(mapper, world, (5, 3), (5, 5), (3, 5))
    graph = mapper.graph
    last, first = int(graph.ids[-1]), int(graph.ids[0])
    assert away(graph.pose(last), graph.pose(first))[0] < 3.0
    assert graph.edge(last, first) is not None
    assert graph.edge(first, last) is not None


def test_a_known_start_goes_on_where_the_map_begins(world, mapper):
    drive(mapper, world, (10, 3))
    world.carry(START)
    mapper.start(0)
    state = update(mapper, world)
    assert state.node == 0
    assert state.pose == pytest.approx(Pose(), abs=0.05)
    world.carry(START @ Pose(2.0, 0, 0))
    mapper.start(int(mapper.graph.ids[1]))
    assert update(mapper, world).pose == pytest.approx(mapper.graph.pose(1), abs=0.3)


def test_odometry_that_starts_anywhere_is_the_same_start(world, mapper):
    drive(mapper, world, (6, 3))
    world.carry(Pose(50, 50, 1.0))
    world._origin = Pose(50, 50, 1.0) @ Pose(-7, 2, 0.4)  # odometry reads (..) at the start
    world.pose = START
    world._origin = START @ Pose(-7, 2, 0.4).inverse
    mapper.start(0)
    state = update(mapper, world)
    assert state.pose == pytest.approx(Pose(), abs=0.05)
    odometry = world.observe().odometry
    assert state.map_to_odom @ Pose(odometry.x, odometry.y, odometry.yaw) == pytest.approx(
        state.pose, abs=1e-6
    )


def test_put_down_it_is_lost_until_it_recognises_something(world, mapper):
    drive(mapper, world, (10, 3))
    size = len(mapper.graph)
    world.carry(Pose(103, 3, 0))
    mapper.start()
    states = drive(mapper, world, (104.5, 4))
    assert all(s.is_lost and s.node == -1 and s.added is None for s in states)
    assert len(mapper.graph) == size
    world.carry(Pose(6, 3, 0))
    mapper.start()
    states = drive(mapper, world, (9, 3))
    assert not states[-1].is_lost
    assert away(states[-1].pose, START.inverse @ world.pose)[0] < 2.0
    assert states[-1].probability > 0.9


def test_a_contact_takes_the_ways_through_it_but_those_that_were_driven(world, mapper):
    drive(mapper, world, (5, 3), (5, 5), (3, 5), (3, 3))
    kinds = [edge.kind for edge in mapper.graph.edge_list()]
    driven = kinds.count(EdgeKind.TRAVERSED)
    for y in np.arange(-1.0, 4.0, 0.5):
        mapper.touch(Pose(0.5, y, 0), True)
    left = list(mapper.graph.edge_list())
    assert len(left) < len(kinds)
    assert sum(edge.kind is EdgeKind.TRAVERSED for edge in left) == driven
    places = mapper.graph.poses[:, :2]
    for edge in left:
        if edge.kind is not EdgeKind.TRAVERSED:
            ends = [places[[mapper.graph.row(node)]] for node in (edge.source, edge.target)]
            assert not mapper.contacts.block(*ends).any()
