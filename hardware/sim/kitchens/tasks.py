"""What can be done in the kitchens."""

from __future__ import annotations

from math import pi

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.kitchens.goals import SURFACE, Goal, JointMoved, Resting, TakenOut, Upright
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder
from cairn.hardware.sim.kitchens.prop import Prop
from cairn.hardware.sim.kitchens.props import blocks, fixtures, produce, vessels
from cairn.hardware.sim.kitchens.task import Task

_GREEN, _YELLOW = (60, 150, 70), (240, 200, 50)
_NEAR, _FAR = (0.22, 0.33), (0.28, 0.36)


def _yaw(builder: KitchenBuilder, spread: float = pi) -> float:
    return float(builder.layout.uniform(-spread, spread))


def _in(thing: Prop, vessel: Prop) -> Goal:
    """Lying inside, below the rim or across it."""
    return Resting(thing.name, vessel.name, vessel.opening, 0.5 * thing.rest, vessel.rim + 0.6 * thing.rest)


def _on(thing: Prop, support: Prop, slack: float = 0.012) -> Goal:
    height = support.floor + thing.rest
    return Resting(thing.name, support.name, support.opening, height - slack, height + slack)


def _carrot_on_plate(builder: KitchenBuilder) -> Goal:
    plate = vessels.add_plate(builder, "plate", builder.spot(0.08))
    carrot = produce.add_carrot(builder, "carrot", builder.spot(0.065), _yaw(builder))
    return _on(carrot, plate, 0.02)


def _eggplant_in_pot(builder: KitchenBuilder) -> Goal:
    pot = vessels.add_pot(builder, "pot", builder.spot(0.08))
    eggplant = produce.add_eggplant(builder, "eggplant", builder.spot(0.056), _yaw(builder))
    return _in(eggplant, pot)


def _corn_in_bowl(builder: KitchenBuilder) -> Goal:
    bowl = vessels.add_bowl(builder, "bowl", builder.spot(0.072))
    corn = produce.add_corn(builder, "corn", builder.spot(0.06), _yaw(builder))
    return _in(corn, bowl)


def _spoon_on_towel(builder: KitchenBuilder) -> Goal:
    half = (0.055, 0.075)
    towel = blocks.add_cloth(builder, "towel", "towel", builder.spot(0.08), _yaw(builder), half)
    spoon = blocks.add_spoon(builder, "spoon", builder.spot(0.068), _yaw(builder))
    return _on(spoon, towel)


def _green_on_yellow(builder: KitchenBuilder) -> Goal:
    yellow = blocks.add_block(builder, "yellow_block", builder.spot(0.03), _yaw(builder), 0.04, _YELLOW)
    green = blocks.add_block(builder, "green_block", builder.spot(0.03), _yaw(builder), 0.03, _GREEN)
    return Resting(green.name, yellow.name, 0.025, 0.030, 0.040)


def _can_out_of_pan(builder: KitchenBuilder) -> Goal:
    at = builder.spot(0.075)
    # The handle points aside, where no hand has to pass.
    pan = vessels.add_pan(builder, "pan", at, (pi / 2 if at[1] > 0 else -pi / 2) + _yaw(builder, 0.4))
    reach = 0.4 * pan.opening
    inside = (at[0] + _yaw(builder, reach), at[1] + _yaw(builder, reach))
    can = vessels.add_can(builder, "can", inside, on=pan.floor)
    builder.spot(0.04)  # where it can be put
    return TakenOut(can.name, pan.name, pan.radius + 0.01)


def _potato_out_of_pot(builder: KitchenBuilder) -> Goal:
    at = builder.spot(0.08)
    pot = vessels.add_pot(builder, "pot", at)
    inside = (at[0] + _yaw(builder, 0.008), at[1] + _yaw(builder, 0.008))
    potato = produce.add_potato(builder, "potato", inside, _yaw(builder), on=pot.floor)
    builder.spot(0.04)  # where it can be put
    return TakenOut(potato.name, pot.name, 0.09)


