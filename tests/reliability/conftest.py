import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

from gate_rig import GateRig
from measurements import Measurements

from cairn.nodes.realtime import ask_for_realtime

UNSTEADY_MS = 30.0
REPORT = Path(__file__).parents[2] / "build" / "reliability.json"
_MEASUREMENTS = Measurements()


@pytest.fixture(scope="session")
def measured() -> Iterator[Measurements]:
    yield _MEASUREMENTS
    _MEASUREMENTS.write(REPORT)


def worst_wakeup_ms(seconds: float = 0.5) -> float:
    """How late an ordinary 10 ms wait ends at worst, now."""
    worst, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        time.sleep(0.01)
        worst = max(worst, time.monotonic() - began - 0.01)
    return 1000 * worst


@pytest.fixture(autouse=True)
def steady_machine() -> None:
    """Without real-time priority, a machine that is too busy for a 30 Hz camera can judge no gate."""
    if not ask_for_realtime(5) and (late := worst_wakeup_ms()) > UNSTEADY_MS:
        pytest.skip(f"no real-time priority, and this machine wakes up {late:.0f} ms late: it can't judge")


@pytest.fixture
def make_rig() -> Iterator[Callable[..., GateRig]]:
    rigs: list[GateRig] = []

    def make(**parameters: Any) -> GateRig:
        rigs.append(GateRig(**parameters))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., GateRig]) -> GateRig:
    return make_rig()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    table = _MEASUREMENTS.table()
    if table:
        terminalreporter.section(f"reliability, measured (also in {REPORT})")
        for line in table:
            terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(300))
