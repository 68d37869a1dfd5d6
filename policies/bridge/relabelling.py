"""Which actions a policy learns."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Relabelling = Literal["recorded", "reached"]
RELABELLINGS: tuple[Relabelling, ...] = ("recorded", "reached")

OPEN, CLOSED = 0.95, 0.05

Floats = NDArray[np.float64]


def relabelled(actions: Floats, states: Floats, how: Relabelling) -> Floats:
    """The actions of one demonstration as they are to be learnt.

    "recorded": as the demonstrator commanded them.  "reached": what the hand then did, from state to state,
    and the gripper either open or closed (Walke et al. 2023, appendix).

    Args:
        actions: shape (T, 7), NaN where a step has none.
        states: shape (T, 7): x, y, z [m], roll, pitch, yaw [rad], gripper.

    Returns:
        shape (T, 7), NaN where there is nothing to learn; "reached" knows nothing of the last step.
    """
    if how == "recorded":
        return np.array(actions)
    reached = np.full_like(actions, np.nan)
    reached[:-1, :3] = np.diff(states[:, :3], axis=0)
    turned = Rotation.from_euler("xyz", states[:, 3:6])
    # About the axes of the base: the later rotation stands on the left.
    reached[:-1, 3:6] = (turned[1:] * turned[:-1].inv()).as_euler("xyz")
    reached[:, 6] = binarised(actions[:, 6])
    reached[np.isnan(actions).any(axis=1) | np.isnan(reached).any(axis=1)] = np.nan
    return reached


def binarised(gripper: Floats) -> Floats:
    """1 above .95, 0 below .05; what lies between is on its way to what follows.

    Shape (T,), NaNs are passed over.  Where nothing definite follows, the nearer one counts.
    """
    definite = np.where(gripper > OPEN, 1.0, np.where(gripper < CLOSED, 0.0, np.nan))
    result = np.full_like(gripper, np.nan)
    following = np.nan
    for t in range(len(gripper) - 1, -1, -1):
        if np.isnan(gripper[t]):
            continue
        if not np.isnan(definite[t]):
            following = definite[t]
        result[t] = following if not np.isnan(following) else float(gripper[t] > 0.5)
    return result


def is_complete(actions: Floats) -> NDArray[np.bool_]:
    """Which of (T, 7) can be learnt, shape (T,)."""
    return np.asarray(np.isfinite(actions).all(axis=1))
