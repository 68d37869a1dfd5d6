"""The exploration loop: find what a photo shows, remember the way, come straight back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import cos, hypot, sin

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.goal_verifier import NOTHING_SEEN, GoalEstimate, GoalVerifier, Verdict
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.path_lengths import path_lengths
from cairn.navigation.graph.planner import Planner
from cairn.navigation.graph_driver import GraphDriver
from cairn.navigation.known_goals import KnownGoals
from cairn.navigation.local_map import LocalMap
from cairn.navigation.local_planner import LocalPlanner
from cairn.navigation.look_around import LookAround
from cairn.navigation.mapper import Mapper, Whereabouts
from cairn.navigation.pose import Pose, wrap_angle
from cairn.navigation.recovery import Recovery
from cairn.navigation.searcher import Observation, Searcher
from cairn.navigation.viewpoints import ViewpointSettings, Views, rank_viewpoints, uncovered_headings
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_AT_THE_GOAL, _NEAR_THE_GOAL = 0.7, 1.4  # [m] from the suspected viewpoint


@dataclass(frozen=True)
class ExplorerSettings:
    """Limits and thresholds of the loop.

    Attributes:
        threshold: match probability that counts as a recognition; the bundle's.
        confirm_match, confirm_steps: match probability, and control steps to go, that suffice where the map
            says that the goal is here.
        memory_error: metres by which the map may have misplaced a remembered goal.
        speed, turn_rate: m/s and rad/s.
        arrival: metres within which a place counts as reached.
        verify_steps: control steps spent at a suspected goal before it is rejected.
        return_tries: times that the way to a remembered goal may lead no further before it is searched anew.
        avoid_for: seconds for which a place that could not be reached is left alone.
    """

    threshold: float = 0.6
    confirm_match: float = 0.5
    confirm_steps: float = 10.0
    memory_error: float = 6.0
    speed: float = 1.0
    turn_rate: float = 1.2
    arrival: float = 1.0
    verify_steps: int = 28
    return_tries: int = 4
    avoid_for: float = 120.0
    viewpoints: ViewpointSettings = field(default_factory=ViewpointSettings)


class Explorer(Searcher):
    """Remembers places *and* headings, goes to the nearest that it has not seen, verifies.

    Each view: localise and extend the graph; ask whether the goal is in view; then, in this order, recover
    from a contact, approach a suspected goal, look around where headings are missing, travel by the graph
    to the next viewpoint.  With a goal that was found before, the first travel leads straight there.

    What is in the way is taken from the newest view; place and goal from the one before, moved on by
    odometry: they are worked out while the command is on its way.
    """

    _goal: Embedding | None
    _destination: Pose | None
    _target: tuple[float, float] | None

    def __init__(
        self,
        policy: LatentGoalPolicy,
        settings: ExplorerSettings | None = None,
        graph: GraphMemory | None = None,
        goals: KnownGoals | None = None,
    ) -> None:
        self.settings = settings or ExplorerSettings()
        self._policy = policy
        self._mapper = Mapper(policy, graph)
        self.goals = goals or KnownGoals()
        self._planner = Planner(self.graph)
        self._verifier = GoalVerifier(self.settings.threshold)
        self._reset(0)

    @property
    def graph(self) -> GraphMemory:
        return self._mapper.graph

    @property
    def map_to_odom(self) -> Pose | None:
        """`T_map_odom` as of the last view pondered, None while the robot does not know where it is."""
        return None if self._where is None or self._where.is_lost else self._where.map_to_odom

    @property
    def believed_goal(self) -> Pose | None:
        """The goal's viewpoint in `map` as remembered, else as suspected; None while there is neither."""
        if self._destination is not None:
            return self._destination
        return None if self.map_to_odom is None else self._seen.pose

    @property
    def next_viewpoint(self) -> tuple[float, float] | None:
        """x, y in `map` [m] of the place to look from next, None while there is none."""
        return self._target

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        self._reset(seed)
        recogniser = self._policy.recogniser(goal_image)
        self._goal = recogniser.goal
        self._verifier.begin(recogniser)
        if len(self.graph):
            first = int(self.graph.ids[0])
            self._mapper.start(first if known_start else None)
            self._destination = self.goals.recall(self._goal, self.graph, self._policy)

    def stand_at(self, node: int) -> None:
        """The robot stands at this remembered place, with its heading; call it after `begin`."""
        self._mapper.start(node)

    def _reset(self, seed: int) -> None:
        self._local_map = LocalMap(self._policy.horizontal_fov)
        self._local_planner = LocalPlanner(self.settings.speed, self.settings.turn_rate)
        self._recovery = Recovery(self._policy.rate, seed)
        self._driver = GraphDriver(self._mapper, self._planner, self._local_map, self._local_planner)
        self._goal = None
        self._destination = None
        self._target = None
        self._lost_frame: Pose | None = None
        self._unpondered: tuple[Observation, Embedding] | None = None
        self._where: Whereabouts | None = None
        self._seen = NOTHING_SEEN
        self._target_node = -1
        self._start_node = -1
        self._choosing = False
        self._look = LookAround(self.settings.turn_rate)
        self._avoid: list[tuple[float, float, float]] = []
        self._looked: list[tuple[float, float]] = []
        self._verifying, self._near_enough = 0, False
        self._arrived = 0
        self._tries = 0
        self._last_twist = Twist()

    def node_stamps(self) -> dict[int, float]:
        return dict(zip(self.graph.ids.tolist(), self.graph.stamps.tolist(), strict=True))

    def watch(self, observation: Observation) -> None:
        """Remember a demonstrated view."""
        embedding = self._policy.encode(observation.image)
        self._mapper.update(observation.odometry, embedding, observation.image, observation.stamp)

    def step(self, observation: Observation) -> Decision:
        if self._goal is None:
            raise RuntimeError("begin() gives the goal before the first step")
        self.ponder()
        here = self._policy.encode(observation.image)
        odom = Pose(observation.odometry.x, observation.odometry.y, observation.odometry.yaw)
        self._local_map.update(odom, here.ranges, observation.stamp)
        self._unpondered = (observation, here)
        if self._where is None:
            self.ponder()
        assert self._where is not None
        where = replace(self._where, pose=self._where.map_to_odom @ odom)
        twist, phase, reason = self._decide(observation, where, odom, self._seen)
        self._last_twist = twist
        return Decision(
            twist,
            phase,
            reason,
            self._seen.steps,
            self._seen.match,
            self._target_node if phase in (Phase.TRAVELLING, Phase.EXPLORING) else -1,
            where.node,
            where.probability,
            sector_ranges=here.ranges,
        )

    def ponder(self) -> None:
        """Localise, extend the graph, look for the goal in the last view, choose where to go if asked to."""
        if self._unpondered is None:
            return
        (observation, here), self._unpondered = self._unpondered, None
        # Should this fail, the next step must fail too rather than drive on by what is no longer kept.
        self._where = None
        where = self._mapper.update(observation.odometry, here, observation.image, observation.stamp)
        if self._lost_frame is not None:
            # Views of a lost robot are placed in a frame of their own: take what they said along from it.
            self._verifier.shift(where.map_to_odom @ self._lost_frame.inverse)
        self._lost_frame = where.map_to_odom if where.is_lost else None
        self._seen = self._verifier.update(observation.image, here, where.pose)
        if self._start_node not in self.graph and not where.is_lost:
            self._start_node = where.node
        if self._choosing and not where.is_lost:
            self._choose(where, observation.stamp)
        self._where = where

    def _decide(
        self, observation: Observation, where: Whereabouts, odom: Pose, goal: GoalEstimate
    ) -> tuple[Twist, Phase, str]:
        now = observation.stamp
        if goal.verdict is Verdict.CONFIRMED and goal.pose is not None:
            if not where.is_lost:
                self.goals.remember(self._goal, goal.pose)
            return Twist(), Phase.REACHED, "the goal was recognised from close by in several views"
        if (
            not where.is_lost
            and (self._is_where_the_goal_was(where) or self._is_where_it_is_suspected(goal, where))
            and goal.match >= self.settings.confirm_match
            and goal.steps <= self.settings.confirm_steps
        ):
            return Twist(), Phase.REACHED, "the remembered place is reached and looks like the goal"
        if observation.collided and not self._recovery.is_active:
            self._local_map.bumped(odom, self._last_twist.linear >= 0, now)
            if not where.is_lost:
                self._mapper.touch(where.pose, self._last_twist.linear >= 0)
                self._driver.drop_route()
            self._driver.begin()
            self._recovery.begin(self._last_twist.linear >= 0)
            # Whatever the robot was doing here failed here: do something else, elsewhere.
            self._look.stop()
            self._target = None
            self._looked.append((where.pose.x, where.pose.y))
            self._avoid_place(
                where.pose.x + 0.6 * cos(where.pose.yaw), where.pose.y + 0.6 * sin(where.pose.yaw), now
            )
        if self._recovery.is_active:
            return self._recovery.next(), Phase.RECOVERING, "backing off after contact"
        if goal.verdict is Verdict.SUSPECTED and goal.pose is not None and self._fits_memory(goal.pose):
            return self._approach(goal, where, odom, now)
        if where.is_lost:
            return self._look_for_a_landmark(odom, now)
        self._verifying, self._near_enough = 0, False
        if self._destination is not None:
            return self._return_to_goal(where, odom, now)
        if self._look:
            return self._look_around(where), Phase.SCANNING, "looking where nothing was seen yet"
        return self._explore(where, odom, now)

    def _approach(
        self, goal: GoalEstimate, where: Whereabouts, odom: Pose, now: float
    ) -> tuple[Twist, Phase, str]:
        """Drive to the suspected viewpoint, turn as the photo was taken, and look until sure."""
        assert goal.pose is not None
        away = hypot(goal.pose.x - where.pose.x, goal.pose.y - where.pose.y)
        self._look.stop()
        self._target = None
        if away > (_NEAR_THE_GOAL if self._near_enough else _AT_THE_GOAL):
            twist, stuck = self._driver.step(goal.pose, where, odom, now, "goal")
            # What stands around the goal may keep the robot from its very viewpoint.
            self._near_enough = stuck and away < _NEAR_THE_GOAL
            if stuck and not self._near_enough:
                self._drop_suspicion()
            return twist, Phase.SEEKING, "the goal is in view"
        turn = wrap_angle(goal.pose.yaw - where.pose.yaw)
        self._verifying += 1
        if self._verifying > self.settings.verify_steps:
            self._drop_suspicion()
        return Twist(0.0, float(np.clip(1.5 * turn, -0.8, 0.8))), Phase.VERIFYING, "is this the goal?"

    def _drop_suspicion(self) -> None:
        self._verifier.reject()
        self._verifying, self._near_enough = 0, False

    def _fits_memory(self, suspected: Pose) -> bool:
        """On the way to a remembered goal, what looks like it elsewhere is no reason to leave the way."""
        goal = self._destination
        return goal is None or hypot(goal.x - suspected.x, goal.y - suspected.y) < self.settings.memory_error

    def _is_where_the_goal_was(self, where: Whereabouts) -> bool:
        """The map says that the goal is here: then less than a recognition has to confirm it."""
        goal = self._destination
        return goal is not None and hypot(goal.x - where.pose.x, goal.y - where.pose.y) < 1.2

    def _is_where_it_is_suspected(self, goal: GoalEstimate, where: Whereabouts) -> bool:
        """The map may be a few metres off: a suspicion about where it has the goal stands for it."""
        if self._destination is None or goal.pose is None or not self._fits_memory(goal.pose):
            return False
        return hypot(goal.pose.x - where.pose.x, goal.pose.y - where.pose.y) < _NEAR_THE_GOAL

    def _return_to_goal(self, where: Whereabouts, odom: Pose, now: float) -> tuple[Twist, Phase, str]:
        destination = self._destination
        assert destination is not None
        if self._arrived or hypot(destination.x - where.pose.x, destination.y - where.pose.y) < 0.8:
            self._arrived += 1
            turn = wrap_angle(destination.yaw - where.pose.yaw)
            if self._arrived < 8 * self._policy.rate:
                swing = 0.6 * sin(self._arrived / self._policy.rate) if abs(turn) < 0.9 else 0.0
                wanted = float(np.clip(1.5 * wrap_angle(turn + swing), -1.0, 1.0))
                return Twist(0.0, wanted), Phase.VERIFYING, "looking for the goal where it was seen"
            self._destination, self._arrived = None, 0
            return Twist(), Phase.VERIFYING, "the goal is not where it was seen"
        twist, stuck = self._driver.step(destination, where, odom, now, "memory")
        if stuck:
            # Another way is tried first: what did not lead on is remembered as failed.
            self._tries += 1
            if self._tries >= self.settings.return_tries:
                self._destination = None
                self._avoid_place(destination.x, destination.y, now)
        return twist, Phase.TRAVELLING, "following the remembered way"

    def _explore(self, where: Whereabouts, odom: Pose, now: float) -> tuple[Twist, Phase, str]:
        if self._target is None:
            self._choosing = True
            return Twist(), Phase.SCANNING, "choosing where to look next"
        if hypot(self._target[0] - where.pose.x, self._target[1] - where.pose.y) < self.settings.arrival:
            self._looked.append((where.pose.x, where.pose.y))
            self._plan_look(where)
            if self._look:
                self._target = None
                return self._look_around(where), Phase.SCANNING, "looking where nothing was seen yet"
            self._choosing = True  # and drive on until then
        assert self._target is not None
        x, y = self._target
        twist, stuck = self._driver.step(Pose(x, y, 0.0), where, odom, now, "explore", self._target_node)
        if stuck:
            self._avoid_place(x, y, now)
            self._target = None
        return twist, Phase.EXPLORING, "to the next viewpoint"

    def _choose(self, where: Whereabouts, now: float) -> None:
        """The next place to look from; where none is left, look around again."""
        self._choosing, self._target = False, None
        self._avoid = [place for place in self._avoid if now - place[2] < self.settings.avoid_for]
        views, settings = self._views(), self.settings.viewpoints
        seconds = self._planner.tree_from(where.node, now).costs
        metres = path_lengths(self.graph, self._start_node)
        # Where nothing is left to see at the recogniser's full reach, look closer.
        for closer in (1.0, 0.5, 0.25):
            best = rank_viewpoints(
                views,
                seconds,
                metres,
                replace(settings, reach=closer * settings.reach),
                np.array([place[:2] for place in self._avoid]).reshape(-1, 2),
                np.array(self._looked).reshape(-1, 2),
                self._mapper.contacts.barriers,
            )
            if best:
                break
        if best:
            self._target, self._target_node = (best[0].x, best[0].y), best[0].node
            self._driver.begin()
            return
        self._look.begin_full_turn(where.pose.yaw)
        self._avoid.clear()
        self._looked.clear()

    def _views(self) -> Views:
        return Views(self.graph.ids, self.graph.poses, self.graph.ranges, self._policy.horizontal_fov)

    def _plan_look(self, where: Whereabouts) -> None:
        """Look into the headings that nothing covers here."""
        place = (where.pose.x, where.pose.y)
        missing = uncovered_headings(place, self._views(), self.settings.viewpoints)
        self._look.begin(missing, where.pose.yaw)

    def _look_around(self, where: Whereabouts) -> Twist:
        twist = self._look.step(where.pose.yaw)
        if twist is None:
            self._choosing = True
        return twist or Twist()

    def _look_for_a_landmark(self, odom: Pose, now: float) -> tuple[Twist, Phase, str]:
        """Lost: turn on the spot for a while, then move on to where it is free and look again."""
        cycle = now % 14.0
        if cycle < 7.0:
            return Twist(0.0, 0.9), Phase.RECOVERING, "lost: looking around"
        ahead = (odom.x + 4 * cos(odom.yaw), odom.y + 4 * sin(odom.yaw))
        return (
            self._local_planner.steer(odom, ahead, self._local_map.points).twist,
            Phase.RECOVERING,
            "lost: moving on",
        )

    def _avoid_place(self, x: float, y: float, now: float) -> None:
        self._avoid.append((x, y, now))
