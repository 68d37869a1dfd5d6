"""The vendor's simulator of the WidowX AI in a process of its own, with hands on it.

As a script it is that process: `trossen_simulator.py ADDRESS [MODEL]`, and each line of its input
is a command: `place J0 .. J5 FINGER` puts the arm somewhere at rest, `fault STATE` is an error of the
controller, `rave` has it say that the first joint stands nowhere.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trossen_arm_sim import WidowXSim


def own_address(index: int = 0) -> str:
    """One of three loopback addresses that no other test process has: the ports are always the same."""
    pid = os.getpid()
    return f"127.{16 + 64 * index + (pid >> 14) % 64}.{(pid >> 7) % 128}.{1 + pid % 128}"


class TrossenSimulator:
    """The process, seen from the tests."""

    def __init__(self, address: str, model: str = "WXAI_V0") -> None:
        self.address = address
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), address, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answered()

    def place(self, positions: Sequence[float], finger: float) -> None:
        """Put the arm at joint positions [rad] and each finger at [m], at rest."""
        self._tell("place", *(f"{value:.6f}" for value in (*positions, finger)))

    def fault(self, state: str) -> None:
        """Have the controller enter an error state."""
        self._tell("fault", state)

    def rave(self) -> None:
        """Have it say of its first joint what is not a number."""
        self._tell("rave")

    def freeze(self) -> None:
        """Fall silent, with the sockets open."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End at once; safe to call twice."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, *words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        self._answered()

    def _answered(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "done\n"


class _Hands:
    """Moves the simulated arm between two steps of physics."""

    def __init__(self, sim: WidowXSim) -> None:
        self._sim = sim
        self._wanted: list[float] | None = None
        sim.add_step_hook(self._step)

    def place(self, values: list[float]) -> None:
        self._wanted = values

    def _step(self) -> None:
        if self._wanted is None:
            return
        data = self._sim.data
        *arm, finger = self._wanted
        names = [f"joint_{index}" for index in range(6)]
        for name, value in zip(
            (*names, "left_carriage_joint", "right_carriage_joint"), (*arm, finger, finger), strict=True
        ):
            data.joint(name).qpos[0] = value
        for name, value in zip((*names, "left_gripper"), self._wanted, strict=True):
            data.actuator(name).ctrl[0] = value
        data.qvel[:] = 0.0
        self._wanted = None


def main() -> None:
    from trossen_arm_sim import TrossenArmSimServer, WidowXSim
    from trossen_arm_sim.protocol import ErrorState, JointOutput, Model

    address, model = sys.argv[1:]
    sim = WidowXSim()
    hands = _Hands(sim)
    server = TrossenArmSimServer(sim, host=address, model=Model[model])
    sim.start()
    server.start()
    print("done", flush=True)
    for line in sys.stdin:
        word, *values = line.split()
        if word == "place":
            hands.place([float(value) for value in values])
        elif word == "rave":
            sim.read_joint_outputs = lambda: [JointOutput(position=nan)] * 7
        else:
            server.fault(ErrorState[values[0]], "told by a test")
        print("done", flush=True)


if __name__ == "__main__":
    main()
