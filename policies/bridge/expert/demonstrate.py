"""One demonstration, from a kitchen to steps and a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial.transform import Rotation

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeTrajectory
from cairn.episodes.picture import Picture
from cairn.hardware.teleop.hand_speeds import HandSpeeds
from cairn.policies.bridge.expert.handling import Handling
from cairn.policies.bridge.expert.move import Move
from cairn.policies.bridge.expert.person import Person
from cairn.policies.bridge.expert.scripts import Script, script_of

if TYPE_CHECKING:
    from cairn.hardware.sim.kitchens.kitchen_rig import KitchenRig

SIZE = (320, 240)
DONE = "done"
PERIOD = 0.2
"""Of one step [s]: Bridge's 5 Hz."""
_STAY = Move(None, 1.0)
_LONGEST = 130  # steps
_AFTER = 3  # steps that the recording goes on when the script is at its end
_QUALITY = 92


class Demonstration(BridgeTrajectory):
    """What was recorded, and whether it succeeded.

    Attributes:
        succeeded: by physics.
        ending: "done", or what became of it.
    """

    def __init__(self, info: BridgeInfo, steps: list[BridgeStep], succeeded: bool, ending: str) -> None:
        super().__init__(info)
        self._steps = steps
        self.succeeded = succeeded
        self.ending = ending

    def steps(self) -> Iterator[BridgeStep]:
        yield from self._steps


def demonstrate(domain: str, task: str, seed: int, size: tuple[int, int] = SIZE) -> Demonstration:
    """The same for the same arguments.  `size` of the images: width, height [pixels].

    Raises CairnError for kitchens and tasks that do not exist.
    """
    # Only who simulates needs a simulator.
    from cairn.hardware.sim.kitchens.kitchen_rig import KitchenRig
    from cairn.hardware.sim.kitchens.kitchen_simulation import KitchenSimulation
    from cairn.hardware.sim.kitchens.make_kitchen import make_kitchen

    script = script_of(task)
    kitchen = make_kitchen(domain, task, seed)
    simulation = KitchenSimulation(kitchen)
    try:
        rig = KitchenRig(simulation)
        steps, ending = _record(rig, script, crc32(kitchen.name.encode()), size)
    finally:
        simulation.close()
    info = BridgeInfo(
        kitchen.name,
        Path(domain),
        cameras=(0,),
        language=(kitchen.instruction,),
        task=task,
        provenance=f"simulated kitchen {kitchen.name}, scripted expert",
    )
    return Demonstration(info, steps, ending == DONE, ending)


def _record(
    rig: KitchenRig, script: Script, seed: int, size: tuple[int, int]
) -> tuple[list[BridgeStep], str]:
    speeds, simulation = HandSpeeds(), rig.simulation
    person = Person(seed, speeds, PERIOD)
    moves = script(Handling(rig, person.rng))
    move, taken, after, ending = next(moves, _STAY), 0, 0, "not done when the expert was"
    steps: list[BridgeStep] = []
    while len(steps) < _LONGEST and not rig.fault and after < _AFTER:
        arrived = person.left(move, rig.target) <= move.near and taken >= move.steps
        if after == 0 and (arrived or taken >= move.patience):
            move, taken = next(moves, _STAY), 0
        after += move is _STAY
        before, state, picture = rig.target, rig.state, _picture(rig, size)
        stamp = simulation.time
        rig.step(speeds.step(person.hands(move, before), PERIOD), "teleop")
        action = _action(before, rig.target, move.opening)
        steps.append(BridgeStep({0: picture}, state, action, stamp))
        taken += 1
    steps.append(BridgeStep({0: _picture(rig, size)}, rig.state, None, simulation.time))
    if rig.fault:
        ending = f"the gate stopped the arm: {rig.fault}"
    elif simulation.is_done():
        ending = DONE
    elif after < _AFTER:
        ending = f"not done after {_LONGEST} steps"
    return steps, ending


def _action(before: NDArray[np.float64], after: NDArray[np.float64], opening: float) -> NDArray[np.float64]:
    """What the gate took of a step: from target to target, in the limits of Bridge's actions."""
    turned = Rotation.from_matrix(after[:3, :3] @ before[:3, :3].T).as_euler("xyz")
    moved = np.clip(after[:3, 3] - before[:3, 3], -0.05, 0.05)
    return np.concatenate([moved, np.clip(turned, -0.25, 0.25), [opening]])


def _picture(rig: KitchenRig, size: tuple[int, int]) -> Picture:
    stream = BytesIO()
    Image.fromarray(rig.image(size=size)).save(stream, "JPEG", quality=_QUALITY)
    return Picture.compressed(stream.getvalue())