def _box_onto_mat(builder: KitchenBuilder) -> Goal:
    """The mat lies straight on, or to a side: as far as a push goes."""
    direction = (0.0, pi / 2, -pi / 2)[int(builder.layout.integers(3))]
    if direction == 0.0:
        at = builder.spot(0.056, (0.23, 0.25), (-0.1, 0.1))
        mat_at = (at[0] + float(builder.layout.uniform(0.11, 0.13)), at[1] + _yaw(builder, 0.02))
    else:
        side = 1.0 if direction > 0 else -1.0
        near, far = sorted((-0.07 * side, -0.03 * side))
        at = builder.spot(0.056, (0.25, 0.35), (near, far))
        mat_at = (at[0] + _yaw(builder, 0.02), at[1] + side * float(builder.layout.uniform(0.11, 0.14)))
    builder.take(mat_at, 0.06)
    mat = blocks.add_cloth(builder, "mat", "mat", mat_at, 0.0, (0.055, 0.055))
    box = blocks.add_box(builder, "box", at, direction + _yaw(builder, 0.2))
    return Resting(box.name, mat.name, 0.035, 0.5 * box.rest, 1.5 * box.rest, touching=SURFACE)


def _cup_upright(builder: KitchenBuilder) -> Goal:
    at = builder.spot(0.06, (0.24, 0.36), (-0.10, 0.10))
    mouth = 0.0 if builder.layout.random() < 0.5 else pi
    return Upright(vessels.add_cup(builder, "cup", at, mouth + _yaw(builder, 0.5), lying=True).name)


def _drawer(builder: KitchenBuilder, opened: float) -> None:
    at = float(builder.layout.uniform(0.39, 0.41)), float(builder.layout.uniform(-0.09, 0.09))
    fixtures.add_drawer(builder, at, opened)


def _open_drawer(builder: KitchenBuilder) -> Goal:
    _drawer(builder, 0.0)
    return JointMoved("drawer", "drawer", least=0.6 * fixtures.DRAWER_WAY)


def _close_drawer(builder: KitchenBuilder) -> Goal:
    _drawer(builder, float(builder.layout.uniform(0.75, 1.0)) * fixtures.DRAWER_WAY)
    return JointMoved("drawer", "drawer", most=0.012)


def _chest(builder: KitchenBuilder, opened: float) -> None:
    at = float(builder.layout.uniform(0.26, 0.34)), float(builder.layout.uniform(-0.03, 0.09))
    fixtures.add_chest(builder, at, opened)


def _open_box(builder: KitchenBuilder) -> Goal:
    _chest(builder, 0.0)
    return JointMoved("lid", "lid", least=1.1)


def _close_box(builder: KitchenBuilder) -> Goal:
    _chest(builder, float(builder.layout.uniform(1.6, 1.75)))
    return JointMoved("lid", "lid", most=0.12)


def _lever(builder: KitchenBuilder) -> Goal:
    at = float(builder.layout.uniform(0.34, 0.40)), float(builder.layout.uniform(-0.05, 0.10))
    fixtures.add_lever(builder, at)
    return JointMoved("lever", "lever", least=1.2)


_ALL = (
    Task("put_carrot_on_plate", "put the carrot on the plate", _carrot_on_plate),
    Task("put_eggplant_in_pot", "put the eggplant in the pot", _eggplant_in_pot),
    Task("put_corn_in_bowl", "put the corn in the bowl", _corn_in_bowl),
    Task("put_spoon_on_towel", "put the spoon on the towel", _spoon_on_towel),
    Task("stack_green_block_on_yellow_block", "stack the green block on the yellow block", _green_on_yellow),
    Task("take_can_out_of_pan", "take the can out of the pan", _can_out_of_pan),
    Task("take_potato_out_of_pot", "take the potato out of the pot", _potato_out_of_pot),
    Task("push_box_onto_mat", "push the box onto the mat", _box_onto_mat),
    Task("flip_cup_upright", "flip the cup upright", _cup_upright),
    Task("open_drawer", "open the drawer", _open_drawer),
    Task("close_drawer", "close the drawer", _close_drawer),
    Task("open_box", "open the lid of the box", _open_box),
    Task("close_box", "close the lid of the box", _close_box),
    Task("turn_lever", "turn the lever to the right", _lever),
)
TASKS: dict[str, Task] = {task.name: task for task in _ALL}


def task_named(name: str) -> Task:
    """Raises CairnError for a name that is not in TASKS."""
    if name not in TASKS:
        raise CairnError(f"there is no task {name!r} in the kitchens; valid: {', '.join(TASKS)}")
    return TASKS[name]
