"""How each task of the kitchens is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.expert.handling import Handling
from cairn.policies.bridge.expert.move import Move, shift

Script = Callable[[Handling], Iterator[Move]]
_LEVER_ARM = 0.075  # [m] from a lever's axis to where it is pushed


def _put(thing: str, support: str) -> Script:
    def script(scene: Handling) -> Iterator[Move]:
        for _ in range(4):
            yield from scene.take(thing)
            if not scene.has(thing):
                continue
            yield from scene.put(thing, support)
            if not scene.has(thing):
                return

    return script


def _take_out(thing: str, container: str) -> Script:
    def script(scene: Handling) -> Iterator[Move]:
        for _ in range(4):
            yield from scene.take(thing)
            if not scene.has(thing):
                continue
            yield from scene.set_down(thing, scene.free_spot(thing, container))
            return

    return script


def _push_box(scene: Handling) -> Iterator[Move]:
    """From behind, through its middle, with a closed hand; again where it went astray."""
    for _ in range(3):
        box, mat = scene.position("box"), scene.position("mat")
        way = mat[:2] - box[:2]
        far = float(np.linalg.norm(way))
        if far < 0.02:
            return
        ahead = way / far
        # A direction that the packet's face has pushes it straight.
        yaw = float(np.arctan2(ahead[1], ahead[0]))
        yaw = (yaw + pi / 2) % pi - pi / 2
        behind = np.array([*(box[:2] - 0.075 * ahead), 0.048])
        yield scene.move(behind + shift(0, 0, 0.09), yaw, 0.0, near=0.03)
        yield scene.move(behind, yaw, 0.0, near=0.012)
        reach = np.array([*(mat[:2] - 0.046 * ahead), 0.048])
        yield scene.move(reach, yaw, 0.0, near=0.006, pace=0.6)
        yield scene.move(reach - shift(0.02 * ahead[0], 0.02 * ahead[1], -0.09), yaw, 0.0, near=0.03)


def _flip_cup(scene: Handling) -> Iterator[Move]:
    for _ in range(4):
        cup = scene.pose("cup")
        if cup[2, 2] > 0.97:
            return
        # Its mouth's direction on the table: the hand rolls until that points up.
        mouth = cup[:3, 2]
        side = 1.0 if mouth[1] > 0 else -1.0
        axis = float(np.arctan2(mouth[1], mouth[0])) - side * pi / 2
        point = cup[:3, 3] + 0.058 * mouth
        point[2] = max(point[2] + 0.002, 0.030)
        # The fingers close across the cup, whose axis lies about along y.
        yaw = scene.across(axis + side * pi / 2)
        yield from scene.close_on(point, yaw)
        if not scene.holds_something("cup"):
            yield scene.move(point + shift(0, 0, 0.08), yaw, 1.0, near=0.03)
            continue
        lifted = np.array([point[0], float(np.clip(point[1], -0.12, 0.12)), 0.13])
        yield scene.move(lifted, yaw, 0.0, near=0.02)
        straight = yaw - axis
        yield scene.move(lifted, straight, 0.0, near=0.02)
        for angle in (0.5, 1.0, pi / 2):
            yield scene.roll(lifted, straight, side * angle, 0.0, near=0.02)
        low = lifted.copy()
        low[2] = scene.pose_of_hand()[2, 3] - scene.lowest("cup") + 0.004
        yield scene.roll(low, straight, side * pi / 2, 0.0, near=0.006, pace=0.5)
        yield Move(None, 0.0, steps=1)
        yield Move(None, 1.0, steps=3)
        back = low + shift(0, -side * 0.09, 0.0)
        yield scene.roll(back, straight, side * pi / 2, 1.0, near=0.015, pace=0.6)
        yield scene.roll(back + shift(0, 0, 0.05), straight, side * pi / 4, 1.0, near=0.03)


def _open_drawer(scene: Handling) -> Iterator[Move]:
    for _ in range(3):
        knob = scene.grasp_point("drawer")
        yield from scene.close_on(knob + shift(0, 0, 0.008), 0.0)
        here = scene.pose_of_hand()[:3, 3]
        way = 0.085 - scene.joint("drawer")
        yield scene.move(here - shift(way, 0, 0), 0.0, 0.0, near=0.008, pace=0.6)
        yield Move(None, 1.0, steps=3)
        yield scene.move(scene.pose_of_hand()[:3, 3] + shift(0, 0, 0.09), 0.0, 1.0, near=0.02)
        if scene.joint("drawer") > 0.06:
            return


def _close_drawer(scene: Handling) -> Iterator[Move]:
    for _ in range(3):
        knob = scene.grasp_point("drawer")
        front = np.array([knob[0] - 0.065, knob[1], 0.05])
        yield scene.move(front + shift(0, 0, 0.07), 0.0, 0.0, near=0.03)
        yield scene.move(front, 0.0, 0.0, near=0.012)
        way = scene.joint("drawer") + 0.035
        yield scene.move(front + shift(way, 0, 0), 0.0, 0.0, near=0.006, pace=0.6)
        yield scene.move(front + shift(way - 0.04, 0, 0.07), 0.0, 0.0, near=0.02)
        if scene.joint("drawer") < 0.012:
            return


def _open_box(scene: Handling) -> Iterator[Move]:
    """The hand turns with the lid."""
    for _ in range(3):
        fin = scene.grasp_point("lid")
        yield from scene.close_on(fin, pi / 2)
        hinge = scene.position("lid")
        grip = scene.pose_of_hand()[:3, 3] - hinge
        start = scene.joint("lid")
        for angle in np.linspace(0.25, 1.45, 6):
            swing = angle - start
            turn = np.array(
                [[1, 0, 0], [0, np.cos(swing), np.sin(swing)], [0, -np.sin(swing), np.cos(swing)]]
            )
            yield scene.roll(hinge + turn @ grip, pi / 2, -swing, 0.0, near=0.015, pace=0.8)
        yield Move(None, 1.0, steps=3)
        away = scene.pose_of_hand()
        yield Move(_shifted(away, -0.06 * away[:3, 0]), 1.0, near=0.015)
        yield scene.move(away[:3, 3] + shift(0, 0.03, 0.07), pi / 2, 1.0, near=0.04)
        if scene.joint("lid") > 1.15:
            return


def _close_box(scene: Handling) -> Iterator[Move]:
    """A closed hand comes from behind, pushes the lid over and follows it down, between hinge and fin."""
    for _ in range(3):
        hinge, angle = scene.position("lid"), scene.joint("lid")
        behind = hinge + shift(0.0, 0.08, 0.085)
        for y in (-0.06, 0.09):  # over the lid
            yield scene.move(hinge + shift(0, y, 0.17), pi / 2, 0.0, near=0.03)
        yield scene.move(behind, pi / 2, 0.0, near=0.015)
        for lid in np.linspace(angle, 0.0, 9):
            along, out = np.array([-np.cos(lid), np.sin(lid)]), np.array([np.sin(lid), np.cos(lid)])
            y, z = 0.045 * along + 0.018 * out
            yield scene.move(hinge + shift(0.0, y, z + 0.022), pi / 2, 0.0, near=0.012, pace=0.8)
        yield scene.move(hinge + shift(0.0, -0.04, 0.13), pi / 2, 0.0, near=0.02)
        if scene.joint("lid") < 0.12:
            return


def _turn_lever(scene: Handling) -> Iterator[Move]:
    """A closed hand beside its end pushes it round."""
    for _ in range(3):
        axis, angle = scene.position("lever"), scene.joint("lever")

        def beside(turned: float, ahead: float, axis: np.ndarray = axis) -> np.ndarray:
            """A point `ahead` [m] of the lever's flank when it has turned by an angle."""
            along = np.array([-np.cos(turned), -np.sin(turned), 0.0])
            flank = np.array([-np.sin(turned), np.cos(turned), 0.0])
            point: np.ndarray = axis + _LEVER_ARM * along + ahead * flank
            point[2] = axis[2] + 0.022
            return point

        start = beside(angle, 0.045)
        yield scene.move(start + shift(0, 0, 0.07), 0.0, 0.0, near=0.03)
        yield scene.move(start, 0.0, 0.0, near=0.012)
        for turned in np.linspace(angle + 0.2, 1.65, 6):
            yield scene.move(beside(turned, 0.022), 0.0, 0.0, near=0.015, pace=0.7)
        yield scene.move(beside(1.65, 0.05), 0.0, 0.0, near=0.015)
        yield scene.move(beside(1.65, 0.06) + shift(0, 0, 0.07), 0.0, 0.0, near=0.03)
        if scene.joint("lever") > 1.25:
            return


def _shifted(pose: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    there: NDArray[np.float64] = pose.copy()
    there[:3, 3] += by
    return there


SCRIPTS: dict[str, Script] = {
    "put_carrot_on_plate": _put("carrot", "plate"),
    "put_eggplant_in_pot": _put("eggplant", "pot"),
    "put_corn_in_bowl": _put("corn", "bowl"),
    "put_spoon_on_towel": _put("spoon", "towel"),
    "stack_green_block_on_yellow_block": _put("green_block", "yellow_block"),
    "take_can_out_of_pan": _take_out("can", "pan"),
    "take_potato_out_of_pot": _take_out("potato", "pot"),
    "push_box_onto_mat": _push_box,
    "flip_cup_upright": _flip_cup,
    "open_drawer": _open_drawer,
    "close_drawer": _close_drawer,
    "open_box": _open_box,
    "close_box": _close_box,
    "turn_lever": _turn_lever,
}


def script_of(task: str) -> Script:
    """Raises CairnError for a task that nobody has shown."""
    if task not in SCRIPTS:
        raise CairnError(f"the expert can't do {task!r}; valid: {', '.join(SCRIPTS)}")
    return SCRIPTS[task]
